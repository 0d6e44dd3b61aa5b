// The last second or two of a recording, both sides: still open to what comes late. Positions are samples from the
// start of the recording; what was never written is silence.

/** A power of two, so that a position finds its place by a mask: 2.05 s. */
const WINDOW_SAMPLES = 16_384
const MASK = WINDOW_SAMPLES - 1
/** A-law has no zero: its silence is ±8. */
const SILENT_BELOW = 9

export type Side = 'caller' | 'agent'
const COLUMN: Readonly<Record<Side, 0 | 1>> = { caller: 0, agent: 1 }

/** A stretch of silence, its end not included. */
export interface Silence {
  readonly from: number
  readonly to: number
}

export class StereoWindow {
  /** Interleaved as in the file: caller, agent, caller, agent. */
  readonly #samples = new Int16Array(WINDOW_SAMPLES * 2)
  #first = 0
  #writtenTo = 0

  /** The oldest position that may still be written. */
  get first(): number {
    return this.#first
  }

  /** Nothing but silence is in it. */
  get isClean(): boolean {
    return this.#writtenTo <= this.#first
  }

  /** G.711 bytes from `offset` on, decoded to where they belong; what falls outside the window is left out. */
  write(side: Side, at: number, line: Uint8Array, offset: number, decode: Int16Array): void {
    const samples = this.#samples
    const column = COLUMN[side]
    const shift = at - offset
    const from = Math.max(offset, this.#first - shift)
    const to = Math.min(line.length, this.#first + WINDOW_SAMPLES - shift)
    for (let index = from; index < to; index += 1) {
      samples[(((shift + index) & MASK) << 1) | column] = decode[line[index] ?? 0] ?? 0
    }
    if (to > from) this.#writtenTo = Math.max(this.#writtenTo, shift + to)
  }

  /** Says the sample before `at` once more. */
  repeat(side: Side, at: number): void {
    if (at <= this.#first || at >= this.#first + WINDOW_SAMPLES) return
    const column = COLUMN[side]
    this.#samples[((at & MASK) << 1) | column] =
      this.#samples[(((at - 1) & MASK) << 1) | column] ?? 0
    this.#writtenTo = Math.max(this.#writtenTo, at + 1)
  }

  /** The latest silence of at least `least` samples before `end`, as far as the window goes back. */
  silenceBefore(side: Side, end: number, least: number): Silence | null {
    const column = COLUMN[side]
    let to = end
    for (let at = end - 1; at >= this.#first; at -= 1) {
      if (Math.abs(this.#samples[((at & MASK) << 1) | column] ?? 0) < SILENT_BELOW) continue
      if (to - at - 1 >= least) return { from: at + 1, to }
      to = at
    }
    return to - this.#first >= least ? { from: this.#first, to } : null
  }

  /** Takes `count` samples out before `at`: what follows them, up to `end`, moves forward. */
  cut(side: Side, at: number, end: number, count: number): void {
    const samples = this.#samples
    const column = COLUMN[side]
    for (let from = at; from < end; from += 1) {
      samples[(((from - count) & MASK) << 1) | column] = samples[((from & MASK) << 1) | column] ?? 0
    }
    for (let gone = end - count; gone < end; gone += 1) samples[((gone & MASK) << 1) | column] = 0
  }

  /** The oldest sample pairs, as many as fit into `into`: from now on they cannot be changed. */
  take(into: Int16Array): void {
    const start = (this.#first & MASK) << 1
    const head = Math.min(into.length, this.#samples.length - start)
    into.set(this.#samples.subarray(start, start + head))
    into.set(this.#samples.subarray(0, into.length - head), head)
    this.#samples.fill(0, start, start + head)
    this.#samples.fill(0, 0, into.length - head)
    this.#first += into.length / 2
  }

  /** Goes on over silence; only while the window is clean. */
  skip(samples: number): void {
    this.#first += samples
  }
}
