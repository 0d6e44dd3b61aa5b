import t from 'tap'
import { Value } from 'typebox/value'
import { callSchema } from '../../control-api/calls/call-view.ts'
import { AppError, type ErrorCode } from '../../core/errors/index.ts'
import { epochMs, newCallId, type CallId } from '../../core/contracts/index.ts'
import { aDialog } from '../support/a-dialog.ts'
import { buildApp, json, type BuiltApp } from '../support/build-app.ts'

type Body = Record<string, unknown>
const read = async (response: Response): Promise<Body> => (await response.json()) as Body
const NUMBER = '+4930123456'

/** Written out from the contract, not from the code. */
const CONTRACT_CALL = {
  '': 'call_id provider direction from to trunk application_id status outcome review_status termination created_at invited_at ringing_at answered_at ended_at duration_seconds agent machine consent cost language attempt retry_of next_attempt_at placed_by has_recording has_transcript metadata',
  termination: 'result reason by sip_status',
  agent: 'agent_id conversation_id opened_at closed_at close_reason sessions open_ms_after_answer',
  cost: 'amount_minor currency parts',
}

/** One whole answered call on the wire. Returns its times in epoch milliseconds. */
async function playAnsweredCall(app: BuiltApp) {
  const call = await app.control.begin({ direction: 'outbound' })
  const at = (offsetMs: number) => epochMs(call.createdAt + offsetMs)
  const { callId } = call
  const evidence = { dialog: 'd1', cseq: 1, answeredAt: at(3000) }
  app.emit('sip.invite', callId, { direction: 'outbound', sipCallId: 's1' }, at(10))
  app.emit('sip.provisional', callId, { sipStatus: 100, earlyMedia: false }, at(20))
  app.emit('sip.provisional', callId, { sipStatus: 183, earlyMedia: true }, at(1010))
  app.emit('sip.answered', callId, { ...DIALOG }, at(3000))
  app.emit('agent.attempted', callId, { evidence, attempt: 1 }, at(3002))
  app.emit('agent.opened', callId, { evidence, upgradeSentAt: at(3002.5) }, at(3100))
  const formats = { inputFormat: 'ulaw_8000', outputFormat: 'ulaw_8000' }
  app.emit('agent.metadata', callId, { conversationId: 'conv_1', ...formats }, at(3110))
  app.emit('agent.first_audio', callId, {}, at(3502.5))
  app.emit('sip.bye', callId, { direction: 'received' }, at(63_000))
  const closed = { reason: 'call-ended', closeCode: 1000, detail: '', seconds: 60 } as const
  app.emit('agent.closed', callId, closed, at(63_002.5))
  const termination = { result: 'success', reason: 'hangup', by: 'callee', sipStatus: 200 } as const
  app.emit('call.ended', callId, { termination }, at(63_010))
  await app.recorded(callId, 11)
  return { callId, at }
}

const DIALOG = { dialog: 'd1', cseq: 1, ...aDialog({ routeSet: ['<sip:edge.invalid;lr>'] }) }

t.test('a call is placed by either route and answers 202 with its record', async (t) => {
  const app = await buildApp(t)
  for (const path of ['/api/calls/start', '/api/calls']) {
    const response = await app.request(path, json({ phone_number: '+49 30 123456' }))
    t.equal(response.status, 202)
    const call = await read(response)
    t.match(call, { status: 'queued', to: NUMBER, direction: 'outbound' })
    t.match(call, { agent: { agent_id: 'agent_default', sessions: 0 } })
    t.ok(Value.Check(callSchema, call), 'the answer keeps to its schema')
    const again = await read(await app.request(`/api/calls/${String(call['call_id'])}`))
    t.same(again, call, 'the history says the same')
  }
})

