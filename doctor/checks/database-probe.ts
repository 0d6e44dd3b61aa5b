// A program: reads a database without changing it, and says in one line of JSON what it found. It may take as long as it
// likes; whoever started it ends it.
import { existsSync, statSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

export type DatabaseProbe =
  | {
      readonly kind: 'read'
      readonly bytes: number
      /** By SQLite's `quick_check`; empty when all is well. */
      readonly faults: readonly string[]
      readonly migrations: readonly string[]
      /** A process has claimed the folder. */
      readonly isHeld: boolean
    }
  /** Somebody writes, and lets nobody read. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'unreadable'; readonly why: string }
  /** It took too long. */
  | { readonly kind: 'slow' }

/** @throws SyntaxError for what this program never writes. */
export const decodeProbe = (line: string): DatabaseProbe => JSON.parse(line) as DatabaseProbe

const SQLITE_BUSY = 5
const MAX_FAULTS = 10

function probe(folder: string): DatabaseProbe {
  const path = join(folder, 'voicegate.sqlite')
  try {
    const database = open(path)
    const faults = database
      .prepare(`PRAGMA quick_check(${MAX_FAULTS})`)
      .all()
      .flatMap((row) => Object.values(row).map(String))
      .filter((line) => line !== 'ok')
    const migrations = faults.length > 0 ? [] : migrationsIn(database)
    return { kind: 'read', bytes: statSync(path).size, faults, migrations, isHeld: isHeld(folder) }
  } catch (error) {
    if (isBusy(error)) return { kind: 'locked' }
    // SQLite's own words name no value, only what is wrong with the file.
    return { kind: 'unreadable', why: error instanceof Error ? error.message : 'no reason given' }
  }
}

/**
 * Where nobody left a write-ahead log, the file alone is all there is: as immutable it is read without the side files
 * that a reader would otherwise make.
 */
function open(path: string): DatabaseSync {
  const url = pathToFileURL(path)
  if (!existsSync(`${path}-wal`)) url.searchParams.set('immutable', '1')
  return new DatabaseSync(url, { readOnly: true, timeout: 1000 })
}

function migrationsIn(database: DatabaseSync): readonly string[] {
  const tables = database.prepare("select name from sqlite_master where name = 'kysely_migration'")
  if (tables.all().length === 0) return []
  return database
    .prepare('select name from kysely_migration order by name')
    .all()
    .map((row) => String(row['name']))
}

/** A voicegate keeps an exclusive transaction on the lock file as long as it runs (control-api/db/data-folder.ts). */
function isHeld(folder: string): boolean {
  const path = join(folder, 'voicegate.lock')
  if (!existsSync(path)) return false
  try {
    new DatabaseSync(path, { readOnly: true, timeout: 0 })
      .prepare('select 1 from sqlite_master')
      .all()
    return false
  } catch (error) {
    return isBusy(error)
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY

if (import.meta.main) {
  setPriority(19) // Calls come first.
  process.stdout.write(`${JSON.stringify(probe(process.argv[2] ?? '.'))}\n`)
}
