// SQLite's failures as our errors, mapped once.
import { AppError } from '#core/errors'
import type { SqlFailure } from './thread-messages.ts'

/** Primary result codes (sqlite.org/rescode.html) that say "not now" or "not on this disk", not "wrong statement". */
const UNAVAILABLE: ReadonlyMap<number, string> = new Map([
  [5, 'locked by another program'],
  [6, 'locked'],
  [7, 'out of memory'],
  [8, 'read-only'],
  [10, 'disk input/output error'],
  [11, 'file is damaged'],
  [13, 'disk is full'],
  [14, 'file cannot be opened'],
  [26, 'file is not a database'],
])

/** In words; undefined when the statement was wrong. The low byte of an extended result code is the primary one. */
export const whyUnavailable = (resultCode: number): string | undefined =>
  UNAVAILABLE.get(resultCode & 0xff)

/** The error to throw for a failure that the database thread reported. */
export function databaseError(failure: SqlFailure): AppError {
  const cause = new Error(failure.message)
  const unavailable = failure.resultCode === null ? undefined : whyUnavailable(failure.resultCode)
  return unavailable === undefined
    ? new AppError('INTERNAL', 'A database statement failed', { cause })
    : new AppError('DATABASE_UNAVAILABLE', `The database is not available: ${unavailable}`, {
        cause,
        retryAfterSeconds: 1,
      })
}

/** The error for a database thread that is gone, too slow, or has too much to do. */
export function databaseUnavailable(why: string, cause?: unknown): AppError {
  return new AppError('DATABASE_UNAVAILABLE', `The database is not available: ${why}`, {
    cause,
    retryAfterSeconds: 1,
  })
}