t.test('what the body says reaches the gateway, with defaults for the rest', async (t) => {
  const app = await buildApp(t)
  const body = {
    phone_number: NUMBER,
    from: '+4930555100',
    provider: 'sip',
    answering_machine: 'off',
    trunk: null,
    application_id: null,
    agent_id: 'agent_other',
    first_message: 'Hello.',
    language: 'de',
    dynamic_variables: { name: 'Ada', age: 36, vip: true },
    ring_timeout_seconds: 5,
    max_duration_seconds: 7200,
    metadata: { order: { id: 7 } },
  }
  t.equal((await app.request('/api/calls', json(body))).status, 202)
  const { callId } = app.control.requests[0] ?? {}
  t.match(callId, /^call_[0-9a-f]{32}$/)
  t.same(app.control.requests[0], {
    callId,
    placedBy: 'rehearsal',
    to: NUMBER,
    from: '+4930555100',
    agent: {
      agentId: 'agent_other',
      firstMessage: 'Hello.',
      language: 'de',
      dynamicVariables: { name: 'Ada', age: 36, vip: true },
    },
    ringTimeout: 5000,
    maxDuration: 7_200_000,
    metadata: { order: { id: 7 } },
  })
  const placed = await read(await app.request('/api/calls'))
  t.match(placed, { items: [{ language: 'de', metadata: { order: { id: 7 } } }] })
  await app.request('/api/calls', json({ phone_number: NUMBER, trunk: 'exolve' }))
  t.match(app.control.requests[1], { trunk: 'exolve' })
  t.match(app.control.requests[1], { ringTimeout: 45_000, maxDuration: 1_800_000, metadata: {} })
})

t.test('bad bodies are refused by field, before the gateway hears of them', async (t) => {
  const app = await buildApp(t)
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`v${i}`, i]))
  const cases: [string, Body, number, string, string][] = [
    ['no number', {}, 400, 'REQUEST_INVALID', 'phone_number'],
    ['number as a number', { phone_number: 4930123456 }, 400, 'REQUEST_INVALID', 'phone_number'],
    ['no country', { phone_number: '030123456' }, 400, 'NUMBER_INVALID', 'phone_number'],
    ['words', { phone_number: '+49 call me' }, 400, 'NUMBER_INVALID', 'phone_number'],
    ['bad from', { from: '123' }, 400, 'NUMBER_INVALID', 'from'],
    ['unknown field', { phone: 'x' }, 400, 'REQUEST_INVALID', 'phone'],
    ['short ring', { ring_timeout_seconds: 4 }, 400, 'REQUEST_INVALID', 'ring_timeout_seconds'],
    ['long ring', { ring_timeout_seconds: 121 }, 400, 'REQUEST_INVALID', 'ring_timeout_seconds'],
    ['text ring', { ring_timeout_seconds: '45' }, 400, 'REQUEST_INVALID', 'ring_timeout_seconds'],
    ['short call', { max_duration_seconds: 9 }, 400, 'REQUEST_INVALID', 'max_duration_seconds'],
    ['long call', { max_duration_seconds: 7201 }, 400, 'REQUEST_INVALID', 'max_duration_seconds'],
    ['many variables', { dynamic_variables: many }, 400, 'REQUEST_INVALID', 'dynamic_variables'],
    [
      'deep variable',
      { dynamic_variables: { a: {} } },
      400,
      'REQUEST_INVALID',
      'dynamic_variables.a',
    ],
    ['big metadata', { metadata: { a: 'x'.repeat(4096) } }, 400, 'REQUEST_INVALID', 'metadata'],
    ['list as metadata', { metadata: [] }, 400, 'REQUEST_INVALID', 'metadata'],
    ['odd language', { language: 'German' }, 400, 'REQUEST_INVALID', 'language'],
    ['unknown provider', { provider: 'pigeon' }, 400, 'REQUEST_INVALID', 'provider'],
    ['twilio', { provider: 'twilio' }, 501, 'PROVIDER_NOT_CONFIGURED', 'provider'],
    ['voximplant', { provider: 'voximplant' }, 501, 'PROVIDER_NOT_CONFIGURED', 'provider'],
    ['application', { application_id: 'a' }, 400, 'REQUEST_INVALID', 'application_id'],
    ['trunk', { trunk: '' }, 400, 'REQUEST_INVALID', 'trunk'],
    ['machine', { answering_machine: 'detect' }, 422, 'NOT_BUILT', 'answering_machine'],
  ]
  for (const [name, body, status, code, field] of cases) {
    const whole = name === 'no number' ? {} : { phone_number: NUMBER, ...body }
    const response = await app.request('/api/calls/start', json(whole))
    const problem = await read(response)
    t.match({ ...problem, http: response.status }, { http: status, status, code }, name)
    t.match(problem, { errors: [{ field }] }, `${name} names its field`)
    t.match(response.headers.get('content-type'), /^application\/problem\+json/)
  }
  t.equal(app.control.requests.length, 0, 'the gateway heard nothing')
})

