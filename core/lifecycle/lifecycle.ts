// Two verbs to stop, everywhere the same: `drain` lets work finish, `close` ends it. Both are idempotent.
import type { Milliseconds } from '../contracts/index.ts'

/** What Retry-After says while we start or stop: a process that is told to stop is mostly started again. */
export const RESTART_SECONDS = 30

export interface Lifecycle {
  /** Refuses new work and waits for what runs, at most `deadline`; never rejects because time ran out. */
  drain(deadline: Milliseconds): Promise<void>
  /** Ends now and frees everything. */
  close(): Promise<void>
}

/**
 * Runs clean-ups in order, every one of them even when an earlier one throws.
 * @throws the first error, with the later ones in its `cause` (AggregateError when there were several).
 */
export async function runAll(steps: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} clean-ups failed`)
}
