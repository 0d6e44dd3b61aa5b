import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { newCallId, type CallId } from '../../../core/contracts/index.ts'
import { CLIENT_LIMITS } from '../../../control-api/events/event-clients.ts'
import { READER_LIMITS } from '../../../control-api/events/event-reader.ts'
import { buildApp, eventually, freshDataDir, json, type BuiltApp } from '../../support/build-app.ts'

const KEY = 'k'.repeat(32)

interface Message {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly call_id: string | null
  readonly data: Record<string, unknown> & { readonly call?: { readonly to: string } }
}

interface Listener {
  readonly socket: WebSocket
  readonly messages: Message[]
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

async function listen(
  t: Test,
  app: BuiltApp,
  query = '',
  headers: Record<string, string> = {},
): Promise<Listener> {
  const url = `${app.url.replace('http', 'ws')}/api/events${query}`
  const socket = new WebSocket(url, { headers })
  const messages: Message[] = []
  socket.on('message', (text: Buffer) => messages.push(JSON.parse(text.toString()) as Message))
  const closed = once(socket, 'close').then(([code, reason]) => ({
    code: code as number,
    reason: String(reason),
  }))
  t.teardown(() => socket.terminate())
  await once(socket, 'open')
  return { socket, messages, closed }
}

/** The HTTP answer to an upgrade that is refused. */
async function refusal(app: BuiltApp, query: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/api/events${query}`, { headers })
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return {
    status: response.statusCode,
    type: response.headers['content-type'],
    problem: JSON.parse(body) as { readonly code: string },
  }
}

/** A call that rings and is over: created, dialing, ringing, ended. */
async function playCall(app: BuiltApp): Promise<CallId> {
  const { callId } = await app.control.begin({ direction: 'outbound', to: '+4930777001' })
  app.emit('sip.invite', callId, { direction: 'outbound', sipCallId: 'one@test' })
  app.emit('sip.provisional', callId, { sipStatus: 180, earlyMedia: false })
  app.emit('call.ended', callId, {
    termination: { result: 'client_error', reason: 'busy', by: 'callee', sipStatus: 486 },
  })
  app.control.live.delete(callId)
  return callId
}

const STORY = ['call.created', 'call.dialing', 'call.ringing', 'call.ended']
const ids = ({ messages }: Listener) => messages.map(({ id }) => id)
const types = ({ messages }: Listener) => messages.map(({ type }) => type)
const heard = (listener: Listener, count: number) =>
  eventually(`${count} messages`, () => Promise.resolve(listener.messages.length >= count))

t.test('events of a call arrive as they happen, the call with them', async (t) => {
  const app = await buildApp(t)
  const listener = await listen(t, app)
  const callId = await playCall(app)
  await heard(listener, 4)
  t.same(types(listener), STORY)
  t.same(
    ids(listener),
    ids(listener).toSorted((a, b) => Number(a) - Number(b)),
  )
  for (const message of listener.messages) {
    t.same(Object.keys(message), ['id', 'type', 'at', 'call_id', 'data'])
    t.equal(message.call_id, callId)
    t.equal(message.data.call?.to, '+4930777001')
  }
})

t.test('filters: types and one call', async (t) => {
  const app = await buildApp(t)
  const other = await playCall(app)
  const callId = await playCall(app)
  const ends = await listen(t, app, '?last_event_id=0&types=call.ended,call.answered')
  const one = await listen(t, app, `?last_event_id=0&call_id=${callId}`)
  await heard(ends, 2)
  await heard(one, 4)
  const third = await playCall(app)
  await heard(ends, 3)
  t.same(types(ends), ['call.ended', 'call.ended', 'call.ended'])
  t.same(
    ends.messages.map(({ call_id: id }) => id),
    [other, callId, third],
  )
  t.same(types(one), STORY)
})

t.test('a client resumes across a restart: nothing is lost, nothing comes twice', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await buildApp(t, { dataDir })
  const before = await listen(t, first)
  await playCall(first)
  await heard(before, 4)
  const goodbye = before.closed
  await first.close()
  t.match(await goodbye, { code: 1001, reason: /last_event_id=\d+/ })
  const lastId = before.messages.at(-1)?.id ?? ''
  const resumeAt = /last_event_id=(\d+)/.exec((await goodbye).reason)?.[1]
  t.equal(resumeAt, lastId, 'the goodbye says where to resume')

  const second = await buildApp(t, { dataDir })
  // While nobody listens.
  await playCall(second)
  const [after, whole] = await Promise.all([
    listen(t, second, `?last_event_id=${lastId}`),
    listen(t, second, '?last_event_id=0'),
    // More happens while they catch up.
    playCall(second),
  ])
  await heard(after, 8)
  await heard(whole, 12)
  t.equal(new Set(ids(whole)).size, 12)
  t.same([...ids(before), ...ids(after)], ids(whole))
})

t.test('many clients come and go while events pour in: each has every event once', async (t) => {
  const app = await buildApp(t)
  const listeners: Listener[] = []
  const calls = (async () => {
    for (let at = 0; at < 40; at += 1) await playCall(app)
  })()
  for (let at = 0; at < 20; at += 1) {
    listeners.push(await listen(t, app, '?last_event_id=0'))
  }
  await calls
  for (const listener of listeners) await heard(listener, 160)
  const all = ids(listeners[0] as Listener)
  t.equal(new Set(all).size, 160)
  for (const listener of listeners) t.same(ids(listener), all)
})

t.test('an id that is kept no more: the gap is told, then what is kept', async (t) => {
  const dataDir = await freshDataDir(t)
  const app = await buildApp(t, { dataDir })
  await playCall(app)
  const listener = await listen(t, app, '?last_event_id=1')
  await heard(listener, 5)
  t.same(types(listener), ['gap', ...STORY])
  t.match(listener.messages[0], {
    id: '1',
    call_id: null,
    data: { last_event_id: '1', first_kept_id: listener.messages[1]?.id },
  })
})

t.test('what is no request for events is refused in HTTP', async (t) => {
  const app = await buildApp(t, {
    config: { requireKey: true, apiKey: KEY, rehearsal: false },
    headers: { authorization: `Bearer ${KEY}` },
  })
  const headers = { authorization: `Bearer ${KEY}` }
  const nobody = await refusal(app, '')
  t.match(nobody, { status: 401, type: /problem\+json/, problem: { code: 'UNAUTHENTICATED' } })
  t.match(await refusal(app, '', { authorization: `Bearer ${'w'.repeat(32)}` }), { status: 401 })
  const future = `?last_event_id=${(Date.now() + 3600_000) * 1000}`
  const wrong = [
    future,
    '?last_event_id=abc',
    '?last_event_id=-1',
    '?types=call.exploded',
    '?call_id=x',
    '?detail=timeline',
    '?detail=everything',
    '?nonsense=1',
  ]
  for (const query of wrong)
    t.match(
      await refusal(app, query, headers),
      { status: 400, problem: { code: 'REQUEST_INVALID' } },
      query,
    )
  const unknown = `?detail=timeline&call_id=${newCallId()}`
  t.match(await refusal(app, unknown, headers), { status: 404 })
  const foreign = { ...headers, origin: 'https://evil.example' }
  t.match(await refusal(app, '', foreign), { status: 403, problem: { code: 'ORIGIN_NOT_ALLOWED' } })
  const own = await listen(t, app, '', { ...headers, origin: app.url })
  t.equal(own.socket.readyState, WebSocket.OPEN)
})

t.test('without an upgrade it says what it speaks; other upgrades are not taken', async (t) => {
  const app = await buildApp(t)
  const plain = await app.request('/api/events')
  t.equal(plain.status, 426)
  t.match(plain.headers.get('content-type'), /problem\+json/)
  t.equal(plain.headers.get('upgrade'), 'websocket')
  t.match(await plain.json(), { code: 'UPGRADE_REQUIRED' })
  const { host, port } = app.api.address
  const ask = (path: string, upgrade: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = { connection: 'Upgrade', upgrade }
      httpRequest({ host, port, path, headers }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })
  t.equal(await ask('/health', 'h2c'), 200)
  t.equal(await ask('/health', 'websocket'), 200)
  t.equal(await ask('/api/events', 'h2c'), 426)
})

t.test(
  '200 clients, one of which does not read: it is dropped with a reason, the others have everything',
  async (t) => {
    const app = await buildApp(t, {
      config: {
        eventLimits: {
          ...CLIENT_LIMITS,
          reader: { ...READER_LIMITS, bufferedBytes: 64 * 1024, stallMs: 1000 },
        },
      },
    })
    // Most want little, so that the test is of the many and not of the bytes.
    const [GREEDY, MODEST] = [12, 187]
    const others = await Promise.all(
      Array.from({ length: GREEDY + MODEST }, (_, at) =>
        listen(t, app, at < GREEDY ? '' : '?types=call.created'),
      ),
    )
    let counted = 0
    for (const { socket } of others) {
      socket.removeAllListeners('message')
      socket.on('message', () => (counted += 1))
    }
    const slow = await listen(t, app)
    slow.socket.pause()
    const before = process.memoryUsage().rss
    // More than the system keeps for a connection that is not read.
    const padding = 'x'.repeat(50_000)
    const call = await app.control.begin({ metadata: { padding } })
    const events = 140
    const expected = (events + 1) * GREEDY + MODEST
    for (let at = 0; at < events; at += 1) {
      app.emit('call.reviewed', call.callId, { status: 'processing', note: null })
      if (at % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await eventually('the others have everything', () => Promise.resolve(counted >= expected))
    t.equal(counted, expected)
    const grown = (process.memoryUsage().rss - before) / 1e6
    t.ok(grown < 250, `memory grew by ${Math.round(grown)} MB`)
    await eventually('the slow one is dropped', async () =>
      /event_clients_dropped_total\{reason="slow"\} 1/.test((await app.metrics.render()).body),
    )
    slow.socket.resume()
    const { code, reason } = await slow.closed
    t.ok(code === 1013 || code === 1006, `closed with ${code}`)
    if (code === 1013) t.match(reason, /slow reader; resume with last_event_id=\d+/)
    // What it has is a beginning of everything, so it can resume without a gap.
    const last = slow.messages.at(-1)?.id ?? ''
    t.ok(slow.messages.length < events)
    const again = await listen(t, app, `?last_event_id=${last}`)
    await heard(again, events + 1 - slow.messages.length)
    t.equal(new Set([...ids(slow), ...ids(again)]).size, events + 1)
  },
)

t.test('connections are limited, by key and in total', async (t) => {
  const app = await buildApp(t, {
    config: { eventLimits: { ...CLIENT_LIMITS, total: 2 } },
  })
  const first = await listen(t, app)
  await listen(t, app)
  t.match(await refusal(app, ''), { status: 429, problem: { code: 'TOO_MANY_REQUESTS' } })
  first.socket.close()
  await first.closed
  await eventually('there is room again', async () => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/api/events`)
    t.teardown(() => socket.terminate())
    return new Promise((resolve) => {
      socket.once('open', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
  })
})

