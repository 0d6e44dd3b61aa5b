// Who may synchronise, what runs beside what, what becomes of a synchronisation that is canceled, cannot go on, or is found
// by the next start.
import t, { type Test } from 'tap'
import { eventually, json } from '../../support/build-app.ts'
import { DAY_MS, pastSession, syncRange, utc } from './past-sessions.ts'
import { anApplication, askerOf, aStage, type Stage } from './stage.ts'

const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS
const AT = TODAY - 2 * DAY_MS
const day = (at: number): string => utc(at).slice(0, 10)
const RANGE = { from_date: day(TODAY - 3 * DAY_MS), to_date: day(TODAY - DAY_MS) }
const OTHER = { from_date: day(TODAY - 9 * DAY_MS), to_date: day(TODAY - 8 * DAY_MS) }

async function aHistory(t: Test, calls = 1500): Promise<{ stage: Stage; id: string }> {
  const stage = await aStage(t)
  const { id, vendorId } = await anApplication(stage)
  stage.vendor.addHistory(
    Array.from({ length: calls }, (_, n) =>
      pastSession({ id: n + 1, applicationId: vendorId, at: AT + n * 1000 }),
    ),
  )
  return { stage, id }
}

/** The vendor takes its time with one answer after the other, so that there is something to look at. */
const hold = ({ vendor }: Stage, ...answersMs: number[]): void =>
  answersMs.forEach((ms) => vendor.fail({ kind: 'slow', ms }, { of: 'GetCallHistory' }))

const isRunning = async ({ ask }: Stage, id: string): Promise<Record<string, unknown>> => {
  let found: Record<string, unknown> | undefined
  await eventually('it runs', async () => {
    const { body } = await ask('GET', `/applications/${id}/syncs`)
    found = body.items[0]
    return found?.['state'] === 'running'
  })
  return found ?? {}
}

t.test('the same range joins, another one is refused and told which runs', async (t) => {
  const { stage, id } = await aHistory(t)
  hold(stage, 3000)
  const first = syncRange(stage, id, RANGE)
  const running = await isRunning(stage, id)
  const second = syncRange(stage, id, RANGE)
  const other = await stage.ask('POST', `/applications/${id}/sync`, OTHER)
  t.equal(other.status, 409, other.text)
  t.match(other.body.detail, String(running['sync_id']))
  const [one, two] = await Promise.all([first, second])
  t.equal(one.sync_id, two.sync_id)
  t.match(one, { state: 'done', count: 1500, new_calls: 1500 })
})

t.test('one that is canceled stops, and what it read stays', async (t) => {
  const { stage, id } = await aHistory(t)
  // How many there are, a day without any, a page of a thousand; it ends long before the rest is there.
  hold(stage, 100, 100, 100, 20_000)
  const asked = syncRange(stage, id, RANGE)
  const { sync_id: syncId } = await isRunning(stage, id)
  await eventually('it has read a page', async () => {
    const { body } = await stage.ask('GET', `/applications/${id}/syncs/${String(syncId)}`)
    return body.new_calls === 1000
  })
  const path = `/applications/${id}/syncs/${String(syncId)}/cancel`
  t.match(await stage.ask('POST', path), { status: 200, body: { state: 'canceled' } })
  t.equal((await stage.ask('POST', path)).status, 409)
  const canceled = await asked
  t.match(canceled, { state: 'canceled', new_calls: 1000, finished_at: /Z$/ })
  t.match((await stage.ask('POST', `/applications/${id}/sync`, OTHER)).status, 200)
  await eventually('no job of it is left', async () => {
    const jobs = await stage.app.request('/api/jobs?state=running')
    const { items } = (await jobs.json()) as { items: { kind: string }[] }
    return items.every(({ kind }) => kind !== 'voximplant.sync')
  })
})

t.test(
  'what the vendor refuses has failed, in its word; what it fails is tried again',
  async (t) => {
    const { stage, id } = await aHistory(t, 10)
    stage.vendor.fail({ kind: 'code', code: 104 }, { of: 'GetCallHistory', times: 2 })
    const failed = await syncRange(stage, id, RANGE)
    t.match(failed, { state: 'failed', new_calls: 0, error: /104/ })
    t.match(await syncRange(stage, id, RANGE), { state: 'done', new_calls: 10 })
  },
)

t.test('without a link there is nothing to read; without an active account neither', async (t) => {
  const { stage, id } = await aHistory(t, 1)
  const { body } = await stage.ask('GET', `/applications/${id}`)
  t.equal((await stage.ask('PATCH', `/accounts/${body.account}`, { is_active: false })).status, 200)
  const refused = await stage.ask('POST', `/applications/${id}/sync`, RANGE)
  t.equal(refused.status, 409, refused.text)
  t.same((await stage.ask('GET', `/applications/${id}/syncs`)).body.items, [])
})

t.test('a viewer sees, an operator synchronises, and both are noted', async (t) => {
  const admin = 'k'.repeat(32)
  const stage = await aStage(t, { config: { requireKey: true, apiKey: admin, rehearsal: true } })
  const asAdmin = {
    ...stage,
    ask: <T>(m: string, p: string, b?: unknown) => stage.ask<T>(m, p, b, admin),
  }
  const { id } = await anApplication(asAdmin)
  const keyOf = async (role: string): Promise<string> => {
    const made = await stage.app.request(
      '/api/keys',
      json({ role }, { authorization: `Bearer ${admin}` }),
    )
    return ((await made.json()) as { key: string }).key
  }
  const ask = askerOf(stage.app)
  const [viewer, operator] = [await keyOf('viewer'), await keyOf('operator')]
  for (const path of [
    `/applications/${id}/sync`,
    `/applications/${id}/sync-pending`,
    '/calls/call_x/sync',
  ])
    t.equal((await ask('POST', path, RANGE, viewer)).status, 403, path)
  const done = await ask('POST', `/applications/${id}/sync`, RANGE, operator)
  t.equal(done.status, 200, done.text)
  t.equal((await ask('POST', `/applications/${id}/sync`, RANGE)).status, 401)
  const path = `/applications/${id}/syncs/${done.body.sync_id}`
  t.equal((await ask('GET', path, undefined, viewer)).status, 200)
  t.equal((await ask('POST', `${path}/cancel`, undefined, viewer)).status, 403)
  const log = await stage.app.request('/api/audit', {
    headers: { authorization: `Bearer ${admin}` },
  })
  t.match(await log.text(), /voximplant\.sync_started/)
})

t.test('its progress is announced, and it lists itself', async (t) => {
  const { stage, id } = await aHistory(t)
  const done = await syncRange(stage, id, RANGE)
  const { body } = await stage.ask('GET', `/applications/${id}/syncs?limit=1`)
  t.match(body, {
    items: [{ sync_id: done.sync_id, state: 'done', kind: 'history', origin: 'asked' }],
  })
  t.equal(body.next_cursor, null)
  await syncRange(stage, id, OTHER)
  const first = (await stage.ask('GET', `/applications/${id}/syncs?limit=1`)).body
  t.type(first.next_cursor, 'string')
  const second = (
    await stage.ask('GET', `/applications/${id}/syncs?limit=1&cursor=${first.next_cursor}`)
  ).body
  t.match(second.items, [{ sync_id: done.sync_id }])
})
