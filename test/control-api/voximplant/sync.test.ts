// Calls of a range read from the history of Voximplant over REST: each once, however often and whatever happens under way.
import t from 'tap'
import { eventually } from '../../support/build-app.ts'
import { pastSession, shown, syncRange, utc, DAY_MS } from './past-sessions.ts'
import { anApplication, aStage } from './stage.ts'
import { askedFor } from './vendor-stage.ts'

const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS
const day = (at: number): string => utc(at).slice(0, 10)
/** Three days that are over. */
const RANGE = { from_date: day(TODAY - 3 * DAY_MS), to_date: day(TODAY - DAY_MS) }

t.test('every call of the range is there once, with what the history says of it', async (t) => {
  // Its times are of its own zone, unless it is asked for another one.
  const stage = await aStage(t, { vendor: { timeZone: 'Asia/Tokyo' } })
  const { id, vendorId } = await anApplication(stage, { phone_number: '+493055550100' })
  const at = TODAY - 2 * DAY_MS
  const of = { applicationId: vendorId }
  stage.vendor.addHistory([
    pastSession({ ...of, id: 1, at, talkSeconds: 40, recordId: 7 }),
    pastSession({ ...of, id: 2, at: at + 60_000, endReason: '486 Busy here' }),
    pastSession({ ...of, id: 3, at: at + 120_000, endReason: 'No answer' }),
    pastSession({ ...of, id: 4, at: at + 180_000, endReason: '603' }),
    pastSession({ ...of, id: 5, at: at + 240_000, incoming: true }),
    pastSession({ ...of, id: 6, at: at + 300_000, finishReason: 'Insufficient funds' }),
    // Behind the range, and of another application.
    pastSession({ ...of, id: 8, at: TODAY }),
    pastSession({ ...of, id: 9, at, applicationId: vendorId + 1000 }),
  ])
  const sync = await syncRange(stage, id, RANGE)
  t.match(sync, { state: 'done', count: 6, total: 6, new_calls: 6, updated_calls: 0, error: null })
  t.equal(sync.progress, 1)
  const found = await shown(
    stage.app.request(`/api/calls?provider=voximplant&application_id=${id}`),
  )
  t.match(
    found.items.map((one: { outcome: string }) => one.outcome),
    ['failed', 'no-answer', 'declined', 'no-answer', 'busy', 'answered'],
  )
  const [answered] = found.items.slice(-1)
  t.match(answered, {
    direction: 'outbound',
    from: '+493055550100',
    to: '+493023120001',
    created_at: new Date(at).toISOString(),
    answered_at: new Date(at + 1000).toISOString(),
    ended_at: new Date(at + 41_000).toISOString(),
    cost: { parts: [{ kind: 'telephony', currency: 'USD', amount_minor: 31 }] },
  })
  const timeline = await shown(stage.app.request(`/api/calls/${answered.call_id}/timeline`))
  t.same(
    timeline.items.map((one: { type: string }) => one.type),
    ['provider.invited', 'provider.answered', 'provider.ended', 'call.ended'],
  )
  const inbound = found.items[1]
  t.match(inbound, { direction: 'inbound', from: '+493023120005', to: '+493055550100' })
})

t.test('twice is nothing new; what changed is told, and no more than that', async (t) => {
  const stage = await aStage(t)
  const { id, vendorId } = await anApplication(stage)
  const at = TODAY - 2 * DAY_MS
  const sessions = Array.from({ length: 30 }, (_, n) =>
    pastSession({ id: n + 1, applicationId: vendorId, at: at + n * 1000, talkSeconds: 9 }),
  )
  stage.vendor.addHistory(sessions)
  t.match(await syncRange(stage, id, RANGE), { count: 30, new_calls: 30, updated_calls: 0 })
  t.match(await syncRange(stage, id, RANGE), { count: 30, new_calls: 0, updated_calls: 0 })
  // A recording an hour later.
  stage.vendor.addRecord(5, { record_id: 55, start_time: utc(at), duration: 9, cost: 0.5 })
  t.match(await syncRange(stage, id, RANGE), { count: 30, new_calls: 0, updated_calls: 1 })
  const { items } = await shown(stage.app.request(`/api/calls?application_id=${id}&limit=100`))
  t.equal(items.length, 30)
  const dear = items.filter(
    (one: { cost: { parts: { amount_minor: number }[] } }) =>
      one.cost.parts.at(-1)?.amount_minor === 76,
  )
  t.equal(dear.length, 1)
})

t.test('many calls of one second have places of their own', async (t) => {
  const stage = await aStage(t)
  const { id, vendorId } = await anApplication(stage)
  const at = TODAY - 2 * DAY_MS
  stage.vendor.addHistory(
    Array.from({ length: 2500 }, (_, n) =>
      pastSession({ id: n + 1, applicationId: vendorId, at: at + (n % 2) * 1000 }),
    ),
  )
  t.match(await syncRange(stage, id, RANGE), { state: 'done', count: 2500, new_calls: 2500 })
})

