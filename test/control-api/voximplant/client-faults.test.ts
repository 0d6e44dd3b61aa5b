// What our client makes of a Voximplant that is slow, away, too busy, or answers with half of something.
import t from 'tap'
import type { Fault } from '../../../simulators/voximplant/index.ts'
import { sample } from '../../support/build-app.ts'
import {
  answering,
  askedFor,
  aVendor,
  clientOf,
  legacyKeyOf,
  serviceAccountOf,
  valueOf,
} from './vendor-stage.ts'

const PASSING: readonly (readonly [name: string, fault: Fault])[] = [
  ['429', { kind: 'rate-limit-http' }],
  ['rate limit exceeded (340)', { kind: 'code', code: 340 }],
  ['the same was done recently (515)', { kind: 'code', code: 515 }],
  ['it broke inside (2)', { kind: 'code', code: 2 }],
  ['500 with a page for humans', { kind: 'http', status: 500 }],
  ['502 with a page for humans', { kind: 'http', status: 502 }],
  ['503 with a page for humans', { kind: 'http', status: 503 }],
  ['200 with a page for humans', { kind: 'not-json' }],
  ['half a body', { kind: 'half-body' }],
  ['half a body, and the connection lost', { kind: 'half-body', connection: 'lost' }],
  ['a reset', { kind: 'reset' }],
  ['an answer that is lost', { kind: 'answer-lost' }],
]

for (const [name, fault] of PASSING)
  t.test(`a read is repeated: ${name}`, async (t) => {
    const vendor = await aVendor(t)
    const { rest, metrics } = clientOf(vendor, serviceAccountOf(vendor))
    vendor.fail(fault, { of: 'GetAccountInfo', times: 3 })
    t.match(await rest.accountInfo(), { kind: 'ok' })
    t.equal(askedFor(vendor, 'GetAccountInfo'), 4)
    const labels = 'vendor="voximplant",operation="GetAccountInfo"'
    const failed = `vendor_requests_total{${labels},result="failed"}`
    t.equal(await sample(metrics, failed), 3, 'every request is counted')
  })

/** Whether the vendor surely did nothing. */
const AFTER_A_START: readonly (readonly [name: string, fault: Fault, kind: string])[] = [
  ['429', { kind: 'rate-limit-http' }, 'failed'],
  ['340', { kind: 'code', code: 340 }, 'failed'],
  ['515', { kind: 'code', code: 515 }, 'failed'],
  ['484', { kind: 'code', code: 484 }, 'failed'],
  ['2', { kind: 'code', code: 2 }, 'unknown'],
  ['502', { kind: 'http', status: 502 }, 'unknown'],
  ['a page for humans', { kind: 'not-json' }, 'unknown'],
  ['half a body', { kind: 'half-body' }, 'unknown'],
  ['half a body, lost', { kind: 'half-body', connection: 'lost' }, 'unknown'],
  ['a reset', { kind: 'reset' }, 'unknown'],
  ['an answer that is lost', { kind: 'answer-lost' }, 'unknown'],
  ['no answer ever', { kind: 'hangs', isProcessed: true }, 'unknown'],
]

for (const [name, fault, kind] of AFTER_A_START)
  t.test(`a start is sent once and then ${kind}: ${name}`, async (t) => {
    const vendor = await aVendor(t)
    const { application_id: application } = vendor.addApplication({ name: 'shop' })
    const { scenario_id: scenario } = vendor.addScenario({ scenario_name: 's' })
    const rule = { application_id: application, rule_name: 'r', scenario_ids: [scenario] }
    const { rule_id: ruleId } = vendor.addRule(rule)
    const { rest } = clientOf(vendor, legacyKeyOf(vendor))
    vendor.fail(fault, { of: 'StartScenarios' })
    t.match(await rest.startScenarios(String(ruleId), '{}'), {
      kind,
      error: { code: 'VENDOR_FAILED' },
    })
    t.equal(askedFor(vendor, 'StartScenarios'), 1)
  })

