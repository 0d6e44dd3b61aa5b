// POST /webhooks/elevenlabs: what is signed and fresh is believed, once; nothing else is.
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js'
import t, { type Test } from 'tap'
import { AudioInJson } from '../../../control-api/elevenlabs/post-call/audio-in-json.ts'
import { signatureOf } from '../../../simulators/elevenlabs/index.ts'
import { eventually, type BuiltApp } from '../../support/build-app.ts'
import { beginCall, conversationOf, endCall, SECRET, settled, stage, talk } from './talked-call.ts'

const now = () => Math.floor(Date.now() / 1000)

async function post(
  app: BuiltApp,
  body: string | ReadableStream,
  signature: string | undefined,
  headers: Record<string, string> = {},
) {
  const response = await app.request('/webhooks/elevenlabs', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(signature === undefined ? {} : { 'elevenlabs-signature': signature }),
      ...headers,
    },
    body,
    ...(typeof body === 'string' ? {} : { duplex: 'half' }),
  })
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) }
}

const event = (conversationId: string, more: object = {}) =>
  JSON.stringify({
    type: 'post_call_transcription',
    event_timestamp: now(),
    data: {
      agent_id: 'agent_1',
      conversation_id: conversationId,
      status: 'done',
      transcript: [{ role: 'agent', message: 'Grüß Gott — “€”' }],
      metadata: { start_time_unix_secs: now(), call_duration_secs: 9, cost: 120, cost_fiat: 0.5 },
      analysis: { call_successful: 'failure', transcript_summary: 'Nothing came of it.' },
      has_audio: false,
      ...more,
    },
  })

/** Asks the vendor nothing: what is known came by webhook. */
const silent = (t: Test, more: object = {}) =>
  stage(t, {}, { vendor: { apiKey: undefined, webhookSecret: SECRET, ...more } })

const feedOf = async (app: BuiltApp) =>
  (await app.request('/metrics')).status === 200 ? app.logged() : ''

t.test('a signed one settles the conversation; a replay changes nothing', async (t) => {
  const { app, vendor } = await silent(t)
  const id = await talk(vendor)
  const callId = await beginCall(app, id)
  endCall(app, callId)
  await app.recorded(callId, 3)
  const body = event(id)
  const signature = signatureOf(SECRET, now(), body)
  t.match(await post(app, body, signature), { status: 200, result: 'stored' })
  const first = await conversationOf(app, callId)
  t.match(first.items, [
    {
      state: 'done',
      duration_seconds: 9,
      successful: 'failure',
      summary: 'Nothing came of it.',
      transcript: [{ message: 'Grüß Gott — “€”' }],
      cost: { credits: 120, usd: 0.5 },
    },
  ])
  t.equal(first.ours.cost?.amount_minor, 50)
  t.match(await post(app, body, signature), { status: 200, result: 'known' })
  const other = event(id, { analysis: { transcript_summary: 'Another story.' } })
  t.match(await post(app, other, signatureOf(SECRET, now(), other)), { result: 'known' })
  t.same(await conversationOf(app, callId), first)
  t.notMatch(await feedOf(app), /Nothing came of it|Grüß/, 'no words of the talk in the log')
})

t.test('ten at once settle it once', async (t) => {
  const { app, vendor } = await silent(t)
  const id = await talk(vendor)
  await beginCall(app, id)
  const body = event(id)
  const signature = signatureOf(SECRET, now(), body)
  const all = await Promise.all(Array.from({ length: 7 }, () => post(app, body, signature)))
  const results = all.map((one) => (one as Record<string, unknown>)['result'])
  t.equal(results.filter((result) => result === 'stored').length, 1)
  t.equal(results.filter((result) => result === 'known').length, 6)
})

t.test('unsigned, forged, stale, from the future, altered: 401, and nothing changed', async (t) => {
  const { app, vendor } = await silent(t)
  const id = await talk(vendor)
  const callId = await beginCall(app, id)
  const body = event(id)
  const good = signatureOf(SECRET, now(), body)
  const v0 = /v0=(\w+)/.exec(good)?.[1] ?? ''
  const cases: Record<string, string | undefined> = {
    unsigned: undefined,
    empty: '',
    'no time': `v0=${v0}`,
    'no hash': `t=${now()}`,
    'another scheme': good.replace('v0=', 'v1='),
    'another secret': signatureOf(`${SECRET}x`, now(), body),
    'another body': signatureOf(SECRET, now(), `${body} `),
    'another time': good.replace(/t=\d+/, `t=${now() - 1}`),
    stale: signatureOf(SECRET, now() - 1801, body),
    future: signatureOf(SECRET, now() + 360, body),
    'too long': `${good},${'v0=0,'.repeat(200)}`,
    'not hex': `t=${now()},v0=${'z'.repeat(64)}`,
    'a short hash': `t=${now()},v0=${v0.slice(0, 32)}`,
  }
  for (const [what, signature] of Object.entries(cases))
    t.match(await post(app, body, signature), { status: 401, code: 'SIGNATURE_INVALID' }, what)
  t.match((await conversationOf(app, callId)).items, [{ state: 'pending' }])
  t.match(await post(app, body, signatureOf(SECRET, now() - 1700, body)), { status: 200 })
  t.notMatch(app.logged(), SECRET)
})

