// When each marked frame was sent. One thread sends and receives, so both times are of one clock.

const REMEMBERED = 2048

export class ProbeClock {
  readonly #sentAt = new Float64Array(REMEMBERED)
  readonly #counts = new Int32Array(REMEMBERED).fill(-1)

  sent(count: number, atMs: number): void {
    const slot = count & (REMEMBERED - 1)
    this.#sentAt[slot] = atMs
    this.#counts[slot] = count
  }

  /** Milliseconds since the frame of that mark was sent; NaN when it is not known (any more). */
  elapsed(count: number, atMs: number): number {
    const slot = count & (REMEMBERED - 1)
    return this.#counts[slot] === count ? atMs - (this.#sentAt[slot] ?? 0) : Number.NaN
  }
}
