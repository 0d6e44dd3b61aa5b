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
export async function waitFor<T>(promise: Promise<T>, options: WaitOptions): Promise<T> {
  const { name, timeout, signal } = options
  const settled = new AbortController()
  const limits = [rejectAfter(timeout, name, settled.signal)]
  if (signal) limits.unshift(rejectOnAbort(signal, settled.signal))
  try {
    return await Promise.race([...limits, promise])
  } finally {
    settled.abort()
  }
}

async function rejectAfter(
  timeout: Milliseconds,
  name: string,
  settled: AbortSignal,
): Promise<never> {
  const elapsed = await sleepFor(timeout, true, { signal: settled }).catch(() => false)
  if (!elapsed) return new Promise<never>(() => undefined) // Settled first: the race is over.
  throw new AppError('TIMED_OUT', `${name} took longer than ${timeout} ms`, {
    details: { waited_for: name, timeout_ms: timeout },
  })
}

function rejectOnAbort(signal: AbortSignal, settled: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true, signal: settled })
  })
}

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
