// The bundle for support, and the SIP messages in the timeline, on a trace that the test writes.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { epochMs, termination, type SipMessage, type SipTraceResult } from '#core/contracts'
import { buildApp, eventually, type BuiltApp } from '../support/build-app.ts'

interface Bundle {
  readonly made_at: string
  readonly call: { readonly call_id: string }
  readonly timeline: readonly { readonly type: string }[]
  readonly sip: {
    readonly available: boolean
    readonly why?: string
    readonly messages: readonly Record<string, unknown>[]
    readonly pcap: { readonly base64: string; readonly note: string } | null
  }
  readonly logs: {
    readonly available: boolean
    readonly why?: string
    readonly items: readonly Record<string, unknown>[]
  }
  readonly webhook_deliveries: readonly object[]
  readonly jobs: readonly object[]
  readonly conversations: readonly object[]
  readonly software: { readonly version: string; readonly node: string }
}

const INVITE = 'INVITE sip:+4930555100@127.0.0.1 SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n'
const OK = 'SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n'
const BYE = 'BYE sip:a@127.0.0.1 SIP/2.0\r\nCSeq: 2 BYE\r\n\r\n'

const aMessage = (at: number, text: string, more: Partial<SipMessage> = {}): SipMessage => ({
  at: epochMs(at),
  direction: 'received',
  protocol: 'udp',
  local: '127.0.0.1:5060',
  remote: '127.0.0.1:5061',
  text,
  ...more,
})

const kept = (
  messages: readonly SipMessage[],
  keptSince = 0,
): Extract<SipTraceResult, { kind: 'kept' }> => ({
  kind: 'kept',
  messages,
  cutOff: false,
  keptSince: epochMs(keptSince),
})

/** A call with one INVITE that has ended, and a trace to be filled in. */
async function build(t: Test) {
  const asked: (readonly string[])[] = []
  const trace: { result: SipTraceResult } = { result: kept([]) }
  const app = await buildApp(t, {
    sipTrace: {
      ofCall: (ids) => {
        asked.push(ids)
        return Promise.resolve(trace.result)
      },
    },
  })
  const { callId, createdAt } = await app.control.begin()
  const at = (offset: number) => epochMs(createdAt + offset)
  app.emit('sip.invite', callId, { direction: 'inbound', sipCallId: 'one@wire' }, at(1))
  app.emit('sip.bye', callId, { direction: 'received' }, at(500))
  const end = termination('success', 'hangup', 'caller')
  app.emit('call.ended', callId, { termination: end }, at(501))
  await app.recorded(callId, 3)
  const get = (what: string): Promise<Response> => app.request(`/api/calls/${callId}/${what}`)
  const bundle = async (): Promise<Bundle> => (await (await get('debug')).json()) as Bundle
  return { app, callId, createdAt, at, asked, trace, get, bundle }
}

const timelineOf = async (app: BuiltApp, callId: string) => {
  const response = await app.request(`/api/calls/${callId}/timeline`)
  return ((await response.json()) as { items: Record<string, unknown>[] }).items
}

