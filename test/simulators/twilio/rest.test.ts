// REST, with the vendor's own client as the judge.
import t from 'tap'
import type { SimulatedCall, TwilioOptions } from '../../../simulators/twilio/index.ts'
import { officialClient, openVoiceApp, twiml, type VoiceApp } from './voice-app.ts'

const CALLEE = '+4930900001'

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

interface Placing {
  readonly app: VoiceApp
  readonly client: ReturnType<typeof officialClient>
  readonly from: string
  readonly callOf: (sid: string) => Promise<SimulatedCall>
}

async function open(
  t: Parameters<typeof openVoiceApp>[0],
  options?: TwilioOptions,
): Promise<Placing> {
  const app = await openVoiceApp(
    t,
    {
      '/voice': twiml('<Say>Hello</Say><Gather timeout="600" action="/a"/>'),
      '/other': twiml('<Say>Other</Say>'),
      '/status': { status: 204 },
      '/recording': { status: 204 },
    },
    options,
  )
  const client = officialClient(app.twilio)
  const callOf = (sid: string): Promise<SimulatedCall> =>
    app.twilio.waitForCall((call) => call.sid === sid)
  return { app, client, from: app.twilio.phoneNumber, callOf }
}

t.test('a call is placed, looked at, led elsewhere, ended', async (t) => {
  const { app, client, from, callOf } = await open(t, { priceAfterMs: 100 })
  const placed = await client.calls.create({ to: CALLEE, from, url: `${app.url}/voice` })
  t.match(placed, {
    sid: /^CA[0-9a-f]{32}$/,
    status: 'queued',
    direction: 'outbound-api',
    to: CALLEE,
    from,
    duration: null,
    price: null,
    startTime: null,
    endTime: null,
  })
  t.equal(app.twilio.restRequests[0]?.status, 201)
  const call = await callOf(placed.sid)
  await call.waitForGather(0)
  t.match(await client.calls(placed.sid).fetch(), { status: 'in-progress' })
  await client.calls(placed.sid).update({ url: `${app.url}/other` })
  await call.waitForEnd()
  t.same(
    call.heard.map(({ text }) => text),
    ['Hello', 'Other'],
  )
  t.equal(call.gathers[0]?.endedBy, 'elsewhere')
  const done = await client.calls(placed.sid).fetch()
  t.match(done, { status: 'completed', duration: '1', queueTime: '0' })
  t.ok(done.startTime instanceof Date && done.endTime instanceof Date)
  t.equal(done.price, null, 'not known yet')
  await new Promise((resolve) => setTimeout(resolve, 120))
  t.equal((await client.calls(placed.sid).fetch()).price, '-0.0085')
  t.match(await refusal(client.calls(placed.sid).update({ status: 'completed' })), {
    code: 21220,
    status: 400,
  })
  t.same(call.alerts, [])
})

t.test('TwiML by REST; canceled before the answer; completed after it', async (t) => {
  const { app, client, from, callOf } = await open(t)
  app.twilio.script(CALLEE, { ringMs: 300 })
  const url = `${app.url}/voice`
  const ringing = await client.calls.create({ to: CALLEE, from, url })
  await client.calls(ringing.sid).update({ status: 'canceled' })
  t.equal(await (await callOf(ringing.sid)).waitForEnd(), 'canceled')
  app.twilio.script(CALLEE, {})
  const twimlCall = await client.calls.create({ to: CALLEE, from, twiml: twiml('<Say>A</Say>') })
  const spoken = await callOf(twimlCall.sid)
  await spoken.waitForEnd()
  t.match(spoken.heard, [{ text: 'A' }])
  const up = await client.calls.create({ to: CALLEE, from, url })
  const call = await callOf(up.sid)
  await call.waitForGather(0)
  t.match(await client.calls(up.sid).update({ status: 'canceled' }), { status: 'in-progress' })
  t.match(await client.calls(up.sid).update({ status: 'completed' }), { status: 'completed' })
})

t.test('a list: filters, the newest first, pages', async (t) => {
  const { app, client, from, callOf } = await open(t)
  const sids: string[] = []
  for (let count = 0; count < 5; count += 1) {
    const { sid } = await client.calls.create({ to: `+493090000${count}0`, from, twiml: twiml('') })
    sids.unshift(sid)
    await (await callOf(sid)).waitForEnd()
  }
  const all = await client.calls.list({ pageSize: 2 })
  t.same(
    all.map(({ sid }) => sid),
    sids,
    'over three pages',
  )
  const after = new Date(Date.now() - 60_000)
  t.equal((await client.calls.list({ to: '+4930900003' + '0', startTimeAfter: after })).length, 1)
  const later = new Date(Date.now() + 60_000)
  t.equal((await client.calls.list({ startTimeAfter: later })).length, 0)
  t.equal((await client.calls.list({ status: 'busy' })).length, 0)
  t.match(app.twilio.restRequests.at(-1)?.path, /Calls\.json\?Status=busy/)
})

t.test('errors as the vendor words them', async (t) => {
  const { app, client, from } = await open(t)
  const url = `${app.url}/voice`
  const wrong = [
    [{ to: '030', from, url }, 21211],
    [{ to: CALLEE, from: 'x', url }, 21212],
    [{ to: CALLEE, from: CALLEE, url }, 21210],
    [{ to: CALLEE, from, url: 'voice' }, 21205],
  ] as const
  for (const [asked, code] of wrong) {
    const error = await refusal(client.calls.create(asked))
    t.match(error, { code, status: 400, moreInfo: `https://www.twilio.com/docs/errors/${code}` })
  }
  t.match(await refusal(client.calls(`CA${'0'.repeat(32)}`).fetch()), { code: 20404, status: 404 })
  const stranger = officialClient(app.twilio, { authToken: 'x' })
  t.match(await refusal(stranger.calls.list()), { code: 20003, status: 401 })
  t.equal(app.twilio.calls.length, 0)
})