t.test('a day with more calls than can be paged through is read in pieces', async (t) => {
  const stage = await aStage(t, { vendor: { mostHistoryDays: 1 } })
  const { id, vendorId } = await anApplication(stage)
  const at = TODAY - 2 * DAY_MS
  stage.vendor.addHistory(
    Array.from({ length: 11_500 }, (_, n) =>
      pastSession({ id: n + 1, applicationId: vendorId, at: at + n * 5000 }),
    ),
  )
  const sync = await syncRange(stage, id, RANGE)
  t.match(sync, { state: 'done', count: 11_500, new_calls: 11_500, error: null })
})

t.test('a page that changes while somebody pages loses nothing', async (t) => {
  const stage = await aStage(t, { vendor: { sort: 'desc' } })
  const { id, vendorId } = await anApplication(stage)
  const at = TODAY - 2 * DAY_MS
  const of = (n: number) => pastSession({ id: n + 1, applicationId: vendorId, at: at + n * 10_000 })
  stage.vendor.addHistory(Array.from({ length: 2300 }, (_, n) => of(n)))
  let changes = 0
  stage.vendor.whilePaging((_offset, count) => {
    if (count < 1000 || changes >= 3) return
    changes += 1
    if (changes === 2) stage.vendor.removeHistory(17)
    else stage.vendor.addHistory([of(3000 + changes)])
  })
  const sync = await syncRange(stage, id, RANGE)
  t.equal(changes, 3)
  // The one that went away was there, and stays.
  t.match(sync, { state: 'done', new_calls: 2302, count: 2302, error: null })
})

t.test('429, 5xx, a hung-up connection and half an answer only make it take longer', async (t) => {
  const stage = await aStage(t)
  const { id, vendorId } = await anApplication(stage)
  const at = TODAY - 2 * DAY_MS
  stage.vendor.addHistory(
    Array.from({ length: 1500 }, (_, n) =>
      pastSession({ id: n + 1, applicationId: vendorId, at: at + n * 1000 }),
    ),
  )
  const of = 'GetCallHistory'
  stage.vendor.fail({ kind: 'rate-limit-http' }, { of, times: 2 })
  stage.vendor.fail({ kind: 'http', status: 503 }, { of })
  stage.vendor.fail({ kind: 'code', code: 340 }, { of })
  stage.vendor.fail({ kind: 'reset' }, { of })
  stage.vendor.fail({ kind: 'half-body' }, { of })
  const first = await syncRange(stage, id, RANGE)
  await eventually('it is done', async () => {
    const now = await stage.ask('GET', `/applications/${id}/syncs/${first.sync_id}`)
    return now.body.state === 'done'
  })
  const { body } = await stage.ask('GET', `/applications/${id}/syncs/${first.sync_id}`)
  t.match(body, { count: 1500, new_calls: 1500, updated_calls: 0, error: null })
  t.ok(askedFor(stage.vendor, of) > 6)
})

t.test('what is asked for is looked at', async (t) => {
  const stage = await aStage(t)
  const { id } = await anApplication(stage)
  const wrong: readonly (readonly [object, string])[] = [
    [{ from_date: '2026-02-30', to_date: '2026-03-01' }, 'from_date'],
    [{ from_date: "2026-01-01' OR 1=1", to_date: '2026-03-01' }, 'from_date'],
    [{ from_date: day(TODAY), to_date: '9999-01-01' }, 'to_date'],
    [{ from_date: '2025-01-02', to_date: '2025-01-01' }, 'to_date'],
    [{ from_date: '2020-01-01', to_date: '2025-01-01' }, 'from_date'],
    [{ from_date: day(TODAY + 2 * DAY_MS), to_date: day(TODAY + 3 * DAY_MS) }, 'from_date'],
  ]
  for (const [body, field] of wrong) {
    const refused = await stage.ask('POST', `/applications/${id}/sync`, body)
    t.equal(refused.status, 400, refused.text)
    t.equal(refused.body.errors[0].field, field, refused.text)
  }
  for (const body of [{}, { from_date: 5, to_date: [] }, { ...RANGE, also: 1 }])
    t.equal((await stage.ask('POST', `/applications/${id}/sync`, body)).status, 400)
  t.equal((await stage.ask('POST', '/applications/vap_x/sync', RANGE)).status, 404)
  t.equal((await stage.ask('GET', `/applications/${id}/syncs/vsy_x`)).status, 404)
  t.same((await stage.ask('GET', `/applications/${id}/syncs`)).body.items, [])
})
