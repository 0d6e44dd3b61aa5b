// npm run backup and npm run restore: while the product runs, refused where they would harm, and undone. As programs where
// that is the point: what they print and how they exit.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { backupDatabase } from '../../control-api/db/copies/backup.ts'
import { restoreDatabase } from '../../control-api/db/copies/restore.ts'
import { openDatabase, type Database } from '../../control-api/db/database.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { insertKey } from '../contract/database.ts'
import { bareEnvironment, temporaryFolder } from '../support/process.ts'

interface Ran {
  readonly code: number
  readonly out: string
}

const logger = createLogger('silent')
const flag = '--disable-warning=ExperimentalWarning'

/** A data folder, and the two programs on it, in a folder without settings. */
function place(t: Test) {
  const folder = temporaryFolder(t, 'backup')
  const dataDir = join(folder, 'data')
  const run = (name: 'backup' | 'restore', args: string[], env: Record<string, string> = {}) =>
    new Promise<Ran>((resolve) => {
      const program = join(import.meta.dirname, `../../scripts/${name}.ts`)
      const environment = { ...bareEnvironment(), DATA_DIR: dataDir, ...env }
      const options = { cwd: folder, env: environment }
      execFile(process.execPath, [flag, program, ...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code)
        resolve({ code, out: stdout + stderr })
      })
    })
  // Without a trunk and an agent it rehearses.
  const ours = join(dataDir, 'rehearsal')
  const told = { onProgress: () => undefined, onCheck: () => undefined }
  return {
    folder,
    dataDir: ours,
    run,
    file: join(folder, 'copy.sqlite'),
    // The same without a process of its own.
    backup: (file: string) => backupDatabase({ dataDir: ours, file, ...told }),
    restore: (file: string) => restoreDatabase({ dataDir: ours, file, ...told }),
  }
}

async function open(t: Test, dataDir: string): Promise<Database> {
  const database = await openDatabase(logger, { dataDir })
  t.teardown(() => database.close())
  return database
}

const ids = async ({ query }: Database) =>
  (await query.selectFrom('api_keys').select('id').orderBy('id').execute()).map(({ id }) => id)

t.test('a backup of a database that is written to is whole, and restored', async (t) => {
  const { folder, dataDir, run, file, restore } = place(t)
  const database = await open(t, dataDir)
  await database.write([insertKey(database, 'a')])
  const state = { writing: true }
  let written = 0
  const writer = (async () => {
    while (state.writing) {
      await database.write([insertKey(database, `during-${written++}`)])
      await sleep(1) // A busy node, not a loop that takes the whole processor.
    }
  })()
  const made = await run('backup', [file])
  state.writing = false
  await writer
  t.match(made, { code: 0, out: /is a whole copy: 0 calls[^]*rsync -a .*media/ })
  t.ok(written > 50, 'it was written to meanwhile', { written })
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(readdirSync(folder).sort(), ['copy.sqlite', 'data'], 'nothing else is left')
  t.match(await run('backup', [file]), { code: 1, out: /there already/ }, 'not overwritten')
  t.match(await run('restore', [file]), { code: 1, out: /another voicegate is running/ })
  await database.write([insertKey(database, 'z-later')])
  await database.close()

  const restored = await run('restore', [file])
  t.match(restored, { code: 0, out: /restored: 0 calls/ })
  const former = /former database is (\S+);/.exec(restored.out)?.[1] ?? ''
  const before = await open(t, dataDir)
  const then = await ids(before)
  t.equal(then[0], 'a')
  t.notOk(then.includes('z-later'))
  t.equal(
    new DatabaseSync(file).prepare('SELECT count(*) AS n FROM api_keys').get()?.['n'],
    then.length,
  )
  await before.close()

  await restore(former)
  const after = await open(t, dataDir)
  t.ok((await ids(after)).includes('z-later'), 'and undone')
})

t.test('what is no backup is refused, and nothing changes', async (t) => {
  const { folder, dataDir, file, backup, restore } = place(t)
  const refuses = (run: Promise<unknown>, message: RegExp) => t.rejects(run, { message })
  await refuses(backup(file), /no database yet/)
  const database = await open(t, dataDir)
  await database.write([insertKey(database, 'a')])
  await database.close()
  await refuses(restore(file), /no such file/)
  writeFileSync(file, 'no database at all'.repeat(1000))
  await refuses(restore(file), /cannot be read/)
  const other = join(folder, 'other.sqlite')
  new DatabaseSync(other).exec('CREATE TABLE x (y)')
  await refuses(restore(other), /no database of voicegate/)
  const newer = join(folder, 'newer.sqlite')
  await backup(newer)
  new DatabaseSync(newer).exec("INSERT INTO kysely_migration VALUES ('9999-later', '')")
  await refuses(restore(newer), /newer voicegate.*9999-later/)
  await refuses(restore(join(dataDir, 'voicegate.sqlite')), /itself/)
  t.same(await ids(await open(t, dataDir)), ['a'])
  t.notOk(readdirSync(dataDir).some((name) => /former|restoring/.test(name)))
  t.notOk(existsSync(`${file}.partial`))
})

t.test('PostgreSQL has programs of its own; wrong arguments are told', async (t) => {
  const { run } = place(t)
  const env = { DATABASE_URL: 'postgres://u:planted@127.0.0.1:1/d' }
  const [dump, back] = [await run('backup', ['x'], env), await run('restore', ['x'], env)]
  t.match(dump, { code: 2, out: /pg_dump/ })
  t.match(back, { code: 2, out: /pg_restore/ })
  t.notMatch(dump.out + back.out, 'planted')
  t.match(await run('backup', []), { code: 2, out: /usage: npm run backup/ })
  t.match(await run('restore', ['--help']), { code: 0, out: /usage: npm run restore/ })
})