t.test('a field that nests too deeply is refused by name, with a key and without', async (t) => {
  const app = await buildApp(t)
  const nest = (depth: number, open = '{"a":', close = '}') =>
    `${open.repeat(depth)}1${close.repeat(depth)}`
  const post = (field: string, value: string, headers = {}) =>
    app.request('/api/calls', {
      ...json({}, headers),
      body: `{"phone_number":"${NUMBER}","${field}":${value}}`,
    })
  const fields = ['metadata', 'dynamic_variables', 'first_message', 'unknown']
  for (const field of fields) {
    for (const deep of [nest(9000), nest(30_000, '[', ']'), `{"b":${nest(8000)}}`]) {
      for (const headers of [{}, { 'idempotency-key': `${field} key`.replace(' ', '-') }]) {
        const answer = await post(field, deep, headers)
        t.equal(answer.status, 400, field)
        t.match(await read(answer), { code: 'REQUEST_INVALID', errors: [{ field }] })
      }
    }
  }
  t.equal((await post('metadata', nest(21))).status, 400)
  t.equal(app.control.requests.length, 0)
  t.equal((await post('metadata', nest(20))).status, 202, 'twenty levels are taken')
  const list = await app.request('/api/calls', { ...json({}), body: nest(9000, '[', ']') })
  t.equal(list.status, 400)
  t.notMatch(app.logged(), /Maximum call stack/)
})

t.test('an invalid number is not echoed, and no number reaches the log', async (t) => {
  const app = await buildApp(t)
  const planted = '+99912345678901'
  const refused = await app.request('/api/calls', json({ phone_number: planted }))
  t.equal(refused.status, 400)
  t.notMatch(await refused.text(), planted.slice(1))
  await app.request('/api/calls', json({ phone_number: NUMBER }))
  await app.request(`/api/calls/${encodeURIComponent(planted)}`)
  await app.request(`/nowhere/${encodeURIComponent(planted)}?phone=${encodeURIComponent(planted)}`)
  await app.request(`/api/calls?number=${encodeURIComponent(planted)}`)
  app.control.failure = new Error('boom')
  t.equal((await app.request('/api/calls', json({ phone_number: NUMBER }))).status, 500)
  const log = app.logged()
  t.match(log, /"msg":"request"/, 'there is a log to search')
  for (const number of [planted, NUMBER]) t.notMatch(log, number.slice(1))
})

