// Named waits with a deadline: a stuck call says what it was waiting for. (After kysely util/abort.ts.)
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Milliseconds } from '../contracts/index.ts'
import { AppError } from '../errors/index.ts'

export interface WaitOptions {
  /** What is waited for, in words: it stands in the error. */
  readonly name: string
  readonly timeout: Milliseconds
  readonly signal?: AbortSignal
}

/**
 * The promise's value, unless the deadline passes or the signal aborts first. What becomes of a promise that lost is
 * nobody's any more, its rejection too.
 * @throws AppError `TIMED_OUT` naming the wait; the signal's reason when it aborted.
 */
export function waitFor<T>(promise: Promise<T>, options: WaitOptions): Promise<T> {
  const { name, timeout, signal } = options
  // By hand: every question to the database is waited for, and a race of promises costs several times as much.
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      settled()
      reject(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)))
    }
    const timer = setTimeout(() => {
      settled()
      reject(timedOut(name, timeout))
    }, timeout)
    const settled = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    if (signal?.aborted === true) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(settled)
  })
}

const timedOut = (name: string, timeout: Milliseconds): AppError =>
  new AppError('TIMED_OUT', `${name} took longer than ${timeout} ms`, {
    details: { waited_for: name, timeout_ms: timeout },
  })

/** Polls until `condition` holds or the deadline passes; says which. For drains, not for events. */
export async function waitUntil(
  condition: () => boolean,
  timeout: Milliseconds,
  everyMs = 50,
): Promise<boolean> {
  const deadline = performance.now() + timeout
  while (!condition()) {
    const left = deadline - performance.now()
    if (left <= 0) return false
    await sleepFor(Math.min(everyMs, left))
  }
  return true
}
