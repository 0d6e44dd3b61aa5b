// What the doctor says of the data folder, with databases in every state; and that it leaves them as they were.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { openDatabase } from '../../control-api/db/database.ts'
import { compileConfig } from '../../core/config/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { data } from '../../doctor/checks/data.ts'
import type { Finding } from '../../doctor/finding.ts'
import { temporaryFolder } from '../support/process.ts'

const logger = createLogger('silent')

async function examined(dataDir: string, isRunning = false): Promise<readonly Finding[]> {
  const compiled = compileConfig({ DATA_DIR: dataDir }, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return data.run({ config: compiled.config, logger, isRunning })
}

/** A rehearsal keeps its data in a folder below. */
const folderOf = (dataDir: string): string => join(dataDir, 'rehearsal')

async function madeDatabase(t: Test): Promise<string> {
  const dataDir = temporaryFolder(t, 'data')
  const database = await openDatabase(logger, { dataDir: folderOf(dataDir) })
  await database.close()
  return dataDir
}

const fileIn = (dataDir: string): string => join(folderOf(dataDir), 'voicegate.sqlite')

t.test('no folder yet, and nothing is made', async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  t.match(await examined(dataDir), [
    { verdict: 'info', seen: /is not there yet: the first start makes/ },
    { verdict: /ok|warn/, seen: /are free on its disk, enough for \d+ hours of recorded calls/ },
  ])
  t.same(readdirSync(dataDir), [])
})

t.test('a folder that cannot be had', async (t) => {
  const file = join(temporaryFolder(t, 'data'), 'file')
  writeFileSync(file, '')
  t.match(await examined(file), [
    { verdict: 'fail', seen: /DATA_DIR cannot be written/, todo: /Set DATA_DIR/ },
  ])
})

t.test('a whole database, and not a byte of it changes', async (t) => {
  const dataDir = await madeDatabase(t)
  const before = readdirSync(folderOf(dataDir))
  const bytes = readFileSync(fileIn(dataDir))
  const [folder, , database] = await examined(dataDir)
  t.match(folder, { verdict: 'ok', seen: /DATA_DIR can be written/ })
  t.match(database, { verdict: 'ok', seen: /whole \(\d+ MiB\); its tables are up to date/ })
  t.same(readdirSync(folderOf(dataDir)), before)
  t.ok(bytes.equals(readFileSync(fileIn(dataDir))))
})

t.test('one that is in use is read beside its writer, and left after a crash', async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  const database = await openDatabase(logger, { dataDir: folderOf(dataDir) })
  t.teardown(() => database.close())
  t.match((await examined(dataDir, true))[2], { verdict: 'ok', seen: /tables are up to date/ })
  t.match((await examined(dataDir))[2], {
    verdict: 'warn',
    seen: /another voicegate holds this DATA_DIR/,
  })
  await database.ping()
  // What a crash leaves: the file, and the log with all that is in it.
  const left = temporaryFolder(t, 'left')
  mkdirSync(folderOf(left))
  for (const name of ['voicegate.sqlite', 'voicegate.sqlite-wal'])
    copyFileSync(join(folderOf(dataDir), name), join(folderOf(left), name))
  t.match((await examined(left))[2], { verdict: 'ok', seen: /tables are up to date/ })
})

t.test('a newer one, and an older one', async (t) => {
  const dataDir = await madeDatabase(t)
  const database = new DatabaseSync(fileIn(dataDir))
  database.exec("insert into kysely_migration values ('9999-later', '')")
  database.close()
  t.match((await examined(dataDir))[2], {
    verdict: 'fail',
    seen: /a newer voicegate .* \(9999-later\)/,
    todo: /backup/,
  })
  const again = new DatabaseSync(fileIn(dataDir))
  again.exec("delete from kysely_migration where name > '0001-calls'")
  again.close()
  t.match((await examined(dataDir))[2], {
    verdict: 'info',
    seen: /the next start brings its tables up to date \(0002-recordings/,
  })
})

t.test('damaged, or no database at all', async (t) => {
  const dataDir = await madeDatabase(t)
  const bytes = readFileSync(fileIn(dataDir))
  bytes.fill(0x5a, 4096 * 2, 4096 * 6)
  writeFileSync(fileIn(dataDir), bytes)
  t.match((await examined(dataDir))[2], {
    verdict: 'fail',
    seen: /damaged|cannot be opened/,
    todo: /backup/,
  })
  writeFileSync(fileIn(dataDir), 'not a database at all'.repeat(100))
  t.match((await examined(dataDir))[2], {
    verdict: 'fail',
    seen: /the database cannot be opened: file is not a database/,
  })
})
