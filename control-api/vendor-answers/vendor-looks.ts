// Looking, by whoever may look at all, must not use up what an account is allowed to ask: calls are opened with the same
// key.
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#core/errors'
import { monotonicMs } from '#core/time'

/** A page of the console checks the fifty agents it shows at once. */
const AT_ONCE = 20
const EVERY_MS = 100
const MAX_WAIT_MS = 5000

interface Timing {
  /** Monotonic, in milliseconds. */
  readonly now: () => number
  readonly wait: (delayMs: number) => Promise<unknown>
}

const TIMING: Timing = { now: monotonicMs, wait: (delayMs) => sleep(delayMs) }

/**
 * For each request to the vendor that somebody's look causes: resolves when it may be sent.
 * @param vendor as it is said in a sentence
 * @returns rejects with AppError `TOO_MANY_REQUESTS` when too many wait, of all keys together
 */
export function createVendorLooks(
  vendor: string,
  { now, wait }: Timing = TIMING,
): () => Promise<void> {
  let nextAt = Number.NEGATIVE_INFINITY
  return async () => {
    const at = Math.max(nextAt, now() - (AT_ONCE - 1) * EVERY_MS)
    const delayMs = at - now()
    if (delayMs > MAX_WAIT_MS)
      throw new AppError('TOO_MANY_REQUESTS', `${vendor} is asked too often.`, {
        retryAfterSeconds: 1,
      })
    nextAt = at + EVERY_MS
    if (delayMs > 0) await wait(delayMs)
  }
}
