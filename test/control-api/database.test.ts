import { once } from 'node:events'
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'
import { sql } from 'kysely'
import t from 'tap'
import { openDatabase, type Database } from '../../control-api/db/database.ts'
import { databaseError } from '../../control-api/db/database-failure.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { freshDataDir } from '../support/build-app.ts'
import type { Test } from 'tap'
import { migratedDataDir } from '../support/data-folder.ts'

const logger = createLogger('silent')

async function open(t: Test, options: { maxPending?: number; dataDir?: string } = {}) {
  const dataDir = options.dataDir ?? (await migratedDataDir(t))
  const database = await openDatabase(logger, { ...options, dataDir })
  t.teardown(() => database.close())
  return database
}

const insert = ({ query }: Database, id: string, secretHash = 'x') =>
  query.insertInto('api_keys').values({
    id,
    role: 'admin',
    secret_hash: secretHash,
    created_at: 1_700_000_000_000.125,
    revoked_at: null,
  })

t.test('writes that come together share commits, and all are there', async (t) => {
  const database = await open(t)
  const before = database.stats()
  await Promise.all(
    Array.from({ length: 1000 }, (_, i) => database.write([insert(database, `k${i}`)])),
  )
  const { batches, commits } = database.stats()
  t.equal(batches - before.batches, 1000)
  t.ok(commits - before.commits <= 10, 'in few transactions', { commits })
  const { rows } = await sql<{ n: number }>`select count(*) as n from api_keys`.execute(
    database.query,
  )
  t.equal(rows[0]?.n, 1000)
})

t.test(
  'a batch is whole or not at all, and its neighbours in the commit do not suffer',
  async (t) => {
    const database = await open(t)
    const first = database.write([insert(database, 'a')])
    const twice = database.write([insert(database, 'b'), insert(database, 'a')])
    const last = database.write([insert(database, 'c')])
    await first
    await t.rejects(twice, { code: 'INTERNAL', message: 'A database statement failed' })
    await last
    const ids = await database.query.selectFrom('api_keys').select('id').orderBy('id').execute()
    t.same(ids, [{ id: 'a' }, { id: 'c' }])
  },
)

t.test('a disk that is full is told as that, to all that shared the transaction', async (t) => {
  const database = await open(t)
  const pages = async (count: number) => {
    await sql.raw(`PRAGMA max_page_count = ${count}`).execute(database.query)
  }
  const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(database.query)
  await pages((rows[0]?.page_count ?? 0) + 40)
  const writes = Array.from({ length: 5 }, (_, i) =>
    database.write([insert(database, `k${i}`, 'x'.repeat(100_000))]),
  )
  const results = await Promise.allSettled(writes)
  t.equal(results[0]?.status, 'fulfilled', 'it had a transaction of its own')
  for (const result of results.slice(1))
    t.match(result, { reason: { code: 'DATABASE_UNAVAILABLE', message: /disk is full/ } })
  await pages(10_000)
  await database.write([insert(database, 'later')])
  const ids = await database.query.selectFrom('api_keys').select('id').orderBy('id').execute()
  t.same(ids, [{ id: 'k0' }, { id: 'later' }])
})

t.test('a disk that is read but not written answers no ping', async (t) => {
  const database = await open(t)
  await database.ping()
  await sql`PRAGMA query_only = ON`.execute(database.query)
  await t.rejects(database.ping(), { code: 'DATABASE_UNAVAILABLE', message: /read-only/ })
  await sql`PRAGMA query_only = OFF`.execute(database.query)
  await database.ping()
})

t.test('a file that is gone or another one answers no ping, though it takes writes', async (t) => {
  const dataDir = await freshDataDir(t)
  const database = await open(t, { dataDir })
  const [file, aside] = [join(dataDir, 'voicegate.sqlite'), join(dataDir, 'aside')]
  await rename(file, aside)
  await database.write([insert(database, 'a')])
  await t.rejects(database.ping(), { code: 'DATABASE_UNAVAILABLE', message: /cannot be found/ })
  await writeFile(file, '')
  await t.rejects(database.ping(), { code: 'DATABASE_UNAVAILABLE', message: /another one/ })
  await rename(aside, file)
  await database.ping()
})