t.test('whatever else changes something is sent once, too', async (t) => {
  const vendor = await aVendor(t)
  const { application_id: id } = vendor.addApplication({ name: 'shop' })
  const { rest } = clientOf(vendor, legacyKeyOf(vendor))
  vendor.fail({ kind: 'answer-lost' }, { of: 'AddScenario' })
  const scenario = { name: 'one', code: '1', applicationId: String(id) }
  t.match(await rest.addScenario(scenario), { kind: 'unknown' })
  t.equal(askedFor(vendor, 'AddScenario'), 1)
  const { scenarioId = '' } = (await valueOf(rest.scenarios({ name: 'one' })))[0] ?? {}
  vendor.fail({ kind: 'http', status: 500 }, { of: 'AddRule' })
  const rule = { applicationId: String(id), name: 'r', pattern: '.*', scenarioId }
  t.match(await rest.addRule(rule), { kind: 'unknown' })
  t.equal(askedFor(vendor, 'AddRule'), 1)
})

t.test('a storm of 429 ends in the time that there is, in words', async (t) => {
  const vendor = await aVendor(t)
  const timing = { totalMs: 2000, requestMs: 1500 }
  const { rest } = clientOf(vendor, legacyKeyOf(vendor), { timing })
  vendor.fail({ kind: 'rate-limit-http' }, { times: 10_000 })
  t.match(await rest.applications(), {
    kind: 'failed',
    error: { code: 'VENDOR_FAILED', message: 'Voximplant answered 429.' },
  })
  t.ok(askedFor(vendor, 'GetApplications') > 1)
})

t.test('Retry-After is respected, or given up at once when there is no time for it', async (t) => {
  const vendor = await aVendor(t)
  const { rest } = clientOf(vendor, legacyKeyOf(vendor))
  vendor.fail({ kind: 'rate-limit-http', retryAfterSeconds: 1 })
  const begun = performance.now()
  t.match(await rest.accountInfo(), { kind: 'ok' })
  t.ok(performance.now() - begun >= 990)
  vendor.fail({ kind: 'rate-limit-http', retryAfterSeconds: 3600 })
  t.match(await rest.accountInfo(), { kind: 'failed', error: { retryAfterSeconds: 600 } })
  t.equal(askedFor(vendor, 'GetAccountInfo'), 3)
})

t.test('a vendor that never answers is given up, and asked again', async (t) => {
  const vendor = await aVendor(t)
  const { rest } = clientOf(vendor, legacyKeyOf(vendor), { timing: { totalMs: 10_000 } })
  vendor.fail({ kind: 'hangs' })
  t.match(await rest.accountInfo(), { kind: 'ok' })
  const timing = { requestMs: 150, totalMs: 500 }
  const hasty = clientOf(vendor, legacyKeyOf(vendor), { timing })
  vendor.fail({ kind: 'hangs' }, { times: 100 })
  t.match(await hasty.rest.accountInfo(), {
    kind: 'failed',
    error: { message: 'Voximplant did not answer in time.' },
  })
})

t.test('a signal ends a read, also between two tries', async (t) => {
  const vendor = await aVendor(t)
  const timing = { backOff: { firstMs: 60_000, maxMs: 60_000 }, totalMs: 200_000 }
  const { rest } = clientOf(vendor, legacyKeyOf(vendor), { timing })
  vendor.fail({ kind: 'http', status: 500 })
  t.match(await rest.applications(AbortSignal.timeout(1000)), { kind: 'failed' })
  vendor.fail({ kind: 'hangs' })
  t.match(await rest.history({ from: 0 }, AbortSignal.timeout(1000)), { kind: 'failed' })
  t.match(await rest.accountInfo(AbortSignal.abort()), { kind: 'failed' })
  t.equal(vendor.requests.length, 2)
})

t.test('a port that nobody listens on: nothing was sent, not even a start', async (t) => {
  const vendor = await aVendor(t)
  const nobody = { baseUrl: vendor.baseUrl, accountId: vendor.accountId }
  await vendor.close()
  const key = { kind: 'api_key', apiKey: 'k' } as const
  const { rest } = clientOf(nobody, key, { timing: { totalMs: 300, requestMs: 200 } })
  t.match(await rest.accountInfo(), { kind: 'failed' })
  t.match(await rest.startScenarios('1', ''), { kind: 'failed' })
})

