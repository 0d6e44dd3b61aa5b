// Puts a backup in the place of the embedded database, which must not be in use, and keeps the former one beside it.
import { existsSync, renameSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { claimDataFolder } from '../data-folder.ts'
import { copyDatabase, toDisk, type OnProgress } from './copy.ts'
import { judge, wrong, type Judged } from './sqlite-file.ts'

export interface RestoreOptions {
  readonly dataDir: string
  readonly file: string
  readonly onCheck: () => void
  readonly onProgress: OnProgress
}

export interface Restored extends Judged {
  /** Where the former database is now; undefined when there was none. */
  readonly former: string | undefined
}

/** @throws AppError `CONFIGURATION_INVALID` when the backup is none, or a voicegate runs on the folder. */
export async function restoreDatabase(options: RestoreOptions): Promise<Restored> {
  const from = resolve(options.file)
  if (!existsSync(from)) throw wrong(from, 'there is no such file')
  const folder = await claimDataFolder(options.dataDir)
  try {
    const path = join(folder.path, 'voicegate.sqlite')
    if (from === path) throw wrong(from, 'it is the database itself')
    options.onCheck()
    const judged = judge(from, from)
    const fresh = `${path}.restoring`
    await copyDatabase({ from, to: fresh, inUse: false, onProgress: options.onProgress })
    const former = keepFormer(path)
    renameSync(fresh, path)
    toDisk(folder.path)
    return { ...judged, former }
  } finally {
    folder.release()
  }
}

/** With what a crash left in its log, which belongs to the file by its name. */
function keepFormer(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  const when = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const former = `${path}.former-${when}`
  // The log first: a log without its file is harmless, a foreign one is not.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${former}-wal`)
  if (existsSync(`${path}-shm`)) renameSync(`${path}-shm`, `${former}-shm`)
  renameSync(path, former)
  return former
}
