// A file that is to be, or to become, our database: opened without changing it, and judged.
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { AppError, messageOf } from '#core/errors'
import { MIGRATION_NAMES } from '../migrate.ts'

const MAX_FAULTS = 10
const BUSY_TIMEOUT_MS = 5000

/** Where nobody left a write-ahead log, the file alone is all there is: read so, it needs no side files. */
export function openUnchanged(path: string): DatabaseSync {
  const url = pathToFileURL(path)
  if (!existsSync(`${path}-wal`)) url.searchParams.set('immutable', '1')
  return new DatabaseSync(url, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
}

export interface Judged {
  readonly calls: number
  readonly migrations: readonly string[]
}

/** Reads the whole file. @throws AppError `CONFIGURATION_INVALID` saying what is wrong with it. */
export function judge(path: string, name: string): Judged {
  let file: DatabaseSync | undefined
  try {
    file = openUnchanged(path)
    const faults = file
      .prepare(`PRAGMA integrity_check(${MAX_FAULTS})`)
      .all()
      .flatMap((row) => Object.values(row).map(String))
      .filter((line) => line !== 'ok')
    if (faults.length > 0) throw wrong(name, `it is damaged: ${faults.length} or more faults`)
    const has = file.prepare("SELECT 1 FROM sqlite_master WHERE name = 'kysely_migration'").all()
    if (has.length === 0) throw wrong(name, 'it is no database of voicegate')
    const migrations = file
      .prepare('SELECT name FROM kysely_migration ORDER BY name')
      .all()
      .map((row) => String(row['name']))
    const unknown = migrations.filter((one) => !MIGRATION_NAMES.includes(one))
    if (unknown.length > 0)
      throw wrong(name, `a newer voicegate has changed it (${unknown.join(', ')})`)
    const calls = Number(file.prepare('SELECT count(*) AS n FROM calls').get()?.['n'])
    return { calls, migrations }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw wrong(name, `it cannot be read: ${messageOf(error)}`, error)
  } finally {
    file?.close()
  }
}

export const wrong = (name: string, why: string, cause?: unknown): AppError =>
  new AppError('CONFIGURATION_INVALID', `${name}: ${why}.`, { cause })