t.test('a connection ends with its key', async (t) => {
  const config = { requireKey: true, apiKey: KEY, rehearsal: false }
  const admin = { authorization: `Bearer ${KEY}` }
  const app = await buildApp(t, { config, headers: admin })
  const body = { name: 'wall board', role: 'viewer' }
  const made = await app.request('/api/keys', json(body, admin))
  t.equal(made.status, 201)
  const { key, key_id: keyId } = (await made.json()) as { key: string; key_id: string }
  const listener = await listen(t, app, '', { authorization: `Bearer ${key}` })
  const other = await listen(t, app, '', admin)
  const revoked = await app.request(`/api/keys/${keyId}`, { method: 'DELETE', headers: admin })
  t.ok(revoked.ok)
  t.match(await listener.closed, { code: 1008, reason: /key is good no more/ })
  t.equal(other.socket.readyState, WebSocket.OPEN)
})

t.test('a dead peer, a chatty one and a long message', async (t) => {
  const app = await buildApp(t, {
    config: { eventLimits: { ...CLIENT_LIMITS, pingEveryMs: 600 } },
  })
  const url = `${app.url.replace('http', 'ws')}/api/events`
  const dead = new WebSocket(url, { autoPong: false })
  t.teardown(() => dead.terminate())
  const [code] = (await once(dead, 'close')) as [number]
  t.equal(code, 1001)
  const long = await listen(t, app)
  long.socket.send('x'.repeat(5000))
  t.match(await long.closed, { code: 1009 })
  const chatty = await listen(t, app)
  for (let at = 0; at < 200; at += 1) chatty.socket.send('hello')
  t.match(await chatty.closed, { code: 1008, reason: /too many messages/ })
  const quiet = await listen(t, app)
  quiet.socket.send('hello')
  await new Promise((resolve) => setTimeout(resolve, 1500))
  t.equal(quiet.socket.readyState, WebSocket.OPEN, 'one that answers pings stays')
})

t.test('detail=timeline: the items of one live call as they are recorded, resumable', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin()
  app.emit('sip.invite', callId, { direction: 'inbound', sipCallId: 'one@test' })
  await app.recorded(callId, 1)
  const whole = await listen(t, app, `?detail=timeline&call_id=${callId}`)
  await heard(whole, 1)
  app.emit('agent.user_transcript', callId, { text: 'hello', eventId: 1 })
  app.emit('dtmf', callId, { source: 'rtp', durationMs: 80 })
  await heard(whole, 3)
  const resumed = await listen(t, app, `?detail=timeline&call_id=${callId}&last_event_id=2`)
  app.emit('agent.response', callId, { text: 'good day', eventId: 2 })
  await heard(whole, 4)
  await heard(resumed, 2)
  t.same(types(whole), ['sip.invite', 'agent.user_transcript', 'dtmf', 'agent.response'])
  t.same(types(resumed), ['dtmf', 'agent.response'])
  const { items } = (await (await app.request(`/api/calls/${callId}/timeline`)).json()) as {
    items: unknown[]
  }
  t.same(
    whole.messages.map(({ data }) => data),
    items,
  )
})
