// GET and PUT /api/settings/log-level: what it is, a change for a while, who made it. Roles are in access/matrix.test.ts.
import t from 'tap'
import { buildApp, json, type BuiltApp } from '../support/build-app.ts'

const PATH = '/api/settings/log-level'

const change = async (app: BuiltApp, body: object): Promise<Response> =>
  app.request(PATH, { ...json(body), method: 'PUT' })
const read = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>

t.test('another level for a while, by whom, and back', async (t) => {
  const app = await buildApp(t)
  const debugLines = (): number => app.logged().split('"level":"debug"').length - 1
  const asConfigured = { level: 'debug', configured: 'debug', until: null }
  t.same(await read(await app.request(PATH)), asConfigured)
  t.ok(debugLines() > 0)

  const before = Date.now()
  const changed = await read(await change(app, { level: 'warn' }))
  t.match(changed, { level: 'warn', configured: 'debug' })
  const lasts = Date.parse(String(changed['until'])) - before
  t.ok(Math.abs(lasts - 3_600_000) < 5000, `an hour unless told: ${lasts} ms`)
  const told = debugLines()
  t.same(await read(await app.request(PATH)), changed)
  t.equal(debugLines(), told, 'nothing more below')

  const shorter = await read(await change(app, { level: 'info', minutes: 5 }))
  t.ok(Date.parse(String(shorter['until'])) < before + 310_000)
  t.same(await read(await change(app, { level: null })), asConfigured, 'LOG_LEVEL again')
  const { items } = (await read(await app.request('/api/audit'))) as { items: object[] }
  t.match(items, [
    { action: 'log_level.changed', key_id: 'rehearsal', target: null, detail: { level: 'debug' } },
    { action: 'log_level.changed', detail: { level: 'info', minutes: 5 } },
    { action: 'log_level.changed', detail: { level: 'warn', minutes: 60 } },
  ])
})

t.test('what is no level, or no time, changes nothing', async (t) => {
  const app = await buildApp(t)
  const wrong: object[] = [{}, { level: 'trace' }, { level: 'info', minutes: 0 }]
  // Above `warn` nobody would read what goes wrong meanwhile.
  for (const level of ['error', 'fatal', 'silent']) wrong.push({ level })
  for (const body of [...wrong, { level: 'info', minutes: 1441 }, { level: 'info', hours: 1 }])
    t.equal((await change(app, body)).status, 400, JSON.stringify(body))
  t.match(await read(await app.request(PATH)), { level: 'debug', until: null })
})
