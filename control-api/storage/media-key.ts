// Names of things in the media store: a path of plain segments, the same for a disk and for S3. The extension says what
// it is, so that a disk need keep no types.
const SEGMENTS = /^[a-z0-9_-][a-z0-9_.-]*(\/[a-z0-9_-][a-z0-9_.-]*)*$/
const MAX_LENGTH = 255

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  avi: 'video/x-msvideo',
  mkv: 'video/x-matroska',
  webm: 'video/webm',
  jpg: 'image/jpeg',
  png: 'image/png',
  json: 'application/json',
}

/** No segment begins with a dot: none leads elsewhere, and the store has names of its own. */
export const isMediaKey = (key: string): boolean => key.length <= MAX_LENGTH && SEGMENTS.test(key)

/** What a key of this name holds. */
export function contentTypeOf(key: string): string {
  const extension = key.slice(key.lastIndexOf('.') + 1)
  return CONTENT_TYPES[extension] ?? 'application/octet-stream'
}
