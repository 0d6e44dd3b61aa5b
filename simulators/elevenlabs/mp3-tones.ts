// Tones as MPEG-1 layer III (ISO/IEC 11172-3 §2.4): sound that any player plays, made without an encoder. One line of the
// spectrum a granule, written in the part of small values ("count1"); 128 kbit/s, 44.1 kHz, mono.

export interface Mp3Tone {
  /** 0: silence. */
  readonly hz: number
  readonly lengthMs: number
}

/** Sync, MPEG-1 layer III without CRC; 128 kbit/s, 44.1 kHz, no padding; mono. */
const HEADER = Buffer.from([0xff, 0xfb, 0x90, 0xc4])
/** 144 · 128000 / 44100. */
const FRAME_BYTES = 417
const SAMPLE_RATE = 44_100
const FRAME_SAMPLES = 1152
const GRANULES = 2
const GRANULE_LINES = 576
/** About −20 dB: 210 stands for 1, each 4 less for half of it. */
const GLOBAL_GAIN = 198
/** Table B: four values in four bits, inverted; then a sign for each that is 1. */
const ZEROES = '1111'

export function mp3Tones(tones: readonly Mp3Tone[]): Buffer {
  const frames: Buffer[] = []
  let endsAt = 0
  let granule = 0
  for (const { hz, lengthMs } of tones) {
    endsAt += (lengthMs * SAMPLE_RATE) / 1000
    while (frames.length * FRAME_SAMPLES < endsAt) {
      frames.push(frameOf(hz, granule))
      granule += GRANULES
    }
  }
  return Buffer.concat(frames.length === 0 ? [frameOf(0, 0)] : frames)
}

function frameOf(hz: number, granule: number): Buffer {
  const spectra = Array.from({ length: GRANULES }, (_, at) => spectrumOf(hz, granule + at))
  // main_data_begin, private bits, scale factors of their own.
  const head = '0'.repeat(9 + 5 + 4)
  const bits = `${head}${spectra.map(sideOf).join('')}${spectra.join('')}`
  const frame = Buffer.alloc(FRAME_BYTES)
  HEADER.copy(frame)
  for (let at = 0; at < bits.length; at += 8)
    frame[HEADER.length + at / 8] = Number.parseInt(bits.slice(at, at + 8).padEnd(8, '0'), 2)
  return frame
}

/** Nothing but small values, from the lowest line to the one that sounds. */
function spectrumOf(hz: number, granule: number): string {
  if (hz <= 0) return ''
  const line = Math.min(GRANULE_LINES - 1, Math.floor((hz * 2 * GRANULE_LINES) / SAMPLE_RATE))
  const only = 0b1111 ^ (0b1000 >> (line % 4))
  const sounding = only.toString(2).padStart(4, '0')
  return `${ZEROES.repeat(line >> 2)}${sounding}${signOf(line, granule)}`
}

/** A steady sine in the middle of a line advances by (line + ½)·π a granule. */
const signOf = (line: number, granule: number): string =>
  Math.cos(Math.PI / 4 + granule * (line + 0.5) * Math.PI) < 0 ? '1' : '0'

/** part2_3_length, big_values, global_gain, scalefac_compress … count1table_select (B). */
const sideOf = (spectrum: string): string =>
  [
    [spectrum.length, 12],
    [0, 9],
    [spectrum === '' ? 0 : GLOBAL_GAIN, 8],
    [0, 4 + 1 + 15 + 7 + 1 + 1],
    [1, 1],
  ]
    .map(([value = 0, width = 0]) => value.toString(2).padStart(width, '0'))
    .join('')

export const mp3Silence = (seconds: number): Buffer =>
  mp3Tones([{ hz: 0, lengthMs: seconds * 1000 }])
