// A file that came becomes a photo or a video that is kept: examined, previewed, stored, and only then in the database.
// Of one that is refused, or fails on its way, nothing is left.
import { rm } from 'node:fs/promises'
import type { StoredMedia } from '#core/contracts'
import { contentTypeOf } from '../../storage/media-key.ts'
import { mediaKey, newMediaId } from '../media-keys.ts'
import type { VideoFault } from '../video/video-facts.ts'
import { workFile } from '../work-folder.ts'
import { announceMedia, type LibraryParts } from './library-parts.ts'
import type { AddedPhoto, MediaItemRow, NewPhoto } from './media-library.ts'

export type NewVideo = Pick<NewPhoto, 'path' | 'memorialId' | 'originalName' | 'createdBy'>
export type AddedVideo =
  | { readonly kind: 'added'; readonly item: MediaItemRow }
  | { readonly kind: 'bad'; readonly fault: VideoFault }

/** @throws AppError `STORAGE_UNAVAILABLE`, `MEDIA_BUSY` */
export async function addPhoto(
  parts: LibraryParts,
  photo: NewPhoto,
  signal: AbortSignal,
): Promise<AddedPhoto> {
  const made = workFile(parts.workFolder, 'upload-')
  const preview = workFile(parts.workFolder, 'upload-')
  try {
    const normalised = await parts.photos.normalise(photo.path, made, signal)
    if (normalised.kind === 'bad') return normalised
    const { facts } = normalised
    await parts.photos.preview(made, preview, signal)
    const described: Described = {
      kind: 'photo',
      origin: photo.origin,
      width: facts.width,
      height: facts.height,
      duration_ms: null,
      facts: JSON.stringify(facts),
    }
    const examined = { from: photo, made, preview, ending: 'jpg', described }
    return { kind: 'added', item: await keep(parts, examined, signal) }
  } finally {
    await removeAll([photo.path, made, preview])
  }
}

/** @throws AppError `VIDEO_TOOLS_MISSING`, `STORAGE_UNAVAILABLE`, `MEDIA_BUSY`, `MEDIA_DAMAGED` */
export async function addVideo(
  parts: LibraryParts,
  upload: NewVideo,
  signal: AbortSignal,
): Promise<AddedVideo> {
  const preview = workFile(parts.workFolder, 'upload-')
  try {
    const checked = await parts.video.check(upload.path, signal)
    if (checked.kind === 'bad') return checked
    const { facts } = checked
    await parts.video.preview(upload.path, preview, signal)
    const described: Described = {
      kind: 'video',
      origin: 'upload',
      width: facts.width,
      height: facts.height,
      duration_ms: facts.durationMs,
      facts: JSON.stringify(facts),
    }
    const examined = {
      from: upload,
      made: upload.path,
      preview,
      ending: facts.container,
      described,
    }
    return { kind: 'added', item: await keep(parts, examined, signal) }
  } finally {
    await removeAll([upload.path, preview])
  }
}

type Described = Pick<
  MediaItemRow,
  'kind' | 'origin' | 'width' | 'height' | 'duration_ms' | 'facts'
>

interface Examined {
  readonly from: Pick<NewPhoto, 'memorialId' | 'originalName' | 'createdBy'>
  /** Of this machine. */
  readonly made: string
  readonly preview: string
  readonly ending: string
  readonly described: Described
}

async function keep(
  parts: LibraryParts,
  examined: Examined,
  signal: AbortSignal,
): Promise<MediaItemRow> {
  const { audit, database, items } = parts
  const { createdBy } = examined.from
  const mediaId = newMediaId()
  signal.throwIfAborted()
  const stored = await store(parts, mediaId, examined)
  const item = itemOf(examined, { mediaId, at: parts.clock.now(), stored })
  const { kind, origin } = examined.described
  const noted = audit.noted({ keyId: createdBy }, 'media.uploaded', mediaId, { kind })
  try {
    signal.throwIfAborted()
    // What is fetched for an animation is in the audit of that.
    await database.write([items.added(item), ...(origin === 'upload' ? [noted] : [])])
  } catch (error) {
    await forgetUnlessKept(parts, item)
    throw error
  }
  const row: MediaItemRow = { ...NO_WEB, ...item, state: 'ready' }
  announceMedia(parts, row)
  return row
}

/** A write that failed may have been done all the same. */
async function forgetUnlessKept(
  parts: LibraryParts,
  { media_id: mediaId, key, preview_key: previewKey }: AddedItem,
): Promise<void> {
  const isKept = await parts.items.find(mediaId).then(
    (found) => found !== undefined,
    () => true,
  )
  if (!isKept) await forget(parts, [key, previewKey])
}

interface StoredFiles {
  readonly file: StoredMedia
  readonly preview: StoredMedia
}

const itemOf = (
  { described, from }: Examined,
  {
    mediaId,
    at,
    stored,
  }: { readonly mediaId: string; readonly at: number; readonly stored: StoredFiles },
) => ({
  ...described,
  media_id: mediaId,
  memorial_id: from.memorialId,
  task_id: null,
  original_name: from.originalName,
  content_type: stored.file.contentType,
  key: stored.file.key,
  bytes: stored.file.bytes,
  sha256: stored.file.sha256,
  preview_key: stored.preview.key,
  created_by: from.createdBy,
  created_at: at,
  updated_at: at,
})
type AddedItem = ReturnType<typeof itemOf>

const NO_WEB = {
  web_key: null,
  web_bytes: null,
  web_sha256: null,
  transcode_state: null,
  transcode_progress: null,
  transcode_error: null,
} as const

async function store(
  parts: LibraryParts,
  mediaId: string,
  { made, preview, ending }: Examined,
): Promise<StoredFiles> {
  const { mediaStore } = parts
  const key = mediaKey(mediaId, ending)
  const previewKey = mediaKey(mediaId, 'preview.jpg')
  const file = await mediaStore.putFile(key, made, contentTypeOf(key))
  try {
    const shown = await mediaStore.putFile(previewKey, preview, contentTypeOf(previewKey))
    return { file, preview: shown }
  } catch (error) {
    await forget(parts, [key])
    throw error
  }
}

/** What no row names is swept later, where this fails as well. */
export async function forget(
  { mediaStore, logger }: Pick<LibraryParts, 'mediaStore' | 'logger'>,
  keys: readonly string[],
): Promise<void> {
  for (const key of keys) {
    await mediaStore.delete(key).catch((err: unknown) => {
      logger.warn({ err }, 'a file of media could not be deleted')
    })
  }
}

const removeAll = async (paths: readonly string[]): Promise<void> => {
  for (const path of paths) await rm(path, { force: true })
}
