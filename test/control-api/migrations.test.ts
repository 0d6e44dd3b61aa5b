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