t.test('bodies that are no JSON, too large or of another type', async (t) => {
  const app = await buildApp(t)
  const send = (body: string, type: string) =>
    app.request('/api/calls', { method: 'POST', headers: { 'content-type': type }, body })
  const cases: [string, string, number, string][] = [
    ['{"phone_number": "+4930', 'application/json', 400, 'REQUEST_INVALID'],
    ['', 'application/json', 400, 'REQUEST_INVALID'],
    [`"${'x'.repeat(70_000)}"`, 'application/json', 413, 'PAYLOAD_TOO_LARGE'],
    ['<call/>', 'application/xml', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ]
  for (const [body, type, status, code] of cases) {
    const response = await send(body, type)
    const text = await response.text()
    t.equal(response.status, status, `${status}`)
    t.equal((JSON.parse(text) as Body)['code'], code)
    t.notMatch(text, '4930', 'the body is not quoted')
  }
})

t.test('what the gateway refuses comes back as its code, with Retry-After', async (t) => {
  const app = await buildApp(t)
  const cases: [ErrorCode, number, string | null][] = [
    ['NUMBER_NOT_ALLOWED', 403, null],
    ['NO_TRUNK', 503, null],
    ['CAPACITY_EXHAUSTED', 503, '1'],
    ['RATE_EXCEEDED', 429, '3'],
    ['DRAINING', 503, '1'],
  ]
  for (const [code, status, retryAfter] of cases) {
    const options = code === 'RATE_EXCEEDED' ? { retryAfterSeconds: 3 } : {}
    app.control.failure = new AppError(code, 'no', options)
    const response = await app.request('/api/calls', json({ phone_number: NUMBER }))
    t.equal(response.status, status)
    t.equal(response.headers.get('retry-after'), retryAfter)
    t.match(await read(response), { code, what_to_do: String, instance: '/api/calls' })
  }
  app.control.failure = new TypeError('secret detail')
  const response = await app.request('/api/calls', json({ phone_number: NUMBER }))
  const text = await response.text()
  t.equal(response.status, 500)
  t.match(text, 'INTERNAL')
  t.notMatch(text, 'secret detail', 'a defect is not shown')
  t.match(app.logged(), 'secret detail', 'but logged')
})

t.test('without a gateway, and while draining, calls are refused with 503', async (t) => {
  const app = await buildApp(t, { gateway: false })
  const early = await app.request('/api/calls', json({ phone_number: NUMBER }))
  t.equal(early.status, 503)
  t.match(await read(early), { code: 'SIP_UNAVAILABLE' })
  app.api.setReady('draining')
  const late = await app.request('/api/calls', json({ phone_number: NUMBER }))
  t.match(await read(late), { code: 'DRAINING', status: 503 })
})

t.test('a call without any agent names what is missing', async (t) => {
  const app = await buildApp(t, { config: { defaultAgentId: undefined } })
  const response = await app.request('/api/calls', json({ phone_number: NUMBER }))
  t.match(await read(response), { status: 400, errors: [{ field: 'agent_id' }] })
})

t.test('the record of an answered call has exactly the keys of the contract', async (t) => {
  const app = await buildApp(t)
  const { callId, at } = await playAnsweredCall(app)
  const call = await read(await app.request(`/api/calls/${callId}`))
  for (const [part, keys] of Object.entries(CONTRACT_CALL)) {
    const object = part === '' ? call : (call[part] as Body)
    t.same(Object.keys(object).sort(), keys.split(' ').sort(), part || 'the call')
  }
  t.ok(Value.Check(callSchema, call), 'and keeps to its schema')
  const iso = (offsetMs: number) => new Date(at(offsetMs)).toISOString()
  t.match(call, {
    status: 'ended',
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'callee', sip_status: 200 },
    invited_at: iso(10),
    ringing_at: iso(1010),
    answered_at: iso(3000),
    ended_at: iso(63_010),
    duration_seconds: 60.01,
    agent: {
      conversation_id: 'conv_1',
      opened_at: iso(3002.5),
      closed_at: iso(63_002.5),
      close_reason: 'call-ended',
      sessions: 1,
      open_ms_after_answer: 2.5,
    },
    cost: {
      amount_minor: 8,
      currency: 'USD',
      parts: [{ kind: 'agent', seconds: 60, price_per_minute: 0.08, amount_minor: 8 }],
    },
  })
})

