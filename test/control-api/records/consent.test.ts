// Consent and who picked up, as the view of a call and the exports show them.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { epochMs } from '#core/contracts'
import { buildApp } from '../../support/build-app.ts'

interface Shown {
  readonly consent: object | null
  readonly machine: object | null
}

t.test('consent is shown as it was given or refused; the last word counts', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin()
  const shown = async () => (await (await app.request(`/api/calls/${callId}`)).json()) as Shown
  t.match(await shown(), { consent: null, machine: null })
  const at = epochMs(Date.UTC(2026, 10, 21, 6, 0, 0, 250))
  app.emit('consent.given', callId, { given: true, promptVersion: 'v1', language: 'de' }, at)
  await app.recorded(callId, 1)
  t.same((await shown()).consent, {
    given: true,
    at: '2026-11-21T06:00:00.250Z',
    prompt_version: 'v1',
    language: 'de',
  })
  app.emit('consent.given', callId, { given: false, promptVersion: 'v2', language: 'en' })
  await app.recorded(callId, 2)
  t.match((await shown()).consent, { given: false, prompt_version: 'v2', language: 'en' })
  const statistics = await app.request('/api/statistics?group_by=consent')
  t.match(await statistics.json(), { items: [{ key: 'refused', calls: 1, live: 1 }] })
})

t.test('who picked up', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin()
  const database = new DatabaseSync(join(app.dataDir, 'voicegate.sqlite'), { timeout: 5000 })
  const update = 'UPDATE calls SET machine_verdict = ?, machine_at = ? WHERE call_id = ?'
  database.prepare(update).run('machine', 1000, callId)
  database.close()
  const shown = (await (await app.request(`/api/calls/${callId}`)).json()) as Shown
  t.same(shown.machine, { verdict: 'machine', at: '1970-01-01T00:00:01.000Z' })
  const csv = await (await app.request('/api/calls/export')).text()
  t.match(csv, ',machine,1970-01-01T00:00:01.000Z,')
})
