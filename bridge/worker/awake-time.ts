// Time as far as this thread was awake: what a listener may count against a thread that says nothing.

/** A tick that is later than this was held up by ourselves, and messages may be waiting behind it. */
const COUNTED_MS = 1000

export class AwakeTime {
  readonly #now: () => number
  #tickedAtMs: number

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now
    this.#tickedAtMs = now()
  }

  /** Milliseconds since the last tick in which messages were read: of a stall of our own no more than a second. */
  tick(): number {
    const nowMs = this.#now()
    const elapsedMs = nowMs - this.#tickedAtMs
    this.#tickedAtMs = nowMs
    return Math.min(elapsedMs, COUNTED_MS)
  }
}
