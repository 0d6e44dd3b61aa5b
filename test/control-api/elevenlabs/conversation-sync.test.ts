// Behind a call: what the vendor says of its conversations is fetched, whatever the vendor does meanwhile.
import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createMetrics } from '../../../core/telemetry/index.ts'
import { createAgentVendor } from '../../../control-api/elevenlabs/agent-vendor.ts'
import { eventually, sample, type BuiltApp } from '../../support/build-app.ts'
import {
  beginCall,
  conversationOf,
  endCall,
  FAST,
  KEY,
  settled,
  stage,
  talk,
} from './talked-call.ts'

/** Ours alone: others sweep. */
async function jobsIn(app: BuiltApp, state: string) {
  const { items } = (await (await app.request(`/api/jobs?state=${state}`)).json()) as {
    items: { job_id: string; kind: string }[]
  }
  return items.filter(({ kind }) => kind === 'conversation.sync')
}

t.test('a call ends, and what the vendor says of it is there, with its charge', async (t) => {
  const { app, vendor } = await stage(
    t,
    {
      postCall: {
        processingMs: 1200,
        failures: [500, 503],
        usdPerMinute: 6,
        creditsPerMinute: 600,
      },
    },
    { vendor: { timing: { ...FAST, giveUpAfterMs: 10_000 } } },
  )
  const id = await talk(vendor)
  const callId = await beginCall(app, id)
  t.match((await conversationOf(app, callId)).items, [{ state: 'pending', conversation_id: id }])
  endCall(app, callId)
  const { ours, items } = await settled(app, callId, 'done')
  const seconds = items[0]?.['duration_seconds'] as number
  t.match(items, [
    {
      conversation_id: id,
      vendor: 'elevenlabs',
      vendor_status: 'done',
      successful: 'success',
      summary: /greeted/,
      transcript: [{ role: 'agent' }],
      analysis: { call_successful: 'success' },
      termination_reason: 'Call ended by remote party',
      cost: { credits: seconds * 10, usd: seconds / 10, charging: { tier: 'creator' } },
      has_audio: false,
    },
  ])
  const charge = seconds * 10
  t.match(ours.cost, {
    amount_minor: Math.round(charge),
    parts: [
      { kind: 'agent', seconds: 30, price_per_minute: 0.08, amount_minor: 4 },
      { kind: 'vendor', credits: seconds * 10, usd: seconds / 10, amount_minor: charge },
    ],
  })
  t.match(await (await app.request(`/api/calls/${callId}`)).json(), { cost: ours.cost })
  await eventually('the job is gone', async () => (await jobsIn(app, 'waiting')).length === 0)
  const operation = 'operation="get_conversation"'
  const count = (result: string) =>
    sample(
      app.metrics,
      `vendor_requests_total{vendor="elevenlabs",${operation},result="${result}"}`,
    )
  t.equal(await count('failed'), 2)
  t.ok((await count('ok')) >= 2, 'asked again while it was processing')
  t.notMatch(app.logged(), KEY)
})

t.test('two attempts have two conversations; their charge is one', async (t) => {
  const { app, vendor } = await stage(t, { postCall: { usdPerMinute: 60 } })
  const ids = [await talk(vendor), await talk(vendor)]
  const callId = await beginCall(app, ...ids)
  endCall(app, callId)
  const { ours, items } = await settled(app, callId, 'done')
  t.same(
    items.map((item) => item['conversation_id']),
    ids,
  )
  const usd = items.reduce((sum, item) => sum + (item['duration_seconds'] as number), 0)
  t.equal(ours.cost?.amount_minor, usd * 100)
})

t.test('a call without an agent has no conversation, and asks nobody', async (t) => {
  const { app, vendor } = await stage(t)
  const { callId } = await app.control.begin()
  endCall(app, callId)
  await app.recorded(callId, 2)
  t.equal((await app.request(`/api/calls/${callId}/conversation`)).status, 404)
  await sleep(50)
  t.equal(vendor.connections.length, 0)
})

t.test('what the vendor never knew is missing; what it could not finish has failed', async (t) => {
  const { app, vendor } = await stage(t, { postCall: { unknownMs: Infinity } })
  const lost = await beginCall(app, await talk(vendor))
  vendor.script('agent_1', { burstSpeed: 100, postCall: { outcome: 'failed' } })
  const failed = await beginCall(app, await talk(vendor))
  for (const callId of [lost, failed]) endCall(app, callId)
  t.match(await settled(app, lost, 'missing'), {
    items: [{ vendor_status: null, transcript: null }],
  })
  t.match(await settled(app, failed, 'failed'), { items: [{ vendor_status: 'failed' }] })
  t.match((await conversationOf(app, lost)).ours.cost, { amount_minor: 4, parts: [{}] })
})

