// One run's hold on its job: until a time, extended by the run, ended once by whatever comes first.
import type { Milliseconds } from '#core/contracts'
import type { JobRow } from './job-rows.ts'

export class JobLease {
  readonly row: JobRow
  readonly #lease: Milliseconds
  readonly #onExpired: (lease: JobLease) => void
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #over = false

  /** @param onExpired the run gave no sign of life in time; it holds the job still */
  constructor(row: JobRow, lease: Milliseconds, onExpired: (lease: JobLease) => void) {
    this.row = row
    this.#lease = lease
    this.#onExpired = onExpired
    this.extended()
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  get isOver(): boolean {
    return this.#over
  }

  extended(): void {
    clearTimeout(this.#timer)
    if (!this.#over) this.#timer = setTimeout(() => this.#onExpired(this), this.#lease).unref()
  }

  /** True the first time: whoever ends it says what becomes of the job. */
  end(): boolean {
    clearTimeout(this.#timer)
    const isFirst = !this.#over
    this.#over = true
    return isFirst
  }

  /** The run is to stop; it may not know that it has lost the job. */
  abort(why: string): void {
    this.#stop.abort(new Error(why))
  }
}
