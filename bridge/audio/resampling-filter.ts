// The low-pass between two sample rates, one of which is the telephone's: a Kaiser-windowed sinc (Kaiser 1974;
// Oppenheim and Schafer, Discrete-Time Signal Processing, §7.5.3) cut into one short filter for each phase.
import { TELEPHONE_RATE } from '#core/contracts'

/**
 * Half the filter's length, in telephone samples: what is heard is 2 ms late. With the window below the stopband begins
 * 600 Hz above half the telephone rate: a tone of 3.4 kHz passes, its image at 4.6 kHz does not.
 */
export const HALF_WIDTH = 16
/** Kaiser's shape for 72 dB: β = 0.1102 (A − 8.7). */
const BETA = 0.1102 * (72 - 8.7)

export interface ResamplingFilter {
  readonly fromHz: number
  readonly toHz: number
  /** Output samples for each `step` input samples, in lowest terms. */
  readonly phases: number
  readonly step: number
  /** How many input samples an output hears. */
  readonly span: number
  /** Every how manieth of them is used: each second at 2:1, where the others are zero but the middle one. */
  readonly stride: number
  /** Coefficients of one phase; a multiple of four, for the loop that uses them. */
  readonly taps: number
  /** Phase after phase, each from the oldest input sample to the newest. */
  readonly coefficients: Float64Array
  /** The middle one, counted from the oldest, and its share where the stride passes it over. */
  readonly middle: number
  readonly middleShare: number
  /** Upwards an output of phase 0 is the middle sample itself: all other coefficients are zero. */
  readonly copies: boolean
}

const designed = new Map<string, ResamplingFilter>()

/** The filter of a pair of rates: designed once, shared by all calls. */
export function resamplingFilter(fromHz: number, toHz: number): ResamplingFilter {
  const key = `${fromHz}:${toHz}`
  const known = designed.get(key)
  if (known !== undefined) return known
  const filter = design(fromHz, toHz)
  designed.set(key, filter)
  return filter
}

function design(fromHz: number, toHz: number): ResamplingFilter {
  if (Math.min(fromHz, toHz) !== TELEPHONE_RATE) {
    throw new RangeError(`one rate is the telephone's: ${fromHz} to ${toHz} Hz`)
  }
  const divisor = greatestCommonDivisor(fromHz, toHz)
  const phases = toHz / divisor
  const step = fromHz / divisor
  // The window is HALF_WIDTH telephone samples wide at whatever rate the input comes.
  const centre = (HALF_WIDTH * fromHz) / TELEPHONE_RATE
  const span = 4 * Math.ceil((2 * centre) / 4)
  const all = new Float64Array(phases * span)
  for (let phase = 0; phase < phases; phase += 1) {
    designPhase(all.subarray(phase * span, (phase + 1) * span), phase / phases, centre)
  }
  const stride = fromHz === 2 * toHz ? 2 : 1
  const middle = span - 1 - Math.round(centre)
  return {
    fromHz,
    toHz,
    phases,
    step,
    span,
    stride,
    taps: span / stride,
    coefficients: all.filter((_, at) => at % stride === 0),
    middle,
    middleShare: stride === 1 ? 0 : (all[middle] ?? 0),
    copies: fromHz < toHz,
  }
}

/** An output `fraction` of a sample after the newest input sample, less the delay of `centre` samples. */
function designPhase(coefficients: Float64Array, fraction: number, centre: number): void {
  const newest = coefficients.length - 1
  let sum = 0
  for (let at = 0; at <= newest; at += 1) {
    const age = newest - at + fraction
    const fromCentre = ((age - centre) / centre) * HALF_WIDTH
    const value = sinc(fromCentre) * kaiser(fromCentre / HALF_WIDTH)
    coefficients[at] = value
    sum += value
  }
  // Each phase passes a constant as it is: unequal sums would whistle at the phases' rate.
  for (let at = 0; at <= newest; at += 1) coefficients[at] = (coefficients[at] ?? 0) / sum
}

function sinc(x: number): number {
  if (x === 0) return 1
  // Exactly zero where it should be: at whole numbers of telephone samples.
  return Number.isInteger(x) ? 0 : Math.sin(Math.PI * x) / (Math.PI * x)
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel0(BETA * Math.sqrt(1 - x * x)) / bessel0(BETA)
}

/** Modified Bessel function of the first kind, order zero, by its series. */
function bessel0(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-16; k += 1) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other)
}
