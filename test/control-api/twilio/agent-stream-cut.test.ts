// An agent over Twilio that is cut off: by a word of the caller, by the end of the call, however it comes; and whoever else
// would open one.
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { auditLedger } from '../../../control-api/calls/audit-ledger.ts'
import { signatureOf } from '../../../control-api/twilio/signature.ts'
import { createStreamTokens } from '../../../control-api/twilio/stream-token.ts'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { eventually } from '../../support/build-app.ts'
import { openStage, PUBLIC_URL, type Stage } from './stage.ts'

t.jobs = 3

const AGENT = 'agent_default'

const agents = async (t: Test) => {
  const vendor = await startElevenLabs()
  t.teardown(() => vendor.close())
  return vendor
}

const callOf = async (stage: Stage) => (await stage.onlyCall()).call_id

/** The record, judged apart from the guard. */
const violations = (stage: Stage) => auditLedger(stage.told)

t.test('a caller who interrupts: what is buffered is thrown away at once', async (t) => {
  const vendor = await agents(t)
  vendor.script(AGENT, { firstMessage: { sound: { toneHz: 1000, lengthMs: 6000 } } })
  const stage = await openStage(t, { agents: vendor, twilio: { answerWith: 'agent' } })
  const call = stage.twilio.callIn({
    voiceUrl: stage.voiceUrl,
    statusCallback: stage.statusUrl,
    script: { talk: [{ wait: 1200 }, { say: 'caller-hello' }, { wait: 1500 }, { hangUp: true }] },
  })
  const stream = await call.waitForStream()
  await call.waitForEnd(20_000)
  t.equal(stream.clears.length, 1)
  // Unpaced it would be the four seconds that were left; a machine that is busy elsewhere makes some tenths of one.
  t.ok((stream.clears[0]?.droppedMs ?? 9999) < 1000, 'hardly anything was ahead')
  t.same(violations(stage), [])
})

for (const [how, end] of [
  ['hangs up', (call: { hangUp(): void }) => call.hangUp()],
  ['is gone without a word', (call: { vanish(): void }) => call.vanish()],
  ['keeps the line, but loses its stream', (call: { dropStream(): void }) => call.dropStream()],
] as const)
  t.test(`Twilio ${how}: the agent is closed at once, and the record`, async (t) => {
    const vendor = await agents(t)
    const stage = await openStage(t, { agents: vendor, twilio: { answerWith: 'agent' } })
    const call = stage.twilio.callIn({ voiceUrl: stage.voiceUrl, statusCallback: stage.statusUrl })
    await call.waitForStream()
    const session = await vendor.waitForSession(0, 5000)
    await eventually('the agent talks', () => Promise.resolve(session.metadataAt !== null))
    const before = performance.now()
    end(call)
    await eventually('the agent is closed', () => Promise.resolve(session.closedAt !== null))
    t.ok(performance.now() - before < 1000)
    const view = await stage.ended(await callOf(stage))
    t.match(view.outcome, 'answered')
    t.same(violations(stage), [])
    t.equal(vendor.sessions.length, 1)
    t.equal(stage.control.admitted.length, 0, 'its place is free')
  })

t.test('nobody but the call itself opens an agent', async (t) => {
  const vendor = await agents(t)
  const stage = await openStage(t, { agents: vendor, twilio: { answerWith: 'agent' } })
  const { twilio } = stage
  const call = twilio.callIn({ voiceUrl: stage.voiceUrl, statusCallback: stage.statusUrl })
  const stream = await call.waitForStream()
  await vendor.waitForSession(0, 5000)
  const callId = await callOf(stage)
  const address = stage.url.replace('http', 'ws') + '/twilio/stream'
  const signature = signatureOf(
    twilio.authToken,
    `wss://${new URL(PUBLIC_URL).host}/twilio/stream`,
    [],
  )
  const start = (parameters: object, callSid = call.sid) =>
    JSON.stringify({
      event: 'start',
      sequenceNumber: '1',
      streamSid: `MZ${'1'.repeat(32)}`,
      start: {
        streamSid: `MZ${'1'.repeat(32)}`,
        callSid,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: parameters,
      },
    })
  const closeOf = (
    message: string,
    headers: Record<string, string> = { 'x-twilio-signature': signature },
  ) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(address, { headers })
      socket.on('open', () => socket.send(message))
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0)
        socket.terminate()
      })
      socket.on('error', () => undefined)
      socket.on('close', (code) => resolve(code))
    })
  t.equal(await closeOf(start({}), { 'x-twilio-signature': 'nonsense' }), 403)
  t.equal(await closeOf(start({})), 1008, 'without a token')
  const used = stream.customParameters
  t.equal(await closeOf(start(used)), 1008, 'the token is good once')
  const other = twilio.callIn({ voiceUrl: stage.voiceUrl, script: {} })
  await other.waitForStream()
  await vendor.waitForSession(1, 5000)
  t.equal(await closeOf(start(used, other.sid)), 1008, 'and for its own call')
  const token = createStreamTokens('another account').mint(callId as never, call.sid)
  t.equal(await closeOf(start({ call: callId, token })), 1008)
  t.equal(await closeOf('x'.repeat(70_000)), 1009)
  t.equal(vendor.sessions.length, 2)
  call.hangUp()
  other.hangUp()
  await call.waitForEnd()
  await other.waitForEnd()
})