t.test(
  'no more requests a second than allowed, and whoever would wait too long is told',
  async (t) => {
    const vendor = await aVendor(t)
    const timing = { perSecond: 20, maxWaitMs: 200 }
    const { rest } = clientOf(vendor, legacyKeyOf(vendor), { timing: { ...timing, totalMs: 300 } })
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => rest.startScenarios('1', '')),
    )
    const sent = answers.filter(({ kind }) => kind === 'refused')
    const told = answers.filter(({ kind }) => kind === 'failed')
    t.equal(sent.length + told.length, 60)
    t.equal(sent.length, askedFor(vendor, 'StartScenarios'))
    t.ok(
      sent.length >= 20 && sent.length <= 30,
      `a second at once, and what fits the wait: ${sent.length}`,
    )
  },
)

t.test('a start goes before all that wait, however many they are', async (t) => {
  const vendor = await aVendor(t)
  const timing = { perSecond: 5, maxWaitMs: 2000, totalMs: 2500 }
  const { rest } = clientOf(vendor, legacyKeyOf(vendor), { timing })
  const giveUp = new AbortController()
  const reads = Array.from({ length: 40 }, () => rest.accountInfo(giveUp.signal))
  t.match(await rest.startScenarios('1', ''), { kind: 'refused' })
  const before = askedFor(vendor, 'GetAccountInfo')
  t.ok(before < 10, `reads before it: ${before}`)
  giveUp.abort()
  const told = (await Promise.all(reads)).filter(({ kind }) => kind === 'failed').length
  t.ok(told >= 30, 'who waits can give up')
})

const SECRET_KEY = '3c4b9d0e-1111-4222-8333-abcdefabcdef'
const key = { kind: 'api_key', apiKey: SECRET_KEY } as const

t.test('what an error quotes is not repeated, whatever status it comes with', async (t) => {
  const bodies: readonly [status: number, body: object][] = [
    [
      200,
      { error: { code: 101, msg: `For input string: "${SECRET_KEY}" +4930123456 4930123456` } },
    ],
    [
      400,
      { error: { code: 496, msg: `bad api_key=${SECRET_KEY} at https://x.example/?k=4930123456` } },
    ],
    [500, { errors: [{ code: '101', msg: `no\u001b[31m ${SECRET_KEY}\r\n4930123456` }] }],
    [200, { error: { code: 101, msg: { text: SECRET_KEY } } }],
    [200, { error: { msg: null } }],
  ]
  for (const [status, body] of bodies) {
    const vendor = await answering(t, (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    })
    const answer = await clientOf(vendor, key).rest.accountInfo()
    t.equal(answer.kind, 'refused')
    const told =
      answer.kind === 'refused' ? `${answer.error.message} ${JSON.stringify(answer.error)}` : ''
    t.match(told, /^Voximplant: /)
    t.notMatch(told, /3c4b9d0e|30123456|\u001b|\n/, told)
  }
})

t.test('answers of any shape are read as far as they go, and never throw', async (t) => {
  const shapes: readonly unknown[] = [
    ...[null, 1, 'text', [], {}, { result: null }, { result: 'x' }, { result: [null, 1, 'x', []] }],
    { result: [{}], total_count: 'many', timezone: 7 },
    { result: [{ call_session_history_id: '12', start_date: 'yesterday' }] },
    { result: [{ call_session_history_id: 1.5, start_date: '2026-01-01 00:00:00' }] },
    { result: { account_id: 'no digits' } },
    { result: [], timezone: 'Nowhere/Land' },
    { error: null },
  ]
  for (const shape of shapes) {
    const vendor = await answering(t, (_request, response) => {
      response.end(JSON.stringify(shape))
    })
    const { rest } = clientOf(vendor, key, {
      timing: { backOff: { firstMs: 60_000, maxMs: 60_000 } },
    })
    const answers = await Promise.all([
      rest.accountInfo(),
      rest.applications(),
      rest.rules('1'),
      rest.scenario('1'),
      rest.phoneNumbers(),
      rest.history({ from: 0, to: 1 }),
      rest.startScenarios('1', ''),
      rest.addScenario({ name: 's', code: '', applicationId: '1' }),
    ])
    const [info, , , , , , started, added] = answers
    t.not(info.kind, 'ok', JSON.stringify(shape))
    t.equal(started.kind, 'unknown')
    t.equal(added.kind, 'unknown')
  }
})

