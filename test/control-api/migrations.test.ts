// A database of an earlier version is brought up to date, and keeps what is in it. The earlier version is made by its own
// migrations, so that later ones change nothing here.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import t, { type Test } from 'tap'
import { DatabaseThread } from '../../control-api/db/database-thread.ts'
import { openDatabase } from '../../control-api/db/database.ts'
import { migrate, MIGRATION_NAMES } from '../../control-api/db/migrate.ts'
import type { DatabaseSchema } from '../../control-api/db/schema.ts'
import { createSqliteWorkerDialect } from '../../control-api/db/sqlite-worker-dialect.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { buildApp, freshDataDir } from '../support/build-app.ts'

const SILENT = createLogger('silent')
const COLUMNS = 'state key bytes sha256 duration_ms'.split(' ').map((name) => `recording_${name}`)

/** A data folder as the version that ended with this migration left it, and its file. */
async function madeBy(t: Test, migration: string) {
  const dataDir = await freshDataDir(t)
  const path = join(dataDir, 'voicegate.sqlite')
  const thread = new DatabaseThread({ path }, SILENT, 100)
  const query = new Kysely<DatabaseSchema>({ dialect: createSqliteWorkerDialect(thread) })
  await migrate(query, SILENT, migration)
  await query.destroy()
  await thread.close()
  return { dataDir, file: new DatabaseSync(path) }
}

interface OldCall {
  readonly id: string
  readonly at: number
  readonly from: string | null
  readonly to: string
}

/** With the columns of the first version, which all later ones have. */
function insertOld(file: DatabaseSync, { id, at, from, to }: OldCall): void {
  file
    .prepare(
      `INSERT INTO calls (call_id, provider, direction, from_number, to_number, trunk, status, created_at, ended_at,
        agent_sessions, agent_seconds, agent_price_per_minute, metadata)
      VALUES (?, 'sip', 'outbound', ?, ?, 'x', 'ended', ?, ?, 0, 0, 0, '{}')`,
    )
    .run(id, from, to, at, at)
}

const ONE = 'call_00000000000000000000000000000001'
const OTHER = 'call_00000000000000000000000000000002'

t.test('calls from before recordings have none', async (t) => {
  const { dataDir, file } = await madeBy(t, '0001-calls')
  insertOld(file, { id: ONE, at: 1_700_000_000_000, from: null, to: '+4930555100' })
  file.close()

  const database = await openDatabase(SILENT, { dataDir })
  const row = await database.query.selectFrom('calls').selectAll().executeTakeFirstOrThrow()
  t.equal(row.call_id, ONE)
  for (const column of COLUMNS) t.equal(row[column as keyof typeof row], null, column)
  await database.close()

  const app = await buildApp(t, { dataDir })
  const call = (await (await app.request(`/api/calls/${ONE}`)).json()) as object
  t.match(call, { call_id: ONE, has_recording: false, status: 'ended' })
})

t.test('calls from before transcripts get their place and are found by number', async (t) => {
  const { dataDir, file } = await madeBy(t, '0002-recordings')
  const at = Date.now()
  insertOld(file, { id: ONE, at, from: 'alice', to: '+4930555100' })
  insertOld(file, { id: OTHER, at, from: '+4930555299', to: '+4930555100' })
  file.close()

  const app = await buildApp(t, { dataDir })
  const found = async (query: string) => {
    const page = await (await app.request(`/api/calls?${query}`)).json()
    return (page as { items: { call_id: string }[] }).items.map(({ call_id: id }) => id)
  }
  t.same((await found('limit=5')).sort(), [ONE, OTHER])
  t.same(await found('number=555299'), [OTHER])
  t.equal((await found('number=555100')).length, 2)
})

t.test('administrators from before roles are administrators', async (t) => {
  const { dataDir, file } = await madeBy(t, '0003-transcripts')
  file.exec("INSERT INTO api_keys VALUES ('k', 'administrator', 'x', 1, NULL)")
  file.close()
  const database = await openDatabase(SILENT, { dataDir })
  t.teardown(() => database.close())
  const keys = await database.query.selectFrom('api_keys').selectAll().execute()
  t.match(keys, [{ id: 'k', role: 'admin', budget: null, expires_at: null }])
})

t.test('more calls than are read at a time; that it begins is said before', async (t) => {
  const { dataDir, file } = await madeBy(t, '0002-recordings')
  // Seven of each moment: some have one page end in their midst.
  file.exec(`
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2499)
    INSERT INTO calls (call_id, provider, direction, to_number, trunk, status, created_at,
      agent_sessions, agent_seconds, agent_price_per_minute, metadata)
    SELECT printf('call_%04d', i * 7919 % 2500), 'sip', 'outbound', '+4930' || i, 'x', 'ended',
      1700000000000.0 + i / 7, 0, 0, 0, '{}' FROM n`)
  file.close()

  const lines: string[] = []
  const database = await openDatabase(loggerInto(lines), { dataDir })
  t.teardown(() => database.close())
  const rows = await database.query
    .selectFrom('calls')
    .select(['created_at', 'position', 'to_number', 'to_reversed'])
    .orderBy('created_at')
    .orderBy('call_id', 'desc')
    .execute()
  t.equal(rows.length, 2500)
  let last = 0
  for (const { created_at, position, to_number, to_reversed } of rows) {
    if (position !== Math.max(last + 1, created_at * 1000)) t.fail(`${position} after ${last}`)
    if (to_reversed !== Array.from(to_number.slice(1)).reverse().join('')) t.fail(to_number)
    last = position
  }
  const begun = JSON.parse(lines[0] ?? '{}') as object
  const missing = MIGRATION_NAMES.slice(MIGRATION_NAMES.indexOf('0003-transcripts'))
  t.match(begun, { migrations: missing, msg: /^bringing the database up to date/ })
  t.equal(lines.filter((line) => line.includes('"Success"')).length, missing.length)
  const again: string[] = []
  await database.close()
  await (await openDatabase(loggerInto(again), { dataDir })).close()
  t.same(again, [], 'nothing to do, nothing to say')
})

const loggerInto = (lines: string[]) =>
  createLogger('info', { write: (line: string) => void lines.push(line) })
