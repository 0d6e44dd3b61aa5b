// A stereo recording as REST gives it: 16-bit WAV at 8 kHz, each side brought back to the bytes that were on the line.
import { TELEPHONE_RATE } from '#core/contracts'
import { encodeUlaw } from '#simulators/carrier'

export interface RecordingFacts {
  readonly channels: number
  readonly durationMs: number
  /** µ-law. */
  readonly left: Buffer
  readonly right: Buffer
}

const PCM = 1
const BYTES_PER_SAMPLE = 2

/** @throws saying what is wrong with it */
export function decodeRecording(file: Buffer): RecordingFacts {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    throw new Error('the recording is no WAV')
  const format = chunkOf(file, 'fmt ')
  const data = chunkOf(file, 'data')
  const channels = format.readUInt16LE(2)
  const rate = format.readUInt32LE(4)
  if (format.readUInt16LE(0) !== PCM || format.readUInt16LE(14) !== 16 || rate !== TELEPHONE_RATE)
    throw new Error('the recording is not 16-bit PCM at 8 kHz')
  const frameBytes = channels * BYTES_PER_SAMPLE
  const frames = Math.floor(data.length / frameBytes)
  const side = (channel: number): Buffer =>
    Buffer.from(
      Uint8Array.from({ length: frames }, (_, frame) =>
        encodeUlaw(data.readInt16LE(frame * frameBytes + channel * BYTES_PER_SAMPLE)),
      ),
    )
  const left = side(0)
  return {
    channels,
    durationMs: (frames / rate) * 1000,
    left,
    right: channels > 1 ? side(1) : left,
  }
}

/** RIFF chunks stand one after the other, each at an even place. */
function chunkOf(file: Buffer, name: string): Buffer {
  for (let at = 12; at + 8 <= file.length;) {
    const length = file.readUInt32LE(at + 4)
    const body = file.subarray(at + 8, at + 8 + length)
    if (file.toString('latin1', at, at + 4) === name) return body
    at += 8 + length + (length % 2)
  }
  throw new Error(`the recording has no chunk ${name.trim()}`)
}