t.test('a page with rows that cannot be read has the others, and says how many not', async (t) => {
  const good = { call_session_history_id: '7', start_date: '2026-07-01 12:00:00', cost: 5 }
  const leg = { start_time: 'x', cost: '0.5', local_number: 5, incoming: 'true' }
  const rows = [
    null,
    'x',
    {},
    { ...good, calls: [leg, null], records: [{ record_url: 'u' }], new_field: {} },
  ]
  const vendor = await answering(t, (_request, response) => {
    response.end(JSON.stringify({ result: rows, timezone: 'America/New_York', total_count: '4' }))
  })
  const { sessions, unreadable, total } = await valueOf(
    clientOf(vendor, key).rest.history({ from: 0 }),
  )
  t.match({ unreadable, total }, { unreadable: 3, total: 4 })
  const startedAt = Date.UTC(2026, 6, 1, 16)
  const legs = [{ startedAt, localNumber: null, isIncoming: true, cost: 0.5 }]
  t.match(sessions, [{ sessionId: '7', startedAt, legs, records: [], cost: 0.5 }], 'its own zone')
})

t.test('dates of another zone are read by its clock, in summer and in winter', async (t) => {
  const dates: readonly [zone: string, said: string, at: string][] = [
    ['Europe/Berlin', '2026-01-15 12:00:00', '2026-01-15T11:00:00Z'],
    ['Europe/Berlin', '2026-07-15 12:00:00', '2026-07-15T10:00:00Z'],
    ['Europe/Berlin', '2026-03-29 03:00:00', '2026-03-29T01:00:00Z'],
    ['Asia/Kathmandu', '2026-01-01 00:00:00', '2025-12-31T18:15:00Z'],
    ['+03:00', '2026-01-01 00:00:00', '2025-12-31T21:00:00Z'],
    ['UTC', '2026-01-01 00:00:00', '2026-01-01T00:00:00Z'],
  ]
  for (const [timezone, said, at] of dates) {
    const result = [{ call_session_history_id: 1, start_date: said }]
    const vendor = await answering(t, (_request, response) => {
      response.end(JSON.stringify({ result, timezone }))
    })
    const { sessions } = await valueOf(clientOf(vendor, key).rest.history({ from: 0 }))
    t.equal(sessions[0]?.startedAt, Date.parse(at), `${timezone} ${said}`)
  }
})

t.test('an answer without end, or one that points elsewhere, is refused', async (t) => {
  const endless = await answering(t, (_request, response) => {
    response.writeHead(200)
    const fill = (): void => {
      while (response.write(Buffer.alloc(1 << 20, 'a')));
      response.once('drain', fill)
    }
    fill()
  })
  const slow = { timing: { requestMs: 20_000, totalMs: 20_000 } }
  t.match(await clientOf(endless, key, slow).rest.accountInfo(), {
    kind: 'refused',
    error: { message: 'Voximplant answered with too much.' },
  })
  const stolen: string[] = []
  const thief = await answering(t, (request, response) => {
    stolen.push(request.url ?? '')
    response.end('{}')
  })
  const elsewhere = await answering(t, (_request, response) => {
    response.writeHead(307, { location: `${thief.baseUrl}/platform_api/GetAccountInfo` })
    response.end()
  })
  t.match(await clientOf(elsewhere, key).rest.accountInfo(), { kind: 'refused' })
  t.same(stolen, [], 'the key goes to its host alone')
})
