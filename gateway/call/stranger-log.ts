// Callers that no trunk knows are turned away by the thousand: the log has one line a minute, with how many they were.
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'

const INTERVAL_MS = 60_000

export class StrangerLog {
  readonly #clock: Clock
  readonly #logger: Logger
  #refused = 0
  #toldAt = -Infinity

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock
    this.#logger = logger
  }

  /** @param address of the last one, which an operator whose carrier is a stranger wants to know */
  refused(address: string): void {
    this.#refused += 1
    const now = this.#clock.now()
    if (now - this.#toldAt < INTERVAL_MS) return
    this.#logger.warn(
      { calls: this.#refused, pii: { address } },
      'callers that no trunk knows were refused',
    )
    this.#toldAt = now
    this.#refused = 0
  }
}
