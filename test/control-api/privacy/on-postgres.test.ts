import t from 'tap'
import { ms } from '../../../core/contracts/index.ts'
import { buildApp, eventually, freshDataDir, json } from '../../support/build-app.ts'
import { needsPostgres, startPostgres } from '../../support/postgres.ts'
import { NAME, NUMBER, plantCall, WORD } from './support.ts'

t.test('on PostgreSQL: retention, then an erasure', needsPostgres, async (t) => {
  const server = await startPostgres(t)
  const databaseUrl = await server.createDatabase('privacy')
  const dataDir = await freshDataDir(t)
  const erasureJob = { settle: ms(0) }
  const first = await buildApp(t, { dataDir, config: { databaseUrl } })
  const old = await plantCall(first, { daysAgo: 100, conversationId: 'conv_old', consent: true })
  const fresh = await plantCall(first, { conversationId: 'conv_fresh' })
  await first.close()

  const retentionDays = { audio: 10, transcripts: 30, events: 60 }
  const app = await buildApp(t, { dataDir, config: { databaseUrl, retentionDays, erasureJob } })
  const read = async (path: string) => (await (await app.request(path)).json()) as object
  await eventually('the old call is swept', async () =>
    JSON.stringify(await read(`/api/calls/${old}`)).includes('"to":"erased"'),
  )
  t.match(await read(`/api/calls/${fresh}`), { from: NUMBER, has_transcript: true })

  const response = await app.request('/api/erasures', json({ number: NUMBER }))
  const { erasure_id: id } = (await response.json()) as { erasure_id: string }
  await eventually('the number is erased', async () =>
    JSON.stringify(await read(`/api/calls/${fresh}`)).includes('"to":"erased"'),
  )
  await eventually('only the vendor is left, who was never configured', async () =>
    JSON.stringify(await read(`/api/erasures/${id}`)).includes('no key of the vendor'),
  )
  t.match(await read(`/api/erasures/${id}`), { erased: { calls: 1, recordings: 1 } })
  const tables = `SELECT string_agg(one, ' ') FROM (
    SELECT query_to_xml('SELECT * FROM ' || quote_ident(tablename), true, false, '')::text AS one
    FROM pg_tables WHERE schemaname = current_schema()) all_tables`
  const everything = await server.psql('privacy', tables)
  t.match(everything, old, 'all of it was read')
  for (const text of [NUMBER.slice(1), WORD, NAME.toLowerCase(), NAME])
    t.notOk(everything.includes(text), text)
})
