// A compiled query as the database thread takes it.
import type { CompiledQuery } from 'kysely'
import type { SqlValue, Statement } from './thread-messages.ts'

/** @throws TypeError for a parameter SQLite has no type for (a boolean, a date, undefined). */
export function asStatement({
  sql,
  parameters,
}: Pick<CompiledQuery, 'sql' | 'parameters'>): Statement {
  return { sql, parameters: parameters.map(asSqlValue) }
}

function asSqlValue(value: unknown): SqlValue {
  if (value === null || typeof value === 'number' || typeof value === 'string') return value
  if (typeof value === 'bigint' || value instanceof Uint8Array) return value
  throw new TypeError(`no SQL type for a ${typeof value}`)
}
