// Data folders of a test, removed with it.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openDatabase } from '../../control-api/db/database.ts'
import { createLogger } from '../../core/telemetry/index.ts'

/** A test, or whoever else takes down what was built. */
export type FolderOwner = Pick<Test, 'teardown'>

const DATABASE = 'voicegate.sqlite'
let empty: Promise<Buffer> | undefined

/** With nothing in it: a first start. */
export async function freshDataDir(t: FolderOwner): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'voicegate-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  return dataDir
}

/**
 * With tables and no rows: making them is more than a third of what building an app costs. Whoever tests a first start
 * takes `freshDataDir`.
 */
export async function migratedDataDir(t: FolderOwner): Promise<string> {
  const dataDir = await freshDataDir(t)
  empty ??= migratedDatabase()
  const file = join(dataDir, DATABASE)
  await writeFile(file, await empty)
  await chmod(file, 0o600)
  return dataDir
}

/** The file as the product leaves it, once for all of this process. */
async function migratedDatabase(): Promise<Buffer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'voicegate-tables-'))
  try {
    const database = await openDatabase(createLogger('silent'), { dataDir })
    await database.close()
    return await readFile(join(dataDir, DATABASE))
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