t.test('each write resolves in the order it was given', async (t) => {
  const database = await open(t)
  const order: number[] = []
  await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      await database.write([insert(database, `k${i}`)])
      order.push(i)
    }),
  )
  t.same(
    order,
    [...order].sort((a, b) => a - b),
  )
})

t.test('a queue that is full refuses instead of growing', async (t) => {
  const database = await open(t, { maxPending: 10 })
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, (_, i) => database.write([insert(database, `k${i}`)])),
  )
  const refused = results.filter((result) => result.status === 'rejected')
  t.equal(refused.length, 40)
  t.match(refused[0]?.reason, { code: 'DATABASE_UNAVAILABLE', retryable: true })
  await database.write([insert(database, 'later')])
})

t.test('times keep their fraction, foreign keys hold, the disk is synced', async (t) => {
  const database = await open(t)
  await database.write([insert(database, 'a')])
  const row = await database.query.selectFrom('api_keys').selectAll().executeTakeFirst()
  t.equal(row?.created_at, 1_700_000_000_000.125)
  const orphan = { call_id: 'none', seq: 0, at: 1, type: 'x', data: '{}' }
  const write = database.write([database.query.insertInto('call_events').values(orphan)])
  await t.rejects(write, { code: 'INTERNAL', cause: { message: /FOREIGN KEY/ } })
  const pragma = async (name: string) => {
    const { rows } = await sql
      .raw<Record<string, unknown>>(`PRAGMA ${name}`)
      .execute(database.query)
    return rows[0]?.[name]
  }
  t.equal(await pragma('journal_mode'), 'wal')
  t.equal(await pragma('synchronous'), 2, 'FULL')
  t.equal(await pragma('foreign_keys'), 1)
})

t.test('a page of calls is read along the index', async (t) => {
  const database = await open(t)
  const { rows } = await sql<{ detail: string }>`explain query plan
    select * from calls order by created_at desc, call_id asc limit 51`.execute(database.query)
  t.match(rows[0]?.detail, /USING INDEX calls_newest/)
  t.equal(rows.length, 1, 'without sorting')
})

t.test('opening twice changes nothing; the folder is its owner’s alone', async (t) => {
  const dataDir = join(await freshDataDir(t), 'deep', 'data')
  const first = await open(t, { dataDir })
  await first.write([insert(first, 'a')])
  await first.close()
  await first.close()
  const second = await open(t, { dataDir })
  t.equal((await second.query.selectFrom('api_keys').selectAll().execute()).length, 1)
  t.equal((await stat(dataDir)).mode & 0o777, 0o700)
})

t.test('after closing, everything is refused with a code', async (t) => {
  const database = await open(t)
  await database.close()
  await t.rejects(database.write([insert(database, 'a')]), { code: 'DATABASE_UNAVAILABLE' })
  await t.rejects(database.ping(), { code: 'DATABASE_UNAVAILABLE' })
})

t.test('what was queued is written before the file closes', async (t) => {
  const dataDir = await freshDataDir(t)
  const database = await open(t, { dataDir })
  const writes = Array.from({ length: 1500 }, (_, i) => database.write([insert(database, `k${i}`)]))
  await database.close()
  await Promise.all(writes)
  const again = await open(t, { dataDir })
  t.equal((await again.query.selectFrom('api_keys').selectAll().execute()).length, 1500)
})

t.test('a file that is no database is said to be one', async (t) => {
  const dataDir = await freshDataDir(t)
  await writeFile(join(dataDir, 'voicegate.sqlite'), 'this is a letter, not a database'.repeat(100))
  await t.rejects(open(t, { dataDir }), {
    code: 'DATABASE_UNAVAILABLE',
    message: /not a database/,
  })
})

t.test('a lock file that cannot be had is told with the reason', async (t) => {
  const dataDir = await freshDataDir(t)
  await writeFile(join(dataDir, 'voicegate.lock'), 'a letter too'.repeat(100))
  await t.rejects(open(t, { dataDir }), {
    code: 'CONFIGURATION_INVALID',
    message: /its lock file cannot be made or opened \(file is not a database\)/,
  })
})

