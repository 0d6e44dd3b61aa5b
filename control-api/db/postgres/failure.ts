// PostgreSQL's failures as our errors, mapped once (SQLSTATE: postgresql.org/docs/current/errcodes-appendix.html).
import { AppError } from '#core/errors'
import { databaseUnavailable } from '../database-failure.ts'
import { urlInvalid } from './address.ts'

/** "Not now" or "not on this disk", not "wrong statement"; by the whole code, else by its class. */
const UNAVAILABLE: ReadonlyMap<string, string> = new Map([
  ['08', 'the connection failed'],
  ['25006', 'it is read-only: a standby, or made so'],
  ['40', 'it undid the transaction for another one'],
  ['53100', 'disk is full'],
  ['53200', 'out of memory'],
  ['53300', 'it has too many connections'],
  ['53', 'it lacks resources'],
  ['55P03', 'locked by another program'],
  ['57014', 'it took too long'],
  ['57P01', 'it is shutting down'],
  ['57P02', 'it has crashed'],
  ['57P03', 'it is starting up'],
  ['57', 'an operator intervened'],
  ['58', 'disk input/output error'],
  ['XX', 'file is damaged'],
])

/** What a new start with another DATABASE_URL cures. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['28P01', 'has a wrong user or password'],
  [
    '28000',
    'has a user that the server does not let in from here (pg_hba.conf), or not without TLS',
  ],
  ['3D000', 'names a database that does not exist: createdb makes it'],
  ['42501', 'has a user who may not make tables there: GRANT CREATE ON SCHEMA public TO the user'],
])

/** Their texts name tables and columns; those of other classes repeat values. */
const TELLING = /^(?:08|23|25|28|3D|40|42|53|55|57|58|XX)/
/** The session is over with it. */
const ENDING = /^(?:08|57P0)/

interface ServerError extends Error {
  readonly code: string
}

const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string'

/** A statement was refused, and the session goes on. */
export const isStatementFailure = (error: unknown): boolean =>
  isServerError(error) && !ENDING.test(error.code)

/** Of a statement, or of a connection that was there. */
export function postgresError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (!isServerError(error)) return databaseUnavailable('the connection failed', error)
  const cause = new Error(`${error.code}${TELLING.test(error.code) ? `: ${error.message}` : ''}`)
  const why = UNAVAILABLE.get(error.code) ?? UNAVAILABLE.get(error.code.slice(0, 2))
  if (why !== undefined) return databaseUnavailable(why, cause)
  const refusal = REFUSED.get(error.code)
  if (refusal !== undefined && !error.code.startsWith('42'))
    return databaseUnavailable(`DATABASE_URL ${refusal}`, cause)
  return new AppError('INTERNAL', 'A database statement failed', { cause })
}

/** Of the first connection and the migrations: what the settings are to blame for is told as that. */
export function openingError(error: unknown, where: string): AppError {
  if (error instanceof AppError) return error
  const refusal = isServerError(error) ? REFUSED.get(error.code) : undefined
  if (refusal !== undefined) return urlInvalid(refusal, postgresError(error).cause)
  const system = error instanceof Error && 'code' in error ? error.code : undefined
  if (system === 'ENOTFOUND') return urlInvalid('names a host that is not known', error)
  if (isServerError(error)) return postgresError(error)
  const why = typeof system === 'string' ? ` (${system})` : ''
  return databaseUnavailable(`PostgreSQL does not answer, ${where}${why}`, error)
}
