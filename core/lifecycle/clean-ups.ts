// What was opened, to be closed in the opposite order: each by its name and within its deadline, whatever becomes of the
// others. What hangs is named and left behind.
import type { Milliseconds } from '../contracts/index.ts'
import { runAll } from './lifecycle.ts'
import { waitFor } from './wait.ts'

export interface CleanUp {
  /** What is closed, in words for the log. */
  readonly name: string
  readonly within: Milliseconds
  readonly run: () => unknown
}

export class CleanUps {
  readonly #onFailure: (error: unknown, name: string) => void
  readonly #cleanUps: CleanUp[] = []
  #current: string | undefined
  #running: Promise<void> | undefined

  /** @param onFailure told at once of each that throws or does not end in time */
  constructor(onFailure: (error: unknown, name: string) => void) {
    this.#onFailure = onFailure
  }

  /** What was added last runs first. */
  add(cleanUp: CleanUp): void {
    this.#cleanUps.unshift(cleanUp)
  }

  /** What runs now. */
  get current(): string | undefined {
    return this.#current
  }

  /**
   * Runs them all, once.
   * @throws as `runAll` does, when all have run; AppError `TIMED_OUT` of one that hangs.
   */
  run(): Promise<void> {
    this.#running ??= runAll(this.#cleanUps.map((cleanUp) => () => this.#runOne(cleanUp)))
    return this.#running
  }

  async #runOne({ name, within, run }: CleanUp): Promise<void> {
    this.#current = name
    try {
      await waitFor(Promise.try(run), { name: `closing ${name}`, timeout: within })
    } catch (error) {
      this.#onFailure(error, name)
      throw error
    } finally {
      this.#current = undefined
    }
  }
}