t.test('one file with everything: record, timeline, messages, versions', async (t) => {
  const { callId, createdAt, at, asked, trace, get, app } = await build(t)
  trace.result = kept([
    aMessage(at(-1), INVITE),
    aMessage(at(100), OK, { direction: 'sent' }),
    aMessage(at(600), BYE, { protocol: 'tcp' }),
  ])
  const response = await get('debug')
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-disposition'), `attachment; filename="${callId}.json"`)
  t.match(response.headers.get('content-type'), 'application/json')
  t.equal(response.headers.get('cache-control'), 'no-store')
  const bundle = (await response.json()) as Bundle
  t.same(Object.keys(bundle), [
    'made_at',
    'call',
    'timeline',
    'silences',
    'logs',
    'sip',
    'webhook_deliveries',
    'jobs',
    'conversations',
    'software',
  ])
  t.equal(bundle.call.call_id, callId)
  t.same(bundle.software, { version: '0.0.0-test', node: process.version })
  t.same(bundle.timeline, await timelineOf(app, callId), 'the timeline is the one of its route')
  t.same(bundle.sip, {
    available: true,
    messages: [
      {
        at: new Date(createdAt - 1).toISOString(),
        offset_ms: -1,
        direction: 'received',
        protocol: 'udp',
        local: '127.0.0.1:5060',
        remote: '127.0.0.1:5061',
        text: INVITE,
      },
      { ...bundle.sip.messages[1], offset_ms: 100, direction: 'sent', text: OK },
      { ...bundle.sip.messages[2], offset_ms: 600, protocol: 'tcp', text: BYE },
    ],
    pcap: bundle.sip.pcap,
  })
  const capture = await app.request(`/api/calls/${callId}/debug?format=pcap`)
  t.equal(capture.headers.get('content-type'), 'application/vnd.tcpdump.pcap')
  t.equal(capture.headers.get('content-disposition'), `attachment; filename="${callId}.pcap"`)
  const file = Buffer.from(await capture.arrayBuffer())
  t.equal(file.toString('base64'), bundle.sip.pcap?.base64, 'the same capture by itself')
  t.same(asked.at(-1), ['one@wire'])
})

t.test(
  'the timeline has the messages between the events, and not a number of theirs',
  async (t) => {
    const { app, callId, at, trace } = await build(t)
    const without = await timelineOf(app, callId)
    trace.result = kept([
      aMessage(at(-1), INVITE),
      aMessage(at(500), OK, { direction: 'sent' }),
      aMessage(at(502), BYE),
    ])
    const items = await timelineOf(app, callId)
    t.same(
      items.map(({ type }) => type),
      ['sip.message', 'sip.invite', 'sip.message', 'sip.bye', 'call.ended'],
      'a message before what was made of it, none behind the end',
    )
    t.same(
      items.filter(({ type }) => type !== 'sip.message'),
      without,
      'the others are what they were',
    )
    t.match(items[0], { offset_ms: -1, direction: 'received', protocol: 'udp', method: 'INVITE' })
    t.notOk('sip_status' in items[0]!)
    t.match(items[2], { direction: 'sent', method: 'INVITE', sip_status: 200 })
    t.notMatch(JSON.stringify(items.filter(({ type }) => type === 'sip.message')), '4930555100')
  },
)

t.test('events keep the order in which they were recorded', async (t) => {
  const { app, callId, at, trace } = await build(t)
  app.emit('sip.bye', callId, { direction: 'sent' }, at(250))
  await app.recorded(callId, 4)
  trace.result = kept([aMessage(at(300), OK)])
  t.same(
    (await timelineOf(app, callId)).map(({ type }) => type),
    ['sip.invite', 'sip.message', 'sip.bye', 'call.ended', 'sip.bye'],
  )
})

t.test('first lines that mean nothing', async (t) => {
  const { app, callId, at, trace } = await build(t)
  trace.result = kept([
    aMessage(at(10), '\x00\x01'),
    aMessage(at(11), 'SIP/2.0 404 Not Found\r\n\r\n'),
    aMessage(at(12), `${'A'.repeat(33)} sip:a@b SIP/2.0\r\n\r\n`),
  ])
  t.same(
    (await timelineOf(app, callId))
      .filter(({ type }) => type === 'sip.message')
      .map(({ method, sip_status }) => ({ method, sip_status })),
    [
      { method: null, sip_status: undefined },
      { method: null, sip_status: 404 },
      { method: null, sip_status: undefined },
    ],
  )
})

t.test('what is missing is said', async (t) => {
  const { trace, at, bundle, get } = await build(t)
  trace.result = { kind: 'unavailable', why: 'a drachtio-server keeps no messages for us' }
  const nothing = { available: false, why: trace.result.why, messages: [], pcap: null }
  t.same((await bundle()).sip, nothing)
  const capture = await get('debug?format=pcap')
  t.equal(capture.status, 404)
  t.match(await capture.json(), { code: 'NOT_FOUND', detail: trace.result.why })
  t.equal((await get('timeline')).status, 200, 'and the timeline is there without')
  trace.result = kept([], at(9000))
  t.match((await bundle()).sip, { available: false, why: /kept no more/, messages: [] })
  trace.result = kept([aMessage(at(100), OK)], at(50))
  t.match((await bundle()).sip, { available: true, why: /first messages .* kept no more/ })
  trace.result = { ...kept([aMessage(at(100), OK)]), cutOff: true }
  t.match((await bundle()).sip, { available: true, why: /more messages than these/ })
})

