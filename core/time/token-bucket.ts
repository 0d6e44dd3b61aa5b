// So many a second and no more: up to one second's worth at once, refilled evenly.
import type { Clock } from './clock.ts'

export class TokenBucket {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #capacity: number
  #tokens: number
  #filledAt: number

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    // Half a call a second is one every two seconds, not none.
    this.#capacity = perSecond > 0 ? Math.max(1, perSecond) : 0
    this.#tokens = this.#capacity
    this.#filledAt = clock.now()
  }

  take(): boolean {
    const now = this.#clock.now()
    const refill = ((now - this.#filledAt) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#capacity, this.#tokens + refill)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
