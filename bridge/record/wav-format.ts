// The head of our recordings: RIFF/WAVE, 16-bit linear PCM, stereo, 8000 Hz (Multimedia Programming Interface and Data
// Specifications 1.0, IBM and Microsoft, August 1991, §3). Always 44 bytes, so that it can be rewritten in place.
import { TELEPHONE_RATE } from '#core/contracts'

export const WAV_HEADER_BYTES = 44
/** One sample of both sides: caller left, agent right. */
export const BYTES_PER_SAMPLE_PAIR = 4
/** RIFF sizes are 32 bits wide, and count all but the first eight bytes of the file. */
export const MAX_WAV_BYTES = 0xffff_ffff

const BYTES_PER_SIDE = BYTES_PER_SAMPLE_PAIR / 2
const SIDES = 2
const PCM = 1

/** The head of a file with so many bytes of audio. */
export function wavHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + dataBytes, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(PCM, 20)
  header.writeUInt16LE(SIDES, 22)
  header.writeUInt32LE(TELEPHONE_RATE, 24)
  header.writeUInt32LE(TELEPHONE_RATE * BYTES_PER_SAMPLE_PAIR, 28)
  header.writeUInt16LE(BYTES_PER_SAMPLE_PAIR, 32)
  header.writeUInt16LE(BYTES_PER_SIDE * 8, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(dataBytes, 40)
  return header
}

export const durationMsOf = (dataBytes: number): number =>
  (dataBytes / BYTES_PER_SAMPLE_PAIR / TELEPHONE_RATE) * 1000
