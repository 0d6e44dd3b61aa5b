// Losses by numbers: what is missing between the first and the last of a counted stream.

export class GapCounter {
  readonly #mask: number
  #first = -1
  #last = -1
  #received = 0

  /** @param bits width of the number, which wraps */
  constructor(bits: 16 | 24) {
    this.#mask = 2 ** bits - 1
  }

  see(count: number): void {
    this.#received += 1
    if (this.#first < 0) {
      this.#first = count
      this.#last = count
      return
    }
    const step = (count - this.#last) & this.#mask
    // The upper half is a step back: late, and already counted as received.
    if (step <= this.#mask / 2) this.#last += step
  }

  get received(): number {
    return this.#received
  }

  get lost(): number {
    return this.#first < 0 ? 0 : Math.max(0, this.#last - this.#first + 1 - this.#received)
  }
}
