// Marks in the audio itself, so that a frame is known again at the other end of whatever lies between: three bytes that
// no speech of ours has, and a count of 24 bits. Six bytes are eight base64 characters, so a mark at the start of a
// message is read without decoding the rest.

export const MARK_BYTES = 6
const MARK_CHARS = 8
const MAGIC = [0x2a, 0x55, 0x13] as const
const MAGIC_CHARS = Buffer.from(MAGIC).toString('base64')
const COUNT_BITS = 0xffffff
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const MAGIC_CODES = Buffer.from(MAGIC_CHARS, 'latin1')
const VALUES = new Int16Array(256).fill(-1)
for (let index = 0; index < ALPHABET.length; index += 1) VALUES[ALPHABET.charCodeAt(index)] = index

export function writeMark(target: Uint8Array, offset: number, count: number): void {
  target[offset] = MAGIC[0]
  target[offset + 1] = MAGIC[1]
  target[offset + 2] = MAGIC[2]
  target[offset + 3] = count >>> 16
  target[offset + 4] = count >>> 8
  target[offset + 5] = count
}

/** The count, or -1 when there is no mark. */
export function readMark(bytes: Uint8Array, offset: number): number {
  if (bytes[offset] !== MAGIC[0] || bytes[offset + 1] !== MAGIC[1]) return -1
  if (bytes[offset + 2] !== MAGIC[2] || bytes.length < offset + MARK_BYTES) return -1
  return (
    ((bytes[offset + 3] ?? 0) << 16) | ((bytes[offset + 4] ?? 0) << 8) | (bytes[offset + 5] ?? 0)
  )
}

/** The same mark as base64 text. */
export function markText(count: number): string {
  const bits = count & COUNT_BITS
  return (
    MAGIC_CHARS +
    (ALPHABET[bits >>> 18] ?? '') +
    (ALPHABET[(bits >>> 12) & 63] ?? '') +
    (ALPHABET[(bits >>> 6) & 63] ?? '') +
    (ALPHABET[bits & 63] ?? '')
  )
}

/** A mark written in base64 at that byte of a text frame; -1 when there is none. */
export function readMarkText(text: Uint8Array, offset: number): number {
  if (text.length < offset + MARK_CHARS) return -1
  for (let at = 0; at < 4; at += 1) if (text[offset + at] !== MAGIC_CODES[at]) return -1
  let count = 0
  for (let at = 4; at < MARK_CHARS; at += 1)
    count = (count << 6) | (VALUES[text[offset + at] ?? 0] ?? 0)
  return count
}
