// A backup of the embedded database, while voicegate runs or not.
import { existsSync, renameSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { copyDatabase, removeFile, toDisk, type OnProgress } from './copy.ts'
import { judge, wrong, type Judged } from './sqlite-file.ts'

export interface BackupOptions {
  readonly dataDir: string
  readonly file: string
  readonly onProgress: OnProgress
  /** The copy is there and is being read once. */
  readonly onCheck: () => void
}

/** @throws AppError `CONFIGURATION_INVALID` when there is nothing to copy, or something where the copy is to be. */
export async function backupDatabase(options: BackupOptions): Promise<Judged> {
  const from = join(resolve(options.dataDir), 'voicegate.sqlite')
  const to = resolve(options.file)
  if (!existsSync(from)) throw wrong(from, 'there is no database yet')
  refuseToOverwrite(to)
  // Under another name until it is known to be whole: half a backup is taken for one.
  const partial = `${to}.partial`
  await copyDatabase({ from, to: partial, inUse: true, onProgress: options.onProgress })
  try {
    options.onCheck()
    const judged = judge(partial, 'the copy')
    refuseToOverwrite(to)
    renameSync(partial, to)
    toDisk(dirname(to))
    return judged
  } catch (error) {
    removeFile(partial)
    throw error
  }
}

function refuseToOverwrite(to: string): void {
  if (existsSync(to)) throw wrong(to, 'it is there already, and backups are not overwritten')
}
