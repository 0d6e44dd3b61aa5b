// The size of a JPEG (ITU T.81, annex B) or PNG (RFC 2083) by its content, whatever its name says.

export interface PictureShape {
  readonly kind: 'jpeg' | 'png'
  readonly width: number
  readonly height: number
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Undefined: it is neither. */
export function pictureShape(bytes: Buffer): PictureShape | undefined {
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE) && bytes.length >= 24)
    return { kind: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
  return bytes.subarray(0, 3).toString('hex') === 'ffd8ff' ? jpegShape(bytes) : undefined
}

/** Start of frame: C0 to CF, without DHT, JPG and DAC. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

function jpegShape(bytes: Buffer): PictureShape | undefined {
  let at = 2
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return undefined
    const marker = bytes[at + 1] ?? 0
    // A fill byte.
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (isFrame(marker))
      return { kind: 'jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}
