// Sample rates, by a windowed sinc (Kaiser): passes up to 0.435 of the lower rate, −80 dB from 0.515 of it on, so that
// no image of telephone speech is heard. Apart from production's resampler, so that the two judge each other.

/** Zero crossings of the lower rate on either side. */
const HALF_WIDTH = 32
/** About −80 dB. */
const KAISER_BETA = 8
/** The middle of the transition, in parts of the lower rate. */
const CUTOFF = 0.475

interface Kernel {
  /** Output samples for every `down` input samples. */
  readonly up: number
  readonly down: number
  /** Input samples on either side of an output sample. */
  readonly half: number
  /** `up` phases of 2·half taps. */
  readonly taps: Float32Array
}

/** A stream of 16-bit samples at another rate. Sample n of the output stands at the time of n·from/to of the input. */
export class SincResampler {
  readonly #kernel: Kernel
  #kept: Float32Array
  /** Where in the input `#kept` begins. */
  #keptFrom: number
  #written = 0

  constructor(fromHz: number, toHz: number) {
    this.#kernel = kernelFor(fromHz, toHz)
    // Silence before the first sample.
    this.#kept = new Float32Array(this.#kernel.half)
    this.#keptFrom = -this.#kernel.half
  }

  push(samples: ArrayLike<number>): Int16Array {
    const { up, down, half } = this.#kernel
    const input = new Float32Array(this.#kept.length + samples.length)
    input.set(this.#kept)
    input.set(samples, this.#kept.length)
    const end = this.#keptFrom + input.length
    const output: number[] = []
    for (;;) {
      const centre = Math.floor((this.#written * down) / up)
      if (centre + half >= end) break
      output.push(this.#at(input, centre))
      this.#written += 1
    }
    const needed = Math.floor((this.#written * down) / up) - half + 1
    const unneeded = Math.max(0, Math.min(input.length, needed - this.#keptFrom))
    this.#kept = input.slice(unneeded)
    this.#keptFrom += unneeded
    return Int16Array.from(output)
  }

  /** What the silence after the last sample brings out. */
  flush(): Int16Array {
    return this.push(new Float32Array(this.#kernel.half))
  }

  #at(input: Float32Array, centre: number): number {
    const { up, down, half, taps } = this.#kernel
    const first = ((this.#written * down) % up) * 2 * half
    const from = centre - half + 1 - this.#keptFrom
    let sum = 0
    for (let tap = 0; tap < 2 * half; tap += 1) {
      sum += (taps[first + tap] ?? 0) * (input[from + tap] ?? 0)
    }
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)))
  }
}

const kernels = new Map<string, Kernel>()

function kernelFor(fromHz: number, toHz: number): Kernel {
  const key = `${fromHz}/${toHz}`
  const known = kernels.get(key)
  if (known !== undefined) return known
  const made = makeKernel(fromHz, toHz)
  kernels.set(key, made)
  return made
}

function makeKernel(fromHz: number, toHz: number): Kernel {
  const common = greatestCommonDivisor(fromHz, toHz)
  const up = toHz / common
  const half = Math.ceil(HALF_WIDTH * Math.max(1, fromHz / toHz))
  const cutoff = (CUTOFF * Math.min(fromHz, toHz)) / fromHz
  const taps = new Float32Array(up * 2 * half)
  for (let phase = 0; phase < up; phase += 1) {
    const values = Array.from({ length: 2 * half }, (_, tap) => {
      const time = tap - half + 1 - phase / up
      return sinc(2 * cutoff * time) * kaiser(time / half)
    })
    // Each phase passes a constant unchanged.
    const sum = values.reduce((total, value) => total + value, 0)
    values.forEach((value, tap) => (taps[phase * 2 * half + tap] = value / sum))
  }
  return { up, down: fromHz / common, half, taps }
}

const greatestCommonDivisor = (one: number, other: number): number =>
  other === 0 ? one : greatestCommonDivisor(other, one % other)

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

const kaiser = (x: number): number =>
  Math.abs(x) >= 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA)

/** The modified Bessel function of order zero, by its series. */
function bessel(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}