t.test('the vendor’s own verifier and ours agree, both ways', async (t) => {
  const { app, vendor } = await silent(t)
  const { webhooks } = new ElevenLabsClient({ apiKey: 'x', baseUrl: vendor.restUrl })
  const judge = (body: string, signature: string) =>
    (webhooks.constructEvent(body, signature, SECRET) as Promise<unknown>).then(
      () => 200,
      () => 401,
    )
  const id = await talk(vendor)
  await beginCall(app, id)
  for (const body of [event(id), '{"type":"new"}', '{ "type" : "\\u00fc", "data":null }', '[]'])
    for (const [secret, at] of [
      [SECRET, now()],
      [SECRET, now() - 1790],
      [SECRET, now() - 1810],
      [`${SECRET}x`, now()],
    ] as const) {
      // As its documentation says it is made, not by our simulator.
      const hash = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
      const signature = `t=${at},v0=${hash}`
      t.equal((await post(app, body, signature)).status, await judge(body, signature), body)
    }
})

t.test('what is not for us is 200 and forgotten; what is no JSON is 400', async (t) => {
  const { app } = await silent(t)
  const send = (body: string) => post(app, body, signatureOf(SECRET, now(), body))
  t.match(await send(event('conv_of_nobody')), { status: 200, result: 'ignored' })
  const failure = {
    failure_reason: 'busy',
    conversation_id: 'conv_x',
    metadata: { body: '+49301' },
  }
  for (const body of [
    JSON.stringify({ type: 'call_initiation_failure', data: failure }),
    JSON.stringify({ type: 'a_new_one', data: {} }),
    JSON.stringify({ type: 'post_call_transcription', data: { conversation_id: '../x' } }),
    JSON.stringify({
      type: 'post_call_audio',
      data: { conversation_id: 'conv_x', full_audio: '' },
    }),
    '"text"',
    'null',
  ])
    t.match(await send(body), { status: 200, result: 'ignored' }, body)
  t.match(await send('{"type":'), { status: 400, code: 'REQUEST_INVALID' })
  t.match(await send(''), { status: 400 })
  t.same(await (await app.request('/api/calls')).json(), {
    items: [],
    next_cursor: null,
  })
  t.notMatch(app.logged(), /\+49301|of_nobody/)
})

t.test('without a secret: in rehearsal from this machine, else never', async (t) => {
  const rehearsal = await silent(t, { webhookSecret: undefined })
  t.match(await post(rehearsal.app, '{"type":"x"}', undefined), { status: 200 })
  const byProxy = { 'x-forwarded-for': '203.0.113.5' }
  const stranger = await post(rehearsal.app, '{"type":"x"}', undefined, byProxy)
  t.match(stranger, { status: 401 }, 'a proxy on this machine brings strangers')
  const config = { rehearsal: false, requireKey: true, apiKey: 'k'.repeat(32) }
  const { app } = await stage(t, {}, { config, vendor: { apiKey: undefined } })
  const refused = { status: 401, code: 'SIGNATURE_INVALID', detail: /WEBHOOK_SECRET is not set/ }
  t.match(await post(app, '{"type":"x"}', undefined), refused)
  t.match(await post(app, '{"type":"x"}', signatureOf('', now(), '{"type":"x"}')), refused)
})

t.test('whoever drips from one address does not take all places', async (t) => {
  const { app } = await silent(t)
  const { host, port } = app.api.address
  const drip = (body: string) => {
    const socket = connect({ host, port, localAddress: '127.3.0.1' })
    t.teardown(() => socket.destroy())
    socket.write(
      `POST /webhooks/elevenlabs HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-length: 9\r\n` +
        `elevenlabs-signature: ${signatureOf('another', now(), '{}')}\r\n\r\n${body}`,
    )
    return socket
  }
  for (let n = 0; n < 8; n += 1) drip('{')
  await eventually('one more is too many', async () => {
    const socket = drip('{"a":"b"}')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    return answer.toString('latin1').startsWith('HTTP/1.1 429')
  })
  const signed = '{"type":"x"}'
  t.match(await post(app, signed, signatureOf(SECRET, now(), signed)), { status: 200 })
})

