// A first look at the whole dump, before anything is written: that it can be read to its end, what is in it, and the few
// rows that all others belong to.
import { AppError } from '#core/errors'
import { readDump } from './dump-file.ts'
import type { OldHouse } from './old-accounts.ts'
import {
  foundTable,
  OLD_TABLES,
  oldRow,
  oldTableOf,
  wanting,
  type FoundTable,
  type OldTable,
} from './old-tables.ts'

export interface Survey {
  readonly house: OldHouse
  readonly found: Readonly<Partial<Record<OldTable, FoundTable & { readonly rows: number }>>>
  /** Tables that nothing here is made of. */
  readonly otherTables: readonly string[]
}

/** More belong to no panel that people look at. */
const MOST_ACCOUNTS = 10_000

/** @throws AppError `CONFIGURATION_INVALID` saying what was found when it is no dump of the old panel */
export async function surveyDump(path: string): Promise<Survey> {
  const tables = new Map<string, readonly string[]>()
  const rows = { accounts: 0, applications: 0, calls: 0, transcripts: 0 }
  const accounts: OldHouse['accounts'][number][] = []
  const applications: OldHouse['applications'][number][] = []
  const reading = wanting(...OLD_TABLES)
  const onTable = (table: string, columns: readonly string[]): void =>
    void tables.set(table, columns)
  for await (const row of readDump(path, { ...reading, onTable })) {
    const kind = oldTableOf(row.table)
    if (kind === undefined) continue
    rows[kind] += 1
    if (kind === 'accounts') accounts.push(oldRow(kind, row))
    if (kind === 'applications') applications.push(oldRow(kind, row))
    if (Math.max(accounts.length, applications.length) > MOST_ACCOUNTS)
      throw wrong(`it has more than ${MOST_ACCOUNTS} ${kind}`)
  }
  const found: Partial<Record<OldTable, FoundTable & { readonly rows: number }>> = {}
  for (const [table, columns] of tables) {
    const kind = oldTableOf(table)
    if (kind !== undefined) found[kind] = { ...foundTable(kind, table, columns), rows: rows[kind] }
  }
  const otherTables = [...tables.keys()].filter((table) => oldTableOf(table) === undefined)
  if (!found.accounts || !found.applications)
    throw wrong(
      `it has not both tables voximplant_accounts and voximplant_applications; its tables are: ${[...tables.keys()].join(', ') || 'none'}`,
    )
  return { house: { accounts, applications }, found, otherTables }
}

const wrong = (why: string): AppError =>
  new AppError('CONFIGURATION_INVALID', `This is no dump of the old panel: ${why}.`)
