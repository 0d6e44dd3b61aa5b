// Whether the other side of one connection reads: what waits for it is weighed after each write.
import { Timer } from '../../timer.ts'
import { MAX_UNSENT_BYTES, type Reader, type UnsentBudget } from './unsent-budget.ts'

/** How long more than its share may wait. A burst says nothing: over TLS nothing goes out in the turn it is written in. */
const SLOW_AFTER_MS = 1_000

export class SlowReaderWatch {
  readonly #reader: Reader
  readonly #budget: UnsentBudget
  readonly #slowEnd = new Timer()

  constructor(reader: Reader, budget: UnsentBudget) {
    this.#reader = reader
    this.#budget = budget
  }

  weigh(): void {
    const { unsentBytes, maxUnsentBytes } = this.#reader
    if (unsentBytes > MAX_UNSENT_BYTES) {
      this.#reader.overload()
      return
    }
    if (unsentBytes <= maxUnsentBytes) this.#slowEnd.stop()
    else if (!this.#slowEnd.isRunning) this.#slowEnd.start(SLOW_AFTER_MS, () => this.#judge())
    this.#budget.note(this.#reader)
  }

  /** The connection ends. */
  stop(): void {
    this.#slowEnd.stop()
    this.#budget.forget(this.#reader)
  }

  #judge(): void {
    this.#slowEnd.stop()
    if (this.#reader.unsentBytes > this.#reader.maxUnsentBytes) this.#reader.overload()
  }
}
