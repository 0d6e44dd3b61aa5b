// How long an MP3 is, by its first frame: MPEG audio frame header (ISO/IEC 11172-3 §2.4.2.3, 13818-3 for the lower rates),
// the count of frames where the file tells one (Xing, Info), else its size by its bit rate.
import { open } from 'node:fs/promises'

const HEAD_BYTES = 64 * 1024
const ID3_HEAD = 10

const BIT_RATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const BIT_RATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
const SAMPLE_RATES = [44_100, 48_000, 32_000]

interface Frame {
  readonly at: number
  readonly kbits: number
  readonly sampleRate: number
  readonly samples: number
  /** Of the side information that stands before a count of frames. */
  readonly sideBytes: number
}

/** Undefined of what is no MP3. */
export async function readMp3Duration(path: string): Promise<number | undefined> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const id3 = await file.read(Buffer.alloc(ID3_HEAD), 0, ID3_HEAD, 0)
    const start = afterId3(id3.buffer.subarray(0, id3.bytesRead))
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, start)
    return durationOf(buffer.subarray(0, bytesRead), size - start)
  } finally {
    await file.close()
  }
}

/** A tag may hold a picture: its length is four times seven bits (ID3v2 §3.1). */
function afterId3(bytes: Buffer): number {
  if (bytes.length < ID3_HEAD || bytes.toString('latin1', 0, 3) !== 'ID3') return 0
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(6, 10)
  return ID3_HEAD + ((a & 127) << 21) + ((b & 127) << 14) + ((c & 127) << 7) + (d & 127)
}

function durationOf(bytes: Buffer, audioBytes: number): number | undefined {
  for (let at = 0; at + 4 <= bytes.length; at += 1) {
    const frame = frameAt(bytes, at)
    if (frame === undefined) continue
    const frames = toldFrames(bytes, frame)
    if (frames !== undefined) return Math.round((frames * frame.samples * 1000) / frame.sampleRate)
    // Kilobits a second are bits a millisecond.
    return Math.round(((audioBytes - at) * 8) / frame.kbits)
  }
  return undefined
}

/** Layer III alone. */
function frameAt(bytes: Buffer, at: number): Frame | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4)
  const version = (second >> 3) & 3
  if (first !== 0xff || (second & 0xe0) !== 0xe0 || ((second >> 1) & 3) !== 1 || version === 1)
    return undefined
  const isFirst = version === 3
  const kbits = (isFirst ? BIT_RATES_1 : BIT_RATES_2)[third >> 4] ?? 0
  const full = SAMPLE_RATES[(third >> 2) & 3]
  if (kbits === 0 || full === undefined) return undefined
  const sampleRate = isFirst ? full : version === 2 ? full / 2 : full / 4
  const isMono = fourth >> 6 === 3
  const sideBytes = isFirst ? (isMono ? 17 : 32) : isMono ? 9 : 17
  return { at, kbits, sampleRate, samples: isFirst ? 1152 : 576, sideBytes }
}

function toldFrames(bytes: Buffer, { at, sideBytes }: Frame): number | undefined {
  const tag = at + 4 + sideBytes
  if (tag + 12 > bytes.length) return undefined
  const name = bytes.toString('latin1', tag, tag + 4)
  const hasFrames = (bytes.readUInt32BE(tag + 4) & 1) === 1
  return (name === 'Xing' || name === 'Info') && hasFrames ? bytes.readUInt32BE(tag + 8) : undefined
}