t.test('the timeline is in order, in snake_case, with offsets', async (t) => {
  const app = await buildApp(t)
  const { callId, at } = await playAnsweredCall(app)
  const { items } = (await read(await app.request(`/api/calls/${callId}/timeline`))) as {
    items: Body[]
  }
  t.same(
    items.map((item) => item['type']),
    'sip.invite sip.provisional sip.provisional sip.answered agent.attempted agent.opened agent.metadata agent.first_audio sip.bye agent.closed call.ended'.split(
      ' ',
    ),
  )
  t.match(items[2], { sip_status: 183, early_media: true, offset_ms: 1010 })
  const answered = Object.fromEntries(Object.entries(items[3] ?? {}).slice(3))
  const { sipCallId: sip_call_id, localTag: local_tag, remoteTag: remote_tag } = DIALOG
  const tags = { sip_call_id, local_tag, remote_tag, remote_target: DIALOG.remoteTarget }
  t.same(
    answered,
    { dialog: 'd1', cseq: 1, ...tags },
    'what only the next start needs is not shown',
  )
  t.match(items[5], {
    upgrade_sent_at: new Date(at(3002.5)).toISOString(),
    evidence: { dialog: 'd1', cseq: 1, answered_at: new Date(at(3000)).toISOString() },
  })
  t.match(items[10], { termination: { result: 'success', sip_status: 200 } })
  t.notMatch(JSON.stringify(items), /[a-z][A-Z][a-z]+":/, 'no camelCase key')
})

t.test('unknown calls are 404, ended ones cannot be hung up', async (t) => {
  const app = await buildApp(t)
  for (const id of ['x', newCallId(), 'call_' + 'F'.repeat(32)]) {
    t.equal((await app.request(`/api/calls/${id}`)).status, 404)
    t.equal((await app.request(`/api/calls/${id}/timeline`)).status, 404)
    const hangUp = await app.request(`/api/calls/${id}/hangup`, { method: 'POST' })
    t.match(await read(hangUp), { status: 404, code: 'NOT_FOUND' })
  }
  const { callId } = await app.control.begin()
  const accepted = await app.request(`/api/calls/${callId}/hangup`, { method: 'POST' })
  t.equal(accepted.status, 202)
  t.same(await read(accepted), { call_id: callId, status: 'queued' })
  t.same(app.control.hungUp, [callId])
  app.control.live.delete(callId)
  const late = await app.request(`/api/calls/${callId}/hangup`, { method: 'POST' })
  t.match(await read(late), { status: 409, code: 'CALL_ENDED' })
})

t.test('pages stay whole while calls arrive, and filters hold', async (t) => {
  const app = await buildApp(t)
  const made: CallId[] = []
  const base = Date.parse('2026-01-01T00:00:00.000Z')
  // Pairs share a time, so that the id must break the tie.
  for (let i = 0; i < 25; i++) {
    const createdAt = epochMs(base + Math.floor(i / 2) * 3_600_000)
    made.push((await app.control.begin({ createdAt })).callId)
  }
  const seen: string[] = []
  let cursor: string | null = ''
  for (let pages = 0; cursor !== null; pages++) {
    t.ok(pages < 10, 'it ends')
    const response = await app.request(`/api/calls?limit=7${cursor && `&cursor=${cursor}`}`)
    const page = (await response.json()) as { items: Body[]; next_cursor: string | null }
    seen.push(...page.items.map((item) => String(item['call_id'])))
    cursor = page.next_cursor
    await app.control.begin({ createdAt: epochMs(Date.parse('2026-02-01T00:00:00.000Z') + pages) })
  }
  t.equal(new Set(seen).size, seen.length, 'none twice')
  t.same([...seen].sort(), [...made].sort(), 'each once, none of the newcomers')

  const count = async (query: string) =>
    ((await (await app.request(`/api/calls?limit=100&${query}`)).json()) as { items: Body[] }).items
      .length
  t.equal(await count('to_date=2026-01-01'), 25)
  t.equal(await count('from_date=2026-01-02'), 4, 'the newcomers of four pages')
  t.equal(await count('from_date=2026-01-01T12:00:00Z&to_date=2026-01-01T23:59:59.999Z'), 1)
  t.equal(await count('from_date=2026-01-01T13:00:00%2B01:00&to_date=2026-01-01'), 1)
  t.equal(await count('direction=outbound'), 0)
  t.equal(await count('status=queued&direction=inbound'), 29)
  t.equal(await count('outcome=busy'), 0)
})

t.test('bad queries are refused by name', async (t) => {
  const app = await buildApp(t)
  const forged = Buffer.from('[1,"call_x"]').toString('base64url')
  const cases: [string, number, string][] = [
    ['limit=0', 400, 'limit'],
    ['limit=101', 400, 'limit'],
    ['limit=ten', 400, 'limit'],
    ['cursor=zzz', 400, 'cursor'],
    [`cursor=${forged}`, 400, 'cursor'],
    ['from_date=yesterday', 400, 'from_date'],
    ['to_date=2026-02-30', 400, 'to_date'],
    ['status=done', 400, 'status'],
    ['sort=asc', 400, 'sort'],
    ['provider=pigeon', 400, 'provider'],
    ['review_status=done', 400, 'review_status'],
    ['number=12', 400, 'number'],
    ['number=alice', 400, 'number'],
    ['number=%2B4930', 400, 'number'],
    ['application_id=', 400, 'application_id'],
    ['text=...', 400, 'text'],
  ]
  for (const [query, status, field] of cases) {
    const response = await app.request(`/api/calls?${query}`)
    t.match(await read(response), { status, errors: [{ field }] }, query)
  }
})
