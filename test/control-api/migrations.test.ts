// A database of an earlier version is brought up to date, and keeps what is in it.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openDatabase } from '../../control-api/db/database.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { buildApp, freshDataDir } from '../support/build-app.ts'

const COLUMNS = 'state key bytes sha256 duration_ms'.split(' ').map((name) => `recording_${name}`)

t.test('calls from before recordings have none', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await buildApp(t, { dataDir })
  const { callId } = await before.control.begin()
  await before.close()
  const file = new DatabaseSync(join(dataDir, 'voicegate.sqlite'))
  undoTranscripts(file)
  for (const column of COLUMNS) file.exec(`ALTER TABLE calls DROP COLUMN ${column}`)
  file.exec("DELETE FROM kysely_migration WHERE name = '0002-recordings'")
  file.close()

  const database = await openDatabase(createLogger('silent'), { dataDir })
  const row = await database.query.selectFrom('calls').selectAll().executeTakeFirstOrThrow()
  t.equal(row.call_id, callId)
  for (const column of COLUMNS) t.equal(row[column as keyof typeof row], null, column)
  await database.close()

  const app = await buildApp(t, { dataDir })
  const call = (await (await app.request(`/api/calls/${callId}`)).json()) as object
  t.match(call, { call_id: callId, has_recording: false, status: 'ended' })
})

t.test('calls from before transcripts get their place and are found by number', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await buildApp(t, { dataDir })
  const createdAt = before.clock.now()
  const [one, other] = [
    await before.control.begin({ createdAt, from: 'alice' }),
    await before.control.begin({ createdAt, from: '+4930555299' }),
  ]
  await before.close()
  const file = new DatabaseSync(join(dataDir, 'voicegate.sqlite'))
  undoTranscripts(file)
  file.close()

  const app = await buildApp(t, { dataDir })
  const found = async (query: string) => {
    const page = await (await app.request(`/api/calls?${query}`)).json()
    return (page as { items: { call_id: string }[] }).items.map(({ call_id: id }) => id)
  }
  t.same((await found('limit=5')).sort(), [one.callId, other.callId].sort())
  t.same(await found('number=555299'), [other.callId])
  t.equal((await found('number=555100')).length, 2)
})

t.test('more calls than are read at a time; that it begins is said before', async (t) => {
  const dataDir = await freshDataDir(t)
  await (await openDatabase(createLogger('silent'), { dataDir })).close()
  const file = new DatabaseSync(join(dataDir, 'voicegate.sqlite'))
  undoTranscripts(file)
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
  t.match(lines, [/"migrations":\["0003-transcripts"\],"msg":"bringing the database/, /"Success"/])
  const again: string[] = []
  await database.close()
  await (await openDatabase(loggerInto(again), { dataDir })).close()
  t.same(again, [], 'nothing to do, nothing to say')
})

const loggerInto = (lines: string[]) =>
  createLogger('info', { write: (line: string) => void lines.push(line) })

/** As the second migration left it. */
function undoTranscripts(file: DatabaseSync): void {
  const added = ['position', 'from_reversed', 'to_reversed', 'has_transcript']
  const indexed = [...added.slice(0, 3), 'outcome', 'review_status', 'application_id', 'provider']
  for (const name of [...indexed, 'live', 'recording']) file.exec(`DROP INDEX calls_${name}`)
  for (const column of added) file.exec(`ALTER TABLE calls DROP COLUMN ${column}`)
  for (const table of ['call_turns', 'call_words', 'signing_keys']) file.exec(`DROP TABLE ${table}`)
  file.exec('CREATE INDEX calls_status ON calls (status)')
  file.exec("DELETE FROM kysely_migration WHERE name = '0003-transcripts'")
}
