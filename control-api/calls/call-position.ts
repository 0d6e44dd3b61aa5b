// Where a call stands in the lists: one number, unique and never changed, so that it orders calls, begins pages and ties
// the words of a transcript to its call.
import { sql, type Compilable, type Kysely } from 'kysely'
import type { CallRow, CallUpdate, DatabaseSchema } from '../db/schema.ts'

/** Microseconds since 1970, exact until 2255: where a call stands when nobody stands there yet. */
export const wantedPosition = (createdAt: number): number => Math.floor(createdAt * 1000)

/** Inserts the row at its position, or at the next one that is free. */
export function insertCall(query: Kysely<DatabaseSchema>, row: CallRow): Compilable {
  const wanted = row.position
  const free = sql<number>`
    CASE WHEN EXISTS (SELECT 1 FROM calls WHERE position = ${wanted}) THEN (
      SELECT one.position + 1 FROM calls one
      WHERE one.position >= ${wanted}
        AND NOT EXISTS (SELECT 1 FROM calls next WHERE next.position = one.position + 1)
      ORDER BY one.position LIMIT 1
    ) ELSE ${wanted} END`
  return query.insertInto('calls').values({ ...row, position: free })
}

/** Not the recorder's: the position is the database's own, what the vendor charges is told behind the call's back. */
const OF_OTHERS: ReadonlySet<string> = new Set<keyof CallRow>([
  'position',
  'vendor_credits',
  'vendor_usd',
  'telephony_cost',
  'telephony_currency',
])

/** All that may be written again. */
export const rewritable = (row: CallRow): CallUpdate =>
  Object.fromEntries(Object.entries(row).filter(([column]) => !OF_OTHERS.has(column)))
