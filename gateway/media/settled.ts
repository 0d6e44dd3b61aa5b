// Every wait for drachtio-fsmrf: its promises never settle when the event socket drops, and some that are given up settle
// later, with something that must be released.
import { waitFor } from '#core/lifecycle'
import { AppError, codeOf } from '#core/errors'
import type { Milliseconds } from '#core/contracts'

export interface Wait<T> {
  /** What is waited for, in words. */
  readonly name: string
  readonly timeout: Milliseconds
  /** Aborted when the media server is lost. */
  readonly lost?: AbortSignal
  /** Releases what came when nobody waited any more. */
  readonly tooLate?: (value: T) => void
}

/**
 * The promise's value, unless time or the media server runs out first.
 * @throws AppError `MEDIA_SERVER_FAILED`; of what the library says only the SIP status, for its errors hold whole messages
 */
export async function settled<T>(promise: Promise<T>, wait: Wait<T>): Promise<T> {
  const { name, timeout, lost, tooLate } = wait
  let isOver = false
  promise.then(
    (value) => {
      if (isOver) tooLate?.(value)
    },
    () => undefined, // Told below, or nobody waits for it any more.
  )
  try {
    return await waitFor(promise, { name, timeout, ...(lost ? { signal: lost } : {}) })
  } catch (error) {
    isOver = true
    if (codeOf(error) === 'MEDIA_SERVER_FAILED') throw error
    throw new AppError('MEDIA_SERVER_FAILED', `${name}: ${whyOf(error)}`)
  }
}

function whyOf(error: unknown): string {
  if (codeOf(error) === 'TIMED_OUT') return 'no answer in time'
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined
  if (typeof status === 'number') return `refused with ${status}`
  // The first line of FreeSWITCH's own words, such as `-ERR Invalid uuid`.
  return error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 100) : 'failed'
}
