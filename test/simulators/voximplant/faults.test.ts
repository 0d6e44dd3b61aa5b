// What goes wrong on purpose at the simulated platform: each fault once, seen from outside and in its log.
import t from 'tap'
import type { Fault } from '../../../simulators/voximplant/index.ts'
import { eventually } from '../../support/process.ts'
import { openPlatform } from './open-platform.ts'

async function open(t: Parameters<typeof openPlatform>[0]) {
  const { voximplant, token } = await openPlatform(t)
  let added = 0
  /** A command that leaves a trace when it is processed. */
  const add = (signal?: AbortSignal) =>
    fetch(`${voximplant.baseUrl}/platform_api/AddScenario`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token()}` },
      body: new URLSearchParams({ scenario_name: `s${(added += 1)}` }),
      ...(signal ? { signal } : {}),
    })
  const scenarios = async (): Promise<number> => {
    const response = await fetch(`${voximplant.baseUrl}/platform_api/GetScenarios`, {
      headers: { authorization: `Bearer ${token()}` },
    })
    return ((await response.json()) as { total_count: number }).total_count
  }
  const fail = (fault: Fault) => voximplant.fail(fault, { of: 'AddScenario' })
  return { voximplant, add, scenarios, fail }
}

t.test('refused over HTTP or in the body, nothing is done', async (t) => {
  const { voximplant, add, scenarios, fail } = await open(t)
  fail({ kind: 'rate-limit-http', retryAfterSeconds: 3 })
  const limited = await add()
  t.equal(limited.status, 429)
  t.equal(limited.headers.get('retry-after'), '3')
  fail({ kind: 'http', status: 502 })
  const broken = await add()
  t.equal(broken.status, 502)
  t.match(await broken.text(), /<html>/)
  for (const code of [340, 515, 100, 104, 127, 2]) {
    fail({ kind: 'code', code })
    const answer = await add()
    t.equal(answer.status, 200)
    t.match(await answer.json(), { error: { code, msg: String } })
    t.match(voximplant.requests.at(-1), { command: 'AddScenario', errorCode: code })
  }
  fail({ kind: 'reset' })
  await t.rejects(add())
  t.match(voximplant.requests.at(-1), { command: 'AddScenario', status: 0 })
  t.equal(await scenarios(), 0)
  t.equal((await add()).status, 200, 'each fault was for once')
  t.equal(await scenarios(), 1)
})

t.test('spoilt answers: what was asked for is done all the same', async (t) => {
  const { add, scenarios, fail } = await open(t)
  fail({ kind: 'answer-lost' })
  await t.rejects(add())
  fail({ kind: 'half-body' })
  const half = await add()
  t.match(half, { status: 200, ok: true })
  const text = await half.text()
  t.ok(text.length > 0)
  t.throws(() => JSON.parse(text) as unknown)
  fail({ kind: 'half-body', connection: 'lost' })
  const cut = await add()
  await t.rejects(cut.text())
  fail({ kind: 'not-json' })
  const page = await add()
  t.match(page.headers.get('content-type'), 'text/html')
  t.match(await page.text(), /<html>/)
  t.equal(await scenarios(), 4)
})

t.test('no answer at all, before or after it was done; and a slow one', async (t) => {
  const { voximplant, add, scenarios, fail } = await open(t)
  /** Resolves when the platform has one more. */
  const arrival = (): Promise<unknown> => {
    const before = voximplant.requests.length
    return eventually('it arrives', 10_000, () => voximplant.requests.length > before)
  }
  const addUnanswered = async (): Promise<void> => {
    const patience = new AbortController()
    const arrived = arrival()
    const given = t.rejects(add(patience.signal), { name: 'AbortError' })
    await arrived
    patience.abort()
    await given
  }
  fail({ kind: 'hangs' })
  await addUnanswered()
  t.equal(await scenarios(), 0)
  fail({ kind: 'hangs', isProcessed: true })
  await addUnanswered()
  t.equal(await scenarios(), 1)
  fail({ kind: 'slow', ms: 60 })
  t.equal((await add()).status, 200)
  t.equal(await scenarios(), 2)
  fail({ kind: 'slow', ms: 60_000 })
  const arrived = arrival()
  const waits = t.rejects(add())
  await arrived
  await voximplant.close()
  await waits
})

t.test('so many a second, and no more', async (t) => {
  const { codeOf, ask } = await openPlatform(t, { requestsPerSecond: 3 })
  for (let each = 0; each < 3; each += 1) t.equal(await codeOf('GetScenarios'), 0)
  await t.rejects(ask('GetScenarios'), 'a page for humans, and no JSON')
})

t.test('faults of recordings and access URLs are asked for by name', async (t) => {
  const { voximplant } = await openPlatform(t)
  const record = { record_id: 5, start_time: '2026-01-02 00:00:01', duration: 1 }
  voximplant.addHistory([
    { call_session_history_id: 1, start_date: '2026-01-02 00:00:00', records: [record] },
  ])
  const url = `${voximplant.baseUrl}/records/5.mp3`
  voximplant.fail({ kind: 'http', status: 503 })
  t.equal((await fetch(url)).status, 200)
  voximplant.fail({ kind: 'http', status: 503 }, { of: 'record-file', times: 2 })
  const statuses: number[] = []
  for (let each = 0; each < 3; each += 1) statuses.push((await fetch(url)).status)
  t.strictSame(statuses, [503, 503, 200])
  voximplant.fail({ kind: 'reset' }, { of: 'access-url' })
  await t.rejects(fetch(`${voximplant.baseUrl}/request/1.2.3/x`, { method: 'POST' }))
  t.equal((await fetch(`${voximplant.baseUrl}/request/1.2.3/x`, { method: 'POST' })).status, 404)
})