t.test('a key that may not read parks the job; a retry brings it all', async (t) => {
  const { app, vendor } = await stage(t, { postCall: { failures: [401] } })
  const callId = await beginCall(app, await talk(vendor))
  endCall(app, callId)
  await eventually('parked', async () => (await jobsIn(app, 'parked')).length === 1)
  const [job] = await jobsIn(app, 'parked')
  t.match(job, { kind: 'conversation.sync', last_error: /401: the key may not/, attempts: 1 })
  const url = `/api/jobs/${job!.job_id}`
  t.equal((await app.request(`${url}/retry`, { method: 'POST' })).status, 202)
  await settled(app, callId, 'done')
  t.equal((await app.request(`${url}/retry`, { method: 'POST' })).status, 404)
})

t.test('a restart in the middle goes on with it', async (t) => {
  const { app, vendor } = await stage(t, { postCall: { processingMs: 800 } })
  const callId = await beginCall(app, await talk(vendor))
  endCall(app, callId)
  await eventually('asked', async () => vendor.connections.some(({ requests }) => requests > 0))
  await app.close()
  const { dataDir } = app
  const config = { restUrl: vendor.restUrl, apiKey: KEY }
  const again = await stage(t, {}, { dataDir, vendor: config })
  t.match(await settled(again.app, callId, 'done'), { items: [{ vendor_status: 'done' }] })
})

t.test('without a key nobody is asked; the conversation is known all the same', async (t) => {
  const { app, vendor } = await stage(t, {}, { vendor: { apiKey: undefined } })
  const callId = await beginCall(app, await talk(vendor))
  const before = vendor.connections.length
  endCall(app, callId)
  await eventually('done', async () => (await jobsIn(app, 'waiting')).length === 0)
  await sleep(50)
  t.equal(vendor.connections.length, before)
  t.match((await conversationOf(app, callId)).items, [{ state: 'pending' }])
})

t.test(
  'the vendor’s sound is kept where ours could not be, and never where ours was paused',
  async (t) => {
    const { app, vendor } = await stage(t)
    const ids = [await talk(vendor), await talk(vendor), await talk(vendor)]
    const [failed, paused, off] = await Promise.all(ids.map((id) => beginCall(app, id)))
    for (const callId of [failed!, paused!]) app.emit('recording.started', callId, {})
    app.emit('recording.paused', paused!, {})
    for (const callId of [failed!, paused!])
      app.emit('recording.failed', callId, { detail: 'full' })
    await app.recorded(failed!, 3)
    await app.recorded(paused!, 4)
    for (const callId of [failed!, paused!, off!]) endCall(app, callId)
    const audioOf = async (callId: string, headers = {}) =>
      app.request(`/api/calls/${callId}/conversation/audio`, { headers })
    await eventually('the sound', async () => (await audioOf(failed!)).status === 200)
    const sound = await audioOf(failed!)
    t.equal(sound.headers.get('content-type'), 'audio/mpeg')
    t.equal(Buffer.from(await sound.arrayBuffer()).readUInt16BE(0), 0xfffb)
    const part = await audioOf(failed!, { range: 'bytes=0-3' })
    t.equal(part.status, 206)
    t.equal((await part.arrayBuffer()).byteLength, 4)
    for (const callId of [paused!, off!]) {
      await settled(app, callId, 'done')
      t.equal((await audioOf(callId)).status, 404)
    }
    t.match((await conversationOf(app, failed!)).items, [{ has_audio: true }])
  },
)

t.test('what a bad vendor answers, and what we say of it', async (t) => {
  const answers: Record<string, (response: ServerResponse) => void> = {
    html: (response) => response.end('<html>'),
    other: (response) => response.end('{"conversation_id":"conv_2","status":"done"}'),
    huge: (response) => response.end(Buffer.alloc(5 * 1024 * 1024, 0x20)),
    redirect: (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    busy: (response) => response.writeHead(429, { 'retry-after': '7' }).end('{}'),
    broken: (response) => response.destroy(),
    wrong: (response) => response.writeHead(403).end(`{"detail":"${KEY}"}`),
  }
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.url ?? '')
    answers[request.url?.split('/').at(-1) ?? '']?.(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const restUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/below`
  const vendor = createAgentVendor(createMetrics(), { restUrl, apiKey: KEY })
  const said: Record<string, unknown> = {}
  for (const id of Object.keys(answers)) said[id] = await vendor.conversation(id)
  t.match(said, {
    html: { kind: 'refused', why: /not JSON/ },
    other: { kind: 'refused', why: /cannot read/ },
    huge: { kind: 'refused', why: /too large/ },
    redirect: { kind: 'failed' },
    busy: { kind: 'failed', why: /429/, retryAfter: 7000 },
    broken: { kind: 'failed', why: /no answer/ },
    wrong: { kind: 'refused', why: /403: the key may not/ },
  })
  t.notMatch(JSON.stringify(said), RegExp(`${KEY}|127\\.0\\.0\\.1`))
  t.ok(seen.every((url) => url.startsWith('/below/v1/convai/conversations/')))
  for (const odd of ['..', 'a/b', '', 'x'.repeat(200)])
    t.match(await vendor.conversation(odd), { kind: 'unknown' }, 'not asked')
  t.equal(seen.length, Object.keys(answers).length)
})
