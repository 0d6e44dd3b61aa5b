// What a sound is by its content, and how long: WAV (RIFF) exactly, MP3 by the bit rate of its first frame.

export interface SoundShape {
  readonly kind: 'wav' | 'mp3' | 'other'
  readonly seconds: number
}

const OTHERS: readonly (readonly [number, string])[] = [
  [0, 'fLaC'],
  [0, 'OggS'],
  [4, 'ftyp'],
]
/** MPEG-1 and MPEG-2 layer III, kbit/s by the index of the header. */
const BIT_RATES = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const

/** Undefined: it is no sound that is known. */
export function soundShape(bytes: Buffer): SoundShape | undefined {
  const textAt = (at: number): string => bytes.toString('latin1', at, at + 4)
  if (textAt(0) === 'RIFF' && textAt(8) === 'WAVE') return wavShape(bytes)
  if (OTHERS.some(([at, text]) => textAt(at) === text)) return { kind: 'other', seconds: 3 }
  return mp3Shape(bytes)
}

function wavShape(bytes: Buffer): SoundShape | undefined {
  let bytesPerSecond = 0
  for (let at = 12; at + 8 <= bytes.length;) {
    const [name, size] = [bytes.toString('latin1', at, at + 4), bytes.readUInt32LE(at + 4)]
    if (name === 'fmt ' && at + 20 <= bytes.length) bytesPerSecond = bytes.readUInt32LE(at + 16)
    if (name === 'data' && bytesPerSecond > 0) {
      const length = Math.min(size, bytes.length - at - 8)
      return { kind: 'wav', seconds: length / bytesPerSecond }
    }
    at += 8 + size + (size % 2)
  }
  return undefined
}

function mp3Shape(bytes: Buffer): SoundShape | undefined {
  const at = bytes.toString('latin1', 0, 3) === 'ID3' ? 10 + synchsafe(bytes) : 0
  if (bytes.length < at + 4 || bytes.readUInt16BE(at) < 0xffe0) return undefined
  const version = (bytes.readUInt8(at + 1) >> 3) & 3
  const kilobits = BIT_RATES[version === 3 ? 1 : 2][bytes.readUInt8(at + 2) >> 4] ?? 0
  return kilobits === 0
    ? undefined
    : { kind: 'mp3', seconds: ((bytes.length - at) * 8) / (kilobits * 1000) }
}

/** Length of an ID3v2 tag: seven bits of each byte. */
const synchsafe = (bytes: Buffer): number =>
  [6, 7, 8, 9].reduce((sum, at) => sum * 128 + ((bytes[at] ?? 0) & 0x7f), 0)