t.test('SQLite’s codes become ours', (t) => {
  const cases: [number | null, string][] = [
    [5, 'DATABASE_UNAVAILABLE'], // SQLITE_BUSY
    [13, 'DATABASE_UNAVAILABLE'], // SQLITE_FULL
    [10 | (4 << 8), 'DATABASE_UNAVAILABLE'], // SQLITE_IOERR_FSYNC
    [8 | (1 << 8), 'DATABASE_UNAVAILABLE'], // SQLITE_READONLY_RECOVERY
    [19 | (6 << 8), 'INTERNAL'], // SQLITE_CONSTRAINT_PRIMARYKEY
    [1, 'INTERNAL'], // SQLITE_ERROR
    [null, 'INTERNAL'],
  ]
  for (const [resultCode, code] of cases) {
    t.match(databaseError({ message: 'x', resultCode }), { code }, String(resultCode))
  }
  t.end()
})

t.test(
  'a folder that cannot be made, written or entered is refused by name, at once',
  async (t) => {
    const file = join(await freshDataDir(t), 'file')
    await writeFile(file, '')
    const begun = performance.now()
    for (const dataDir of [
      '/proc/x',
      '/proc/x/y',
      '/proc',
      '/dev/null',
      file,
      join(file, 'data'),
    ]) {
      const refused = {
        code: 'CONFIGURATION_INVALID',
        message: new RegExp(`^DATA_DIR ${dataDir}: `),
      }
      await t.rejects(openDatabase(logger, { dataDir }), refused, dataDir)
    }
    await t.rejects(openDatabase(logger, { dataDir: '/proc/x' }), { message: /\(ENOENT\)/ })
    t.ok(performance.now() - begun < 3000)
  },
)

t.test('two do not share a folder; it is free again after the first', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await open(t, { dataDir })
  const refused = { code: 'CONFIGURATION_INVALID', message: /^DATA_DIR .*another voicegate/ }
  await t.rejects(open(t, { dataDir }), refused)
  await t.rejects(
    open(t, { dataDir: `${dataDir}/../${basename(dataDir)}` }),
    refused,
    'by any name',
  )
  await first.write([insert(first, 'a')])
  await first.close()
  const second = await open(t, { dataDir })
  t.equal((await second.query.selectFrom('api_keys').selectAll().execute()).length, 1)
})

t.test('an opening that failed leaves the folder free', async (t) => {
  const dataDir = await freshDataDir(t)
  const file = join(dataDir, 'voicegate.sqlite')
  await writeFile(file, 'this is a letter, not a database'.repeat(100))
  await t.rejects(open(t, { dataDir }), { code: 'DATABASE_UNAVAILABLE' })
  await rm(file)
  await open(t, { dataDir })
})

t.test('a file that another program holds is said to be locked', async (t) => {
  const dataDir = await freshDataDir(t)
  const other = new DatabaseSync(join(dataDir, 'voicegate.sqlite'))
  t.teardown(() => other.close())
  other.exec('create table theirs (x); begin exclusive')
  await t.rejects(open(t, { dataDir }), {
    code: 'DATABASE_UNAVAILABLE',
    message: /locked by another program/,
  })
})

t.test(
  'the loss of the thread is told, also to those who ask later; closing is none',
  async (t) => {
    const started = once(process, 'worker') as Promise<[Worker]>
    const database = await open(t)
    const [worker] = await started
    const told: string[] = []
    database.onLost((reason) => told.push(reason))
    // Too many for the thread to have done them all when it ends.
    const writes = Array.from({ length: 1_000 }, (_, at) =>
      database.write([insert(database, `a${at}`)]),
    )
    await worker.terminate()
    await t.rejects(Promise.all(writes), { code: 'DATABASE_UNAVAILABLE' })
    database.onLost((reason) => told.push(reason))
    t.equal(told.length, 2)
    t.match(told[0], /thread has ended/)
    const other = await open(t)
    other.onLost((reason) => told.push(reason))
    await other.close()
    t.equal(told.length, 2, 'closing is no loss')
  },
)

t.test('nobody else reads the database, also where the folder was made for others', async (t) => {
  const dataDir = await freshDataDir(t)
  await mkdir(dataDir, { recursive: true })
  await chmod(dataDir, 0o755)
  const database = await open(t, { dataDir })
  await database.write([insert(database, 'k')])
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith('voicegate.sqlite')) continue
    t.equal((await stat(join(dataDir, name))).mode & 0o077, 0, name)
  }
})
