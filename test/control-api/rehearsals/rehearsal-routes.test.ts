// /api/rehearsals on a program that the test plays: who may, what is refused, what is kept, what is announced.
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import type { ControlApiConfig } from '../../../control-api/index.ts'
import { buildApp, eventually, json, type BuiltApp } from '../../support/build-app.ts'
import { FakeRehearsals, resultOf, RUNG } from '../../support/fake-rehearsals.ts'

interface Run {
  readonly run_id: string
  readonly state: string
  readonly [field: string]: unknown
}

async function stage(t: Test, config: Partial<ControlApiConfig> = {}) {
  const program = new FakeRehearsals()
  const app = await buildApp(t, { config: { rehearsals: program, ...config } })
  const start = (scenario: string): Promise<Response> =>
    app.request('/api/rehearsals', json({ scenario }))
  const started = async (scenario: string): Promise<Run> => {
    const response = await start(scenario)
    t.equal(response.status, 202)
    return (await response.json()) as Run
  }
  const read = async (runId: string): Promise<Run> =>
    (await (await app.request(`/api/rehearsals/${runId}`)).json()) as Run
  const over = (runId: string) =>
    eventually('its end', async () => (await read(runId)).state !== 'running')
  const cancel = async (runId: string): Promise<number> =>
    (await app.request(`/api/rehearsals/${runId}`, { method: 'DELETE' })).status
  return { app, program, start, started, read, over, cancel }
}

