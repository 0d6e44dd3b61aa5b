// Whose end closes what was opened: a test, or a program that is run by hand.
import { runAll } from '../../../core/lifecycle/index.ts'

export interface Scope {
  teardown(run: () => unknown): void
}

/** For programs: what was opened last is closed first. */
export class ProgramScope implements Scope {
  readonly #runs: (() => unknown)[] = []

  teardown(run: () => unknown): void {
    this.#runs.unshift(run)
  }

  close(): Promise<void> {
    return runAll(this.#runs.splice(0))
  }
}