t.test('faults: refused, processed and lost, not processed, no answer', async (t) => {
  const { app, client, from } = await open(t)
  const place = (): Promise<unknown> =>
    refusal(client.calls.create({ to: CALLEE, from, twiml: twiml('') }))
  app.twilio.failRest({ kind: 'refused', code: 20429 }, { of: 'calls.create' })
  await client.calls.list()
  t.match(await place(), { code: 20429, status: 429 })
  app.twilio.failRest({ kind: 'refused', code: 20500 }, { times: 2 })
  t.match(await place(), { code: 20500, status: 500 })
  t.match(await place(), { code: 20500, status: 500 })
  app.twilio.failRest({ kind: 'not-processed' })
  t.match(await place(), { code: 'ECONNRESET' })
  t.equal(app.twilio.calls.length, 0)
  app.twilio.failRest({ kind: 'answer-lost' })
  t.match(await place(), { code: 'ECONNRESET' })
  t.equal(app.twilio.calls.length, 1, 'somebody is called all the same')
  app.twilio.failRest({ kind: 'hangs', processed: true })
  const hanging = place()
  await app.twilio.waitForCall(1)
  t.equal(await Promise.race([hanging, Promise.resolve('nothing')]), 'nothing')
  app.twilio.failRest({ kind: 'slow', ms: 30 })
  t.equal(await place(), undefined)
})

t.test('recordings: started, paused, stopped, told, heard, deleted', async (t) => {
  const { app, client, from, callOf } = await open(t)
  const { sid } = await client.calls.create({ to: CALLEE, from, url: `${app.url}/voice` })
  t.match(await refusal(client.calls(sid).recordings.create()), { code: 21220 })
  const call = await callOf(sid)
  await call.waitForGather(0)
  const started = await client.calls(sid).recordings.create({
    recordingStatusCallback: `${app.url}/recording`,
    recordingStatusCallbackEvent: ['in-progress', 'completed'],
    recordingChannels: 'dual',
  })
  t.match(started, { status: 'in-progress', channels: 2, source: 'StartCallRecordingAPI' })
  const current = client.calls(sid).recordings('Twilio.CURRENT')
  t.match(await current.update({ status: 'paused' }), { status: 'paused' })
  t.match(await current.update({ status: 'in-progress' }), { status: 'in-progress' })
  t.match(await client.calls(sid).recordings.list(), [{ sid: started.sid }])
  call.hangUp()
  await call.waitForEnd()
  const told = app.of('/recording').map(({ params }) => params)
  t.match(told, [
    { RecordingStatus: 'in-progress', RecordingSid: started.sid, CallSid: sid },
    { RecordingStatus: 'completed', RecordingDuration: '1', RecordingChannels: '2' },
  ])
  t.ok(app.of('/recording').every(({ isSigned }) => isSigned))
  t.match(await client.recordings(started.sid).fetch(), { status: 'completed', duration: '1' })
  const { accountSid, authToken } = app.twilio
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  const mediaUrl = `${told[1]?.['RecordingUrl'] ?? ''}.wav`
  t.equal((await fetch(mediaUrl)).status, 401)
  const media = await fetch(mediaUrl, { headers: { authorization } })
  const sound = Buffer.from(await media.arrayBuffer())
  t.equal(sound.toString('latin1', 0, 4), 'RIFF')
  t.equal(sound.length, 44 + 8000)
  t.equal(await client.recordings(started.sid).remove(), true)
  t.match(await refusal(client.recordings(started.sid).fetch()), { status: 404 })
  t.equal((await fetch(mediaUrl, { headers: { authorization } })).status, 404)
})

t.test(
  'Record on placing starts at the answer; a recording can turn out to be absent',
  async (t) => {
    const { app, client, from, callOf } = await open(t)
    app.twilio.script(CALLEE, { recording: 'absent', ringMs: 50 })
    const { sid } = await client.calls.create({
      to: CALLEE,
      from,
      url: `${app.url}/voice`,
      record: true,
      recordingStatusCallback: `${app.url}/recording`,
      recordingStatusCallbackEvent: ['absent'],
    })
    const call = await callOf(sid)
    t.equal(call.recordings.length, 0)
    await call.waitForGather(0)
    t.equal(call.recordings.length, 1)
    call.hangUp()
    await call.waitForEnd()
    t.match(app.of('/recording'), [
      { params: { RecordingStatus: 'absent', RecordingDuration: '0' } },
    ])
  },
)

t.test('the account and its number', async (t) => {
  const { app, client, from } = await open(t)
  const { accountSid } = app.twilio
  t.match(await client.api.v2010.accounts(accountSid).fetch(), {
    sid: accountSid,
    status: 'active',
  })
  const [number] = await client.incomingPhoneNumbers.list({ phoneNumber: from })
  t.match(number, { phoneNumber: from, sid: /^PN/ })
  const changed = await client
    .incomingPhoneNumbers(number?.sid ?? '')
    .update({ voiceUrl: `${app.url}/voice` })
  t.equal(changed.voiceUrl, `${app.url}/voice`)
})
