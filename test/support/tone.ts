// Proof of audio: makes tones, finds their frequency and level again (Goertzel), and measures holes.
import { decodeUlaw, encodeUlaw } from '../../bridge/audio/g711.ts'

const RATE = 8000
/** Half of full scale, so that nothing clips. */
const AMPLITUDE = 16_000

/** A µ-law tone; frequencies that fit the frame (multiples of 50 Hz) join without a click. */
export function toneUlaw(hz: number, milliseconds: number, amplitude = AMPLITUDE): Uint8Array {
  const samples = Int16Array.from({ length: (milliseconds * RATE) / 1000 }, (_, at) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * at) / RATE)),
  )
  return encodeUlaw(samples)
}

/** Power of one frequency (Goertzel), as the amplitude of a sine in sample units. */
export function amplitudeAt(samples: Int16Array, hz: number): number {
  const turn = (2 * Math.PI * hz) / RATE
  const coefficient = 2 * Math.cos(turn)
  let previous = 0
  let beforeThat = 0
  for (const sample of samples) {
    const current = sample + coefficient * previous - beforeThat
    beforeThat = previous
    previous = current
  }
  const power = previous ** 2 + beforeThat ** 2 - coefficient * previous * beforeThat
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length
}

export interface ToneFound {
  /** The strongest of the frequencies 100 to 3900 Hz in steps of 20. */
  readonly hz: number
  /** Against the amplitude `toneUlaw` makes. */
  readonly levelDb: number
}

/** What tone the µ-law audio carries. */
export function findTone(ulaw: Uint8Array, amplitude = AMPLITUDE): ToneFound {
  const samples = decodeUlaw(ulaw)
  let hz = 0
  let strongest = 0
  for (let candidate = 100; candidate <= 3900; candidate += 20) {
    const found = amplitudeAt(samples, candidate)
    if (found > strongest) {
      strongest = found
      hz = candidate
    }
  }
  return { hz, levelDb: 20 * Math.log10(strongest / amplitude) }
}

/** First and last sample louder than a hundredth of full scale; the audio between them. */
export function soundingPart(ulaw: Uint8Array): Uint8Array {
  const samples = decodeUlaw(ulaw)
  const first = samples.findIndex(isLoud)
  return first < 0 ? ulaw.subarray(0, 0) : ulaw.subarray(first, samples.findLastIndex(isLoud) + 1)
}

/** The longest run of quiet inside the audio, in milliseconds. */
export function longestGapMs(ulaw: Uint8Array): number {
  let longest = 0
  let run = 0
  for (const sample of decodeUlaw(ulaw)) {
    run = isLoud(sample) ? 0 : run + 1
    longest = Math.max(longest, run)
  }
  return (longest * 1000) / RATE
}

const isLoud = (sample: number): boolean => Math.abs(sample) > 327
