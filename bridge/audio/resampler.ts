// From one sample rate to another, piece by piece, as if it were one: a polyphase filter that keeps its past.
//
// As measured by test/bridge/audio/resampler.test.ts, for each of 16, 22.05, 24, 44.1 and 48 kHz to and from 8 kHz: gain
// from 300 to 3400 Hz −0.001 to +0.003 dB; images at −70 dB and less (3.4 kHz seen at 4.6 kHz); tones from 4.6 kHz on
// come back at −71 dB and less; speech as a filter four times as long makes it, to 75 dB; 2 ms late. Between 3.4 and
// 4.6 kHz it falls, 6 dB at 4 kHz. A 20 ms frame costs (one core of 2026, µs): 16 kHz 3.5, 22.05 and 24 kHz 6 to 9,
// 44.1 and 48 kHz 14 to 18; constant input a tenth of it.
import { resamplingFilter, type ResamplingFilter } from './resampling-filter.ts'

/** Input taken at once: a longer piece is taken in turns, so that a call holds little. */
const BLOCK = 512
/** First room for output: 20 ms at the highest rate. */
const INITIAL_OUTPUT = 960

export interface Resampler {
  /**
   * The next input samples, any number of them. The result is a view of a buffer that the next call writes to. After n
   * samples in all, exactly ⌈n · to / from⌉ have come out, whatever the pieces were.
   */
  process(input: Int16Array): Int16Array
  /** Forgets what was heard: the next sample is the first. */
  reset(): void
  /** What comes out is this much later than what went in. */
  readonly delayMs: number
}

/** Null when both rates are the same. One of them is the telephone's. */
export function createResampler(fromHz: number, toHz: number): Resampler | null {
  return fromHz === toHz ? null : new PolyphaseResampler(resamplingFilter(fromHz, toHz))
}

class PolyphaseResampler implements Resampler {
  readonly delayMs = 2
  readonly #filter: ResamplingFilter
  /** The last span − 1 samples, then the block being worked on. */
  readonly #window: Float64Array
  #output = new Int16Array(INITIAL_OUTPUT)
  /** Where in the window's new part the next output is due, and how far behind it. */
  #position = 0
  #phase = 0
  /** Input samples in a row that were equal: what is constant stays as it is, without arithmetic. */
  #constantFor = Number.POSITIVE_INFINITY
  #last = 0

  constructor(filter: ResamplingFilter) {
    this.#filter = filter
    this.#window = new Float64Array(filter.span - 1 + BLOCK)
  }

  process(input: Int16Array): Int16Array {
    this.#makeRoom(input.length)
    let made = 0
    for (let from = 0; from < input.length; from += BLOCK) {
      const block = input.length <= BLOCK ? input : input.subarray(from, from + BLOCK)
      made = this.#processBlock(block, made)
    }
    return this.#output.subarray(0, made)
  }

  reset(): void {
    this.#window.fill(0)
    this.#position = 0
    this.#phase = 0
    this.#constantFor = Number.POSITIVE_INFINITY
    this.#last = 0
  }

  #makeRoom(inputSamples: number): void {
    const { phases, step } = this.#filter
    const needed = Math.ceil((inputSamples * phases) / step) + 1
    if (this.#output.length < needed) this.#output = new Int16Array(needed)
  }

  #processBlock(block: Int16Array, from: number): number {
    const history = this.#filter.span - 1
    const window = this.#window
    window.set(block, history)
    this.#measureConstant(block)
    const isConstant = this.#constantFor >= block.length + history
    const made = isConstant ? this.#repeat(block.length, from) : this.#convolve(block.length, from)
    window.copyWithin(0, block.length, block.length + history)
    return made
  }

  #convolve(available: number, from: number): number {
    const { phases, step, middle, copies } = this.#filter
    const window = this.#window
    const output = this.#output
    let made = from
    let position = this.#position
    let phase = this.#phase
    while (position < available) {
      output[made] =
        copies && phase === 0
          ? (window[position + middle] ?? 0)
          : toInt16(this.#sum(position, phase))
      made += 1
      phase += step
      while (phase >= phases) {
        phase -= phases
        position += 1
      }
    }
    this.#position = position - available
    this.#phase = phase
    return made
  }

  #sum(position: number, phase: number): number {
    const { taps, stride, coefficients, middle, middleShare } = this.#filter
    const window = this.#window
    const base = phase * taps
    // Four sums beside each other: one would make each addition wait for the last.
    let a = middleShare * (window[position + middle] ?? 0)
    let b = 0
    let c = 0
    let d = 0
    let at = position
    for (let of = base; of < base + taps; of += 4) {
      a += (window[at] ?? 0) * (coefficients[of] ?? 0)
      b += (window[at + stride] ?? 0) * (coefficients[of + 1] ?? 0)
      c += (window[at + 2 * stride] ?? 0) * (coefficients[of + 2] ?? 0)
      d += (window[at + 3 * stride] ?? 0) * (coefficients[of + 3] ?? 0)
      at += 4 * stride
    }
    return a + b + (c + d)
  }

  /** Each phase's coefficients add up to one, so that this is what the filter would say. */
  #repeat(available: number, from: number): number {
    const { phases, step } = this.#filter
    const due = Math.ceil(((available - this.#position) * phases - this.#phase) / step)
    this.#output.fill(this.#last, from, from + due)
    const advanced = this.#phase + due * step
    this.#phase = advanced % phases
    this.#position += (advanced - this.#phase) / phases - available
    return from + due
  }

  #measureConstant(block: Int16Array): void {
    const last = block[block.length - 1] ?? this.#last
    let run = 0
    while (run < block.length && block[block.length - 1 - run] === last) run += 1
    const goesOn = run === block.length && last === this.#last
    this.#constantFor = goesOn ? this.#constantFor + run : run
    this.#last = last
  }
}

/** Rounded, and kept inside 16 bits: a wrapped peak is the loudest click there is. */
function toInt16(value: number): number {
  if (value >= 32_767) return 32_767
  if (value <= -32_768) return -32_768
  return Math.floor(value + 0.5)
}
