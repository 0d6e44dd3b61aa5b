// So many INVITEs in any one second: how carriers count, and refuse the one too many. A bucket that fills up again would
// let twice as many out in its first second.
import type { Clock } from '#core/time'

export class CallRate {
  readonly perSecond: number
  readonly #clock: Clock
  readonly #most: number
  readonly #windowMs: number
  /** When the last ones left, at most `#most` of them, the oldest first. */
  readonly #left: number[] = []

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.perSecond = perSecond
    // Half a call a second is one every two seconds, not none.
    this.#most = Math.max(1, Math.floor(perSecond))
    this.#windowMs = (this.#most / perSecond) * 1000
  }

  take(): boolean {
    const now = this.#clock.now()
    const [oldest] = this.#left
    if (oldest !== undefined && this.#left.length >= this.#most) {
      if (now - oldest < this.#windowMs) return false
      this.#left.shift()
    }
    this.#left.push(now)
    return true
  }
}