t.test('what was logged of the call, and what the tables know of it', async (t) => {
  const { app, callId, bundle } = await build(t)
  t.match((await bundle()).logs, { available: false, why: /kept/, items: [] })
  // Its evidence is of another dialog: the auditor says so.
  const evidence = { dialog: 'other', cseq: 1, answeredAt: epochMs(1) }
  const other = (await app.control.begin()).callId
  app.emit('agent.opened', other, { evidence, upgradeSentAt: app.clock.now() })
  app.emit('call.ended', other, { termination: termination('success', 'hangup', 'caller') })
  await app.recorded(other, 2)
  // Heard of just now: the sweep that every start begins with deletes words of long ago.
  const heardAt = app.clock.now()
  const database = new DatabaseSync(join(app.dataDir, 'voicegate.sqlite'), { timeout: 5000 })
  database.exec(`
    INSERT INTO webhook_deliveries
      (delivery_id, endpoint_id, feed_position, type, call_id, state, attempts, next_at, last_status, last_error, created_at, give_up_at)
    VALUES ('d2', 'e', 2, 'call.ended', '${callId}', 'waiting', 1, 2000, 500, 'said +4930999888', 1000, 9000),
      ('d1', 'e', 1, 'call.created', '${callId}', 'delivered', 1, 0, 200, NULL, 500, 9000),
      ('d3', 'e', 3, 'call.ended', '${other}', 'waiting', 0, 0, NULL, NULL, 0, 9000);
    INSERT INTO jobs (job_id, kind, data, state, run_at, attempts, created_at, updated_at)
    VALUES ('j1', 'conversation', '{"callId":"${callId}"}', 'parked', 1, 2, 3, 4),
      ('j2', 'conversation', '{"callId":"${other}"}', 'parked', 1, 2, 3, 4);
    INSERT INTO conversations (conversation_id, call_id, vendor, state, transcript, updated_at)
    VALUES ('c1', '${callId}', 'elevenlabs', 'done', '[]', ${heardAt});
  `)
  database.close()
  const found = await bundle()
  t.match(found.webhook_deliveries, [
    {
      delivery_id: 'd1',
      state: 'delivered',
      next_attempt_at: null,
      last_status: 200,
      delivered_at: null,
    },
    { delivery_id: 'd2', next_attempt_at: '1970-01-01T00:00:02.000Z', last_error: 'said [number]' },
  ])
  t.match(found.jobs, [{ job_id: 'j1', kind: 'conversation', state: 'parked', attempts: 2 }])
  t.match(found.conversations, [{ conversation_id: 'c1', has_transcript: true, has_audio: false }])
  t.equal(found.jobs.length + found.webhook_deliveries.length, 3, 'none of another call')
  await eventually('its lines are there', async () => {
    const response = await app.request(`/api/calls/${other}/debug`)
    const { logs } = (await response.json()) as Bundle
    return logs.available && logs.items.every(({ callId: id }) => id === other)
  })
})

t.test('a call that never saw an INVITE', async (t) => {
  const app = await buildApp(t, { sipTrace: { ofCall: () => Promise.resolve(kept([])) } })
  const { callId } = await app.control.begin()
  const response = await app.request(`/api/calls/${callId}/debug`)
  const { sip } = (await response.json()) as Bundle
  t.match(sip, { available: false, why: 'No INVITE of this call was sent or received.' })
})

t.test('an unknown call is 404, and no file', async (t) => {
  const app = await buildApp(t)
  for (const id of ['nonsense', 'call_00000000000000000000000000000000']) {
    const response = await app.request(`/api/calls/${id}/debug`)
    t.equal(response.status, 404)
    t.equal(response.headers.get('content-disposition'), null)
    t.match(await response.json(), { code: 'NOT_FOUND' })
  }
})
