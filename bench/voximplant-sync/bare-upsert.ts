// The floor: the very rows that a synchronisation wrote, upserted into a fresh database by node:sqlite with prepared
// statements and nothing else, a thousand calls a transaction.
import { DatabaseSync, type StatementSync } from 'node:sqlite'

const CALLS_A_COMMIT = 1000

interface Table {
  readonly name: string
  readonly key: readonly string[]
  readonly order: string
}

const CALLS: Table = { name: 'calls', key: ['call_id'], order: 'position' }
const BESIDE: readonly Table[] = [
  { name: 'voximplant_calls', key: ['call_id'], order: 'rowid' },
  { name: 'call_events', key: ['call_id', 'seq'], order: 'rowid' },
]

export interface BareRows {
  readonly calls: number
  readonly seconds: number
}

/** @param from the database with the rows @param to one with the same tables, and none of them */
export function bareUpsert(from: string, to: string): BareRows {
  const source = new DatabaseSync(from, { readOnly: true })
  const target = new DatabaseSync(to)
  try {
    // As the product's own (control-api/db/thread.ts).
    target.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    const rows = rowsByCall(source)
    const statements = new Map(
      [CALLS, ...BESIDE].map((table) => [table.name, upsert(target, table, rows)]),
    )
    const startedAt = performance.now()
    for (let at = 0; at < rows.length; at += CALLS_A_COMMIT) {
      target.exec('BEGIN IMMEDIATE')
      for (const call of rows.slice(at, at + CALLS_A_COMMIT))
        for (const { table, values } of call) statements.get(table)?.run(...values)
      target.exec('COMMIT')
    }
    return { calls: rows.length, seconds: (performance.now() - startedAt) / 1000 }
  } finally {
    source.close()
    target.close()
  }
}

interface Row {
  readonly table: string
  readonly columns: readonly string[]
  readonly values: readonly (string | number | null)[]
}

/** Read before the clock runs. */
function rowsByCall(source: DatabaseSync): readonly (readonly Row[])[] {
  const byCall = new Map<string, Row[]>()
  for (const { name, order } of [CALLS, ...BESIDE])
    for (const row of source.prepare(`SELECT * FROM ${name} ORDER BY ${order}`).iterate()) {
      const id = String(row['call_id'])
      const rows = byCall.get(id) ?? []
      byCall.set(id, rows)
      const values = Object.values(row) as (string | number | null)[]
      rows.push({ table: name, columns: Object.keys(row), values })
    }
  return [...byCall.values()]
}

function upsert(
  target: DatabaseSync,
  { name, key }: Table,
  rows: readonly (readonly Row[])[],
): StatementSync {
  const columns = rows[0]?.find(({ table }) => table === name)?.columns ?? []
  const others = columns.filter((column) => !key.includes(column))
  return target.prepare(
    `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ` +
      `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${others.map((one) => `${one} = excluded.${one}`).join(', ')}`,
  )
}
