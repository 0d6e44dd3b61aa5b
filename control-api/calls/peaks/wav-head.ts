// The head of a recording as bridge writes it: RIFF/WAVE, 16-bit linear PCM, two channels (Multimedia Programming
// Interface and Data Specifications 1.0, IBM and Microsoft, August 1991, §3).

export type WavHead =
  | {
      readonly kind: 'stereo'
      readonly sampleRate: number
      /** Where the audio begins. */
      readonly dataAt: number
      readonly dataBytes: number
    }
  /** It does not end in these bytes. */
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'foreign' }

/** Ours have 44 bytes; other programs put texts before the audio. */
export const MOST_HEAD_BYTES = 4096
export const BYTES_PER_PAIR = 4

const CHUNK_HEAD = 8
const PCM = 1
const FOREIGN: WavHead = { kind: 'foreign' }
const UNFINISHED: WavHead = { kind: 'unfinished' }

export function decodeWavHead(bytes: Buffer): WavHead {
  if (bytes.length < 12) return UNFINISHED
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE')
    return FOREIGN
  let sampleRate = 0
  for (let at = 12; at + CHUNK_HEAD <= MOST_HEAD_BYTES;) {
    if (at + CHUNK_HEAD > bytes.length) return UNFINISHED
    const name = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    const dataAt = at + CHUNK_HEAD
    if (name === 'data')
      return sampleRate === 0 ? FOREIGN : { kind: 'stereo', sampleRate, dataAt, dataBytes: size }
    if (name === 'fmt ') {
      if (dataAt + 16 > bytes.length) return UNFINISHED
      sampleRate = rateOf(bytes, dataAt, size)
      if (sampleRate === 0) return FOREIGN
    }
    // Chunks begin at even places.
    at = dataAt + size + (size % 2)
  }
  return FOREIGN
}

/** 0 of what is not 16-bit stereo PCM. */
function rateOf(bytes: Buffer, at: number, size: number): number {
  const isOurs =
    size >= 16 &&
    bytes.readUInt16LE(at) === PCM &&
    bytes.readUInt16LE(at + 2) === 2 &&
    bytes.readUInt16LE(at + 12) === BYTES_PER_PAIR &&
    bytes.readUInt16LE(at + 14) === 16
  return isOurs ? bytes.readUInt32LE(at + 4) : 0
}
