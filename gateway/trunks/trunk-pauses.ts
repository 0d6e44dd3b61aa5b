// Trunks that asked for a pause: 503 with Retry-After (RFC 3261 §21.5.4). They are tried after all others meanwhile.
import type { Clock } from '#core/time'

/** No longer a pause; one that a carrier meant to write in milliseconds must not last for days. */
const MAX_SECONDS = 3600

export class TrunkPauses {
  readonly #clock: Clock
  readonly #until = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** True when it is news: the trunk was not pausing. */
  begin(name: string, seconds: number): boolean {
    const isNews = !this.has(name)
    this.#until.set(name, this.#clock.now() + Math.min(seconds, MAX_SECONDS) * 1000)
    return isNews
  }

  has(name: string): boolean {
    return (this.#until.get(name) ?? 0) > this.#clock.now()
  }

  /** Whoever defines trunks anew starts anew. */
  clear(): void {
    this.#until.clear()
  }
}
