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

/** As the second migration left it. */
function undoTranscripts(file: DatabaseSync): void {
  const added = ['position', 'from_reversed', 'to_reversed', 'has_transcript']
  const indexed = [...added.slice(0, 3), 'outcome', 'review_status', 'application_id', 'provider']
  for (const name of [...indexed, 'live']) file.exec(`DROP INDEX calls_${name}`)
  for (const column of added) file.exec(`ALTER TABLE calls DROP COLUMN ${column}`)
  for (const table of ['call_turns', 'call_words', 'signing_keys']) file.exec(`DROP TABLE ${table}`)
  file.exec('CREATE INDEX calls_status ON calls (status)')
  file.exec("DELETE FROM kysely_migration WHERE name = '0003-transcripts'")
}
