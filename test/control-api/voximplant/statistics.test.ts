// Statistics of calls of Voximplant over REST: by day of a time zone and by application, against the same counted plainly.
import t from 'tap'
import { DAY_MS, pastSession, syncRange, utc, type PastSession } from './past-sessions.ts'
import { anApplication, aStage } from './stage.ts'

const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS
const day = (at: number): string => utc(at).slice(0, 10)
const FROM = TODAY - 6 * DAY_MS
const RANGE = { from_date: day(FROM), to_date: day(TODAY - DAY_MS) }

t.test('every day is there, empty ones too, and the sums are those of the calls', async (t) => {
  const stage = await aStage(t)
  const { id, vendorId, account } = await anApplication(stage)
  const empty = await stage.ask('POST', '/applications', {
    account,
    application_name: 'Quiet',
    elevenlabs_agent_id: 'agent_1',
  })
  const endings = [undefined, '486', '408', '603', '487', '500'] as const
  const sessions = Array.from({ length: 120 }, (_, n): PastSession => {
    const ending = endings[n % endings.length]
    return {
      id: n + 1,
      applicationId: vendorId,
      // Nothing on the third day.
      at: FROM + (n % 2 === 0 ? 0 : 4) * DAY_MS + n * 600_000,
      incoming: n % 10 === 0,
      ...(ending === undefined ? { talkSeconds: 30 } : { endReason: ending }),
    }
  })
  stage.vendor.addHistory(sessions.map(pastSession))
  t.match(await syncRange(stage, id, RANGE), { new_calls: 120 })
  const query = `from_date=${RANGE.from_date}&to_date=${RANGE.to_date}`
  const { status, body } = await stage.ask('GET', `/statistics?${query}`)
  t.equal(status, 200)
  t.equal(body.time_zone, 'UTC')
  t.equal(body.items.length, 6)
  const inbound = sessions.filter(({ incoming }) => incoming).length
  t.match(body.totals, {
    ...{ calls: 120, answered: 20, busy: 20, declined: 20, live: 0, machine: 0 },
    ...{ inbound, outbound: 120 - inbound, talk_seconds: 600 },
    costs: [{ currency: 'USD', amount_minor: 620 }],
    ...{ with_transcript: 0, with_recording: 0 },
  })
  t.match(body.totals, { no_answer: Number, canceled: Number, failed: Number })
  const sum = (field: string, rows: Record<string, number>[]): number =>
    rows.reduce((total, row) => total + (row[field] ?? 0), 0)
  for (const field of ['calls', 'answered', 'busy', 'inbound', 'talk_seconds'])
    t.equal(sum(field, body.items), body.totals[field], field)
  for (const item of body.items)
    t.equal(item.calls, sessions.filter(({ at }) => day(at) === item.key).length, item.key)
  t.match(body.applications, [
    { application_id: id, application_name: 'Shop', calls: 120 },
    { application_id: empty.body.application_id, calls: 0, costs: [] },
  ])
  const one = await stage.ask(
    'GET',
    `/statistics?${query}&application_id=${empty.body.application_id}`,
  )
  t.match(one.body, { totals: { calls: 0 }, applications: [{ application_name: 'Quiet' }] })
  t.equal(
    (await stage.ask('GET', `/statistics?${query}&account=${account}`)).body.totals.calls,
    120,
  )
  t.equal((await stage.ask('GET', `/statistics?${query}&account=vac_x`)).body.totals.calls, 0)
})

t.test('days are those of the time zone that was asked for', async (t) => {
  const stage = await aStage(t)
  const { id, vendorId } = await anApplication(stage)
  // 23:30 UTC is the next day in Tokyo.
  const at = FROM + DAY_MS + 23.5 * 3600_000
  stage.vendor.addHistory([pastSession({ id: 1, applicationId: vendorId, at })])
  await syncRange(stage, id, RANGE)
  const path = `/statistics?from_date=${RANGE.from_date}&to_date=${RANGE.to_date}`
  const keyOf = async (zone: string): Promise<string[]> => {
    const { body } = await stage.ask<{ items: { calls: number; key: string }[] }>(
      'GET',
      `${path}&time_zone=${zone}`,
    )
    return body.items
      .filter(({ calls }: { calls: number }) => calls > 0)
      .map(({ key }: { key: string }) => key)
  }
  t.same(await keyOf('UTC'), [day(FROM + DAY_MS)])
  t.same(await keyOf('Asia/Tokyo'), [day(FROM + 2 * DAY_MS)])
  t.equal((await stage.ask('GET', `${path}&time_zone=Mars/Base`)).status, 400)
  t.equal(
    (await stage.ask('GET', '/statistics?from_date=2020-01-01&to_date=2026-01-01')).status,
    400,
  )
})
