// WAV files as prompts come in: RIFF with `fmt ` and `data` chunks (Multimedia Programming Interface and Data
// Specifications 1.0, §3; format tags of RFC 2361; WAVE_FORMAT_EXTENSIBLE of ksmedia.h). Reading makes views.

export type WavEncoding = 'pcm-16' | 'PCMU' | 'PCMA'

export interface WavAudio {
  readonly kind: 'wav'
  readonly encoding: WavEncoding
  readonly channels: 1 | 2
  readonly rateHz: number
  /** Whole frames, a view into the file. */
  readonly data: Uint8Array
}

/** What is wrong with a file, in words that follow its name. */
export interface UnreadableWav {
  readonly kind: 'unreadable'
  readonly fault: string
}

const TAG_PCM = 1
const TAG_ALAW = 6
const TAG_ULAW = 7
const TAG_EXTENSIBLE = 0xfffe
const CHUNK_HEADER_BYTES = 8
const RIFF_HEADER_BYTES = 12
const FMT_BYTES = 16
/** Where the extensible form keeps the true format tag: the first two bytes of its sub-format. */
const SUB_FORMAT = 24

export function decodeWav(file: Uint8Array): WavAudio | UnreadableWav {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (textAt(file, 0) !== 'RIFF' || textAt(file, 8) !== 'WAVE') return unreadable('is no WAV file')
  let format: WavFormat | null = null
  let at = RIFF_HEADER_BYTES
  while (at + CHUNK_HEADER_BYTES <= file.length) {
    const name = textAt(file, at)
    const start = at + CHUNK_HEADER_BYTES
    const size = view.getUint32(at + 4, true)
    if (name === 'fmt ') {
      const read = decodeFormat(view, start, size)
      if (read.kind === 'unreadable') return read
      format = read
    }
    if (name === 'data') {
      if (format === null) return unreadable('has no format before its audio')
      // A recorder that crashed, or wrote to a pipe, left a length of 0 or more than there is.
      const end = size === 0 ? file.length : Math.min(file.length, start + size)
      return { ...format, kind: 'wav', data: wholeFrames(file.subarray(start, end), format) }
    }
    // Chunks begin at even offsets.
    at = start + size + (size % 2)
  }
  return unreadable('has no audio in it')
}

/** Bytes of one sample of each channel. */
export const frameBytesOf = ({ encoding, channels }: Omit<WavFormat, 'kind'>): number =>
  channels * (encoding === 'pcm-16' ? 2 : 1)

interface WavFormat {
  readonly kind: 'format'
  readonly encoding: WavEncoding
  readonly channels: 1 | 2
  readonly rateHz: number
}

function decodeFormat(view: DataView, start: number, size: number): WavFormat | UnreadableWav {
  if (size < FMT_BYTES || start + size > view.byteLength) return unreadable('has a damaged format')
  const tag = view.getUint16(start, true)
  const isExtended = tag === TAG_EXTENSIBLE && size >= SUB_FORMAT + 2
  const encoding = encodingOf(
    isExtended ? view.getUint16(start + SUB_FORMAT, true) : tag,
    view.getUint16(start + 14, true),
  )
  if (encoding === null) return unreadable('is neither 16-bit PCM nor G.711')
  const channels = view.getUint16(start + 2, true)
  if (channels !== 1 && channels !== 2) return unreadable(`has ${channels} channels, not 1 or 2`)
  return { kind: 'format', encoding, channels, rateHz: view.getUint32(start + 4, true) }
}

function encodingOf(tag: number, bits: number): WavEncoding | null {
  if (tag === TAG_PCM && bits === 16) return 'pcm-16'
  if (tag === TAG_ULAW && bits === 8) return 'PCMU'
  return tag === TAG_ALAW && bits === 8 ? 'PCMA' : null
}

function wholeFrames(data: Uint8Array, format: WavFormat): Uint8Array {
  return data.subarray(0, data.length - (data.length % frameBytesOf(format)))
}

const unreadable = (fault: string): UnreadableWav => ({ kind: 'unreadable', fault })

const textAt = (file: Uint8Array, at: number): string =>
  String.fromCharCode(...file.subarray(at, at + 4))