t.test('sound comes whole, in any pieces, and is kept by the rule of recordings', async (t) => {
  const { app, vendor } = await silent(t)
  const ids = [await talk(vendor), await talk(vendor)]
  const [failed, off] = [await beginCall(app, ids[0]!), await beginCall(app, ids[1]!)]
  app.emit('recording.started', failed, {})
  app.emit('recording.failed', failed, { detail: 'full' })
  await app.recorded(failed, 3)
  const sound = randomBytes(3_000_001)
  const bodyOf = (id: string) =>
    JSON.stringify({
      type: 'post_call_audio',
      data: { conversation_id: id, full_audio: sound.toString('base64') },
    })
  const send = async (id: string, secret = SECRET) => {
    const body = bodyOf(id)
    return post(app, new Blob([body]).stream(), signatureOf(secret, now(), body))
  }
  t.match(await send(ids[0]!, 'forged'), { status: 401 })
  t.match(await send(ids[0]!), { status: 200, result: 'stored' })
  t.match(await send(ids[0]!), { status: 200, result: 'known' })
  t.match(await send(ids[1]!), { status: 200, result: 'ignored' }, 'nothing was to be recorded')
  const kept = await app.request(`/api/calls/${failed}/conversation/audio`)
  t.ok(sound.equals(Buffer.from(await kept.arrayBuffer())))
  t.equal((await app.request(`/api/calls/${off}/conversation/audio`)).status, 404)
  t.same(await readdir(join(app.dataDir, 'incoming')), [], 'nothing is left on the way')
})

t.test('a body without end is cut off', async (t) => {
  const { app } = await silent(t)
  const chunk = Buffer.alloc(512 * 1024, 0x61)
  let sent = 0
  const body = new ReadableStream({
    pull(controller) {
      sent += chunk.length
      controller.enqueue(chunk)
    },
  })
  const answer = await post(app, body, `t=${now()},v0=${'0'.repeat(64)}`).catch(() => undefined)
  t.ok(answer === undefined || answer.status === 413)
  t.ok(sent < 40 * 1024 * 1024, `${sent} bytes were taken`)
  const plain = await app.request('/health')
  t.equal(plain.status, 200)
})

t.test('the whole way: the simulated vendor tells of a talk, right and wrong', async (t) => {
  const { app, vendor } = await stage(
    t,
    {},
    { vendor: { apiKey: undefined, webhookSecret: SECRET } },
  )
  vendor.sendWebhooksTo({ url: `${app.url}/webhooks/elevenlabs`, secret: SECRET })
  for (const webhook of ['once', 'twice', 'forged', 'stale'] as const) {
    const before = vendor.webhooks.length
    vendor.script('agent_1', { burstSpeed: 100, postCall: { processingMs: 150, webhook } })
    const id = await talk(vendor)
    const callId = await beginCall(app, id)
    const count = webhook === 'twice' ? 2 : 1
    await eventually(
      webhook,
      async () =>
        vendor.webhooks.slice(before).filter(({ status }) => status !== null).length === count,
    )
    const isRight = webhook === 'once' || webhook === 'twice'
    t.same(
      new Set(vendor.webhooks.slice(before).map(({ status }) => status)),
      new Set([isRight ? 200 : 401]),
    )
    await settled(app, callId, isRight ? 'done' : 'pending')
  }
})

t.test('sound in JSON, in pieces of every size', async (t) => {
  const sound = randomBytes(100)
  const base64 = sound.toString('base64')
  const texts = [
    `{"type":"a","data":{"x":"full_audio","full_audio" : "${base64}","y":"\\"full_audio\\":"}}`,
    `{"full_audio":"${base64.replaceAll('/', '\\/')}","z":["full_audio"],"w":{"full_audio":null}}`,
  ]
  for (const text of texts)
    for (const size of [1, 2, 3, 7, 64, 1000]) {
      const pieces: Buffer[] = []
      const json = new AudioInJson(async (bytes) => void pieces.push(bytes), 1000)
      for (let at = 0; at < text.length; at += size)
        t.ok(await json.write(Buffer.from(text.slice(at, at + size))))
      const rest = JSON.parse(await json.end()) as unknown
      const expected = JSON.parse(text, (key, value: unknown) =>
        key === 'full_audio' && typeof value === 'string' ? '' : value,
      ) as unknown
      t.same(rest, expected, `${size}`)
      t.ok(Buffer.concat(pieces).equals(sound), `${size}`)
    }
  const bounded = new AudioInJson(() => Promise.resolve(), 10)
  t.notOk(await bounded.write(Buffer.from('{"a":"0123456789"')))
})