async function announcements(t: Test, app: BuiltApp): Promise<readonly Record<string, unknown>[]> {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/api/events?detail=node`)
  t.teardown(() => socket.terminate())
  const told: Record<string, unknown>[] = []
  socket.on('message', (data: Buffer) => {
    const { type, data: fields } = JSON.parse(data.toString()) as { type: string; data: object }
    if (type.startsWith('rehearsal.')) told.push({ type, ...fields })
  })
  await once(socket, 'message')
  return told
}

t.test('the scenarios, and that they can be played', async (t) => {
  const { app } = await stage(t)
  const listed = await (await app.request('/api/rehearsals/scenarios')).json()
  const busy = { name: 'busy', story: '486.', direction: 'outbound', lasts_seconds: null }
  t.same(listed, {
    items: [busy, { ...busy, name: 'vanishes', lasts_seconds: 65 }],
    available: true,
    why_not: null,
  })
})

t.test('a run from its start to its result', async (t) => {
  const { app, program, started, read, over } = await stage(t)
  const told = await announcements(t, app)
  const run = await started('busy')
  t.match(run, { scenario: 'busy', state: 'running', ended_at: null, scenarios: [], steps: [] })
  const { run_id } = run
  program.tell({ event: 'started', scenario: 'busy' })
  program.tell({ event: 'step', scenario: 'busy', entry: RUNG })
  program.tell({ event: 'dance' })
  program.tell(undefined)
  t.match(await read(run_id), { steps: [{ scenario: 'busy', entry: RUNG }], scenarios: [] })
  program.tell({ event: 'result', result: resultOf('busy') })
  t.match(await read(run_id), { state: 'running', steps: [], scenarios: [resultOf('busy')] })
  program.tell({ event: 'finished', passed: true, failures: [], total: {} })
  program.end()
  await over(run_id)
  t.match(await read(run_id), { state: 'passed', ended_at: /Z$/, error: null })
  t.same(told, [
    { type: 'rehearsal.started', run_id, scenario: 'busy' },
    { type: 'rehearsal.scenario', run_id, scenario: 'busy' },
    { type: 'rehearsal.step', run_id, scenario: 'busy', entry: RUNG },
    { type: 'rehearsal.result', run_id, result: resultOf('busy') },
    { type: 'rehearsal.finished', run_id, state: 'passed' },
  ])
  t.match(await (await app.request('/api/rehearsals')).json(), {
    items: [{ run_id, scenarios_played: 1, scenarios_passed: 1 }],
    next_cursor: null,
  })
  t.match(await (await app.request('/api/audit?action=rehearsal.started')).json(), {
    items: [{ target: run_id, detail: { scenario: 'busy' } }],
  })
})

t.test('what fails says why: a scenario, the run as a whole, the program', async (t) => {
  const { program, started, read, over } = await stage(t)
  const ends: readonly (readonly [() => void, string | null])[] = [
    [() => program.tell({ event: 'finished', passed: false, failures: [] }), null],
    [
      () => program.tell({ event: 'finished', passed: false, failures: ['a port', 'b'] }),
      'a port\nb',
    ],
    [() => program.end('It took longer than 180 s.'), 'It took longer than 180 s.'],
    [() => undefined, 'The rehearsal program ended without a result.'],
  ]
  for (const [happens, error] of ends) {
    const { run_id } = await started('all')
    program.tell({ event: 'result', result: resultOf('busy', false) })
    happens()
    program.end()
    await over(run_id)
    t.match(await read(run_id), { state: 'failed', error, scenarios: [{ passed: false }] })
  }
})

t.test('a scenario that is played again is watched from its beginning', async (t) => {
  const { program, started, read } = await stage(t)
  const { run_id } = await started('all')
  const step = (scenario: string, label: string) =>
    program.tell({ event: 'step', scenario, entry: { ...RUNG, label } })
  step('busy', 'a first take')
  step('vanishes', 'another')
  program.tell({ event: 'started', scenario: 'busy' })
  step('busy', 'a second take')
  const { steps } = await read(run_id)
  t.match(steps, [{ entry: { label: 'another' } }, { entry: { label: 'a second take' } }])
  t.equal((steps as unknown[]).length, 2)
})

t.test('one at a time; what is unknown is refused by name', async (t) => {
  const { program, start, started, cancel } = await stage(t)
  const { run_id } = await started('vanishes')
  const second = await start('busy')
  t.equal(second.status, 409)
  t.match(await second.json(), { code: 'STATE_CONFLICT', detail: /runs already/ })
  t.equal(await cancel(run_id), 204)
  const unknown = await start('buzy')
  t.equal(unknown.status, 400)
  t.match(await unknown.json(), { code: 'REQUEST_INVALID', detail: /no scenario buzy/ })
  const both = await Promise.all([start('busy'), start('busy')])
  t.same(both.map(({ status }) => status).toSorted(), [202, 409])
  t.same(program.started, ['vanishes', 'busy'])
})

t.test('canceled: over when it is answered, noted, and harmless a second time', async (t) => {
  const { app, program, started, read, cancel } = await stage(t)
  const told = await announcements(t, app)
  const { run_id } = await started('vanishes')
  t.equal(await cancel(run_id), 204)
  t.match(await read(run_id), { state: 'canceled', error: null, ended_at: /Z$/ })
  t.equal(await cancel(run_id), 204)
  t.equal(program.canceled, 1)
  t.match(await (await app.request('/api/audit?action=rehearsal.canceled')).json(), {
    items: { length: 1 },
  })
  t.match(told.at(-1), { type: 'rehearsal.finished', run_id, state: 'canceled' })
  t.equal(await cancel('run_0'), 404)
})

t.test('the last twenty are kept', async (t) => {
  const { app, program, started, over } = await stage(t)
  const ids: string[] = []
  for (let count = 0; count < 22; count += 1) {
    const { run_id } = await started('busy')
    ids.unshift(run_id)
    program.end()
    await over(run_id)
  }
  const { items } = (await (await app.request('/api/rehearsals')).json()) as { items: Run[] }
  t.same(
    items.map(({ run_id }) => run_id),
    ids.slice(0, 20),
  )
  t.equal((await app.request(`/api/rehearsals/${String(ids.at(-1))}`)).status, 404)
})

t.test('not beside real calls, and not where the program is missing', async (t) => {
  const real = await stage(t, { rehearsal: false })
  const refused = await real.start('busy')
  t.equal(refused.status, 409)
  t.match(await refused.json(), { detail: /`npm run rehearse` in a terminal/ })
  const listed = (await (await real.app.request('/api/rehearsals/scenarios')).json()) as object
  t.match(listed, { available: false, why_not: /processor time/, items: [{ name: 'busy' }, {}] })
  t.same(real.program.started, [])
  const bare = await stage(t, { rehearsals: undefined })
  t.equal((await bare.start('busy')).status, 409)
  t.match(await (await bare.app.request('/api/rehearsals/scenarios')).json(), {
    items: [],
    available: false,
    why_not: /not installed/,
  })
})

t.test('a node that ends, ends the run', async (t) => {
  const { app, program, started } = await stage(t)
  await started('vanishes')
  await app.close()
  t.equal(program.canceled, 1)
})
