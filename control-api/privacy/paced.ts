// Work of many steps on a database that has calls to write: never more than half of its time.
import { setTimeout as sleepFor } from 'node:timers/promises'

/** Between two steps, however short they were. */
const LEAST_PAUSE_MS = 10

/** Does the step, then leaves the database alone for as long as it took. */
export async function paced<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const begun = performance.now()
  const value = await step()
  await sleepFor(Math.max(LEAST_PAUSE_MS, performance.now() - begun), undefined, { signal })
  return value
}
