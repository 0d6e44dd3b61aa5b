// A caller by stream and the simulated ElevenLabs: the same talk as over RTP, byte for byte, both ways.
import t, { type Test } from 'tap'
import { median } from '../../../bench/report/statistics.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { ms } from '../../../core/contracts/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { loadSpeech } from '../../../simulators/speech/index.ts'
import { calmMoment, STANDSTILL_MS } from '../../../scripts/test-machine.ts'
import { listener } from '../../support/undisturbed.ts'
import { AGENT, setUp } from '../worker/stage.ts'
import { openStreamCall, type Sent } from './stage.ts'

t.jobs = 2

const GREETING = loadSpeech('agent-greeting')
const QUESTION = loadSpeech('caller-question')
const GOODBYE = loadSpeech('agent-goodbye')

t.test('speech is heard byte for byte, both ways; the agent ends the call', async (t) => {
  let { hears } = listener(t)
  let talk = await talkOnce(t)
  // A frame of the caller's that is so late may be concealed, and rightly.
  for (let again = 0; again < 2 && talk.lateMs >= STANDSTILL_MS; again += 1) {
    t.comment(`the machine stood still for ${Math.round(talk.lateMs)} ms: once more`)
    await calmMoment()
    hears = listener(t).hears
    talk = await talkOnce(t)
  }
  const { stage, call, session, beforeAnswer, closedAtMs } = talk
  t.ok(hears(beforeAnswer, GREETING), 'the caller hears the greeting')
  t.equal(call.farEnd.of('clear').length, 0)
  const heard = call.events.find(({ type }) => type === 'agent.heard')
  const greetingMs = Math.round(GREETING.length / 8)
  t.match(heard, { data: { interrupted: false, heardMs: greetingMs, spokenMs: greetingMs } })
  t.ok(hears(session.callerAudio, QUESTION), 'the agent hears the question')
  t.ok(hears(call.farEnd.heard(), GOODBYE), 'the goodbye, to its end')
  t.match(call.events.at(-1), { type: 'agent.closed', data: { reason: 'agent-ended' } })
  const lastAtMs = call.farEnd.of('audio').at(-1)?.atMs ?? 0
  t.ok(closedAtMs - lastAtMs > 100, 'not before it was played', { ms: closedAtMs - lastAtMs })
  // Each of the two begins in a frame of its own.
  const paddingBytes = call.farEnd.heard().length - GREETING.length - GOODBYE.length
  t.ok(paddingBytes < 3 * 160, 'silence between what it says is not sent', { paddingBytes })
  const stats = await call.session.close()
  t.match(stats, { underruns: 0, received: { lost: 0 }, packetsRejected: 0, roundTripMs: null })
  t.equal(stats.received.packets, Math.ceil(QUESTION.length / 160))
  t.equal(stats.sent.packets, call.farEnd.of('audio').length)
  const page = (await stage.metrics.render()).body
  t.notMatch(
    page,
    /rtp_packets_total\{direction="(sent|received)"\} [1-9]/,
    'no RTP, no count of it',
  )
})

async function talkOnce(t: Test) {
  const vendor = await startElevenLabs({ apiKey: 'key' })
  t.teardown(() => vendor.close())
  vendor.script(AGENT.agentId, { endAfterReplies: 1, interruptible: false })
  const stage = await setUp(t, { agent: { restUrl: vendor.restUrl, apiKey: 'key' } })
  const call = await openStreamCall(stage, { delayMs: 40 })
  call.session.openAgent(AGENT, call.evidence())
  const session = await vendor.waitForSession(0, 3000)
  await sleep(GREETING.length / 8 + 600)
  const beforeAnswer = call.farEnd.heard()
  const lateMs = await call.speak(QUESTION)
  await waitUntil(() => call.types().includes('agent.closed'), ms(20_000), 20)
  return { stage, call, session, beforeAnswer, lateMs, closedAtMs: performance.now() }
}

t.test('barge-in: cleared within a frame, and nothing after it', async (t) => {
  const vendor = await startElevenLabs()
  t.teardown(() => vendor.close())
  vendor.script(AGENT.agentId, { firstMessage: { sound: { toneHz: 1000, lengthMs: 8000 } } })
  const stage = await setUp(t, { agent: { restUrl: vendor.restUrl } })
  const call = await openStreamCall(stage)
  call.session.openAgent(AGENT, call.evidence())
  await waitUntil(() => call.farEnd.of('audio').length > 50, ms(3000), 5)
  const ahead = aheadMs(call.farEnd.of('audio')).slice(4)
  const typical = median(ahead)
  // On a busy machine one comes late now and then; if it is the first one, all others seem less ahead. Never early.
  t.ok(typical > 20 && typical < 160, 'about 80 ms ahead', { typical })
  t.ok(
    ahead.every((ms) => ms < typical + 40),
    'of real time',
    { ahead },
  )
  await call.speak(loadSpeech('caller-hello'), 320)
  await waitUntil(() => call.types().includes('agent.interrupted'), ms(3000), 1)
  await sleep(300)
  const { sent } = call.farEnd
  const clearAt = sent.findIndex(({ kind }) => kind === 'clear')
  t.equal(sent.length - 1, clearAt, 'the clear is the last')
  const gapMs = (sent[clearAt]?.atMs ?? 0) - (call.farEnd.of('audio').at(-1)?.atMs ?? 0)
  t.ok(gapMs < 120, 'speech went on until then', { gapMs })
})

/** By how much what was sent was ahead of being played, if that began with its first frame. */
function aheadMs(sent: readonly Sent[]): readonly number[] {
  const beganAtMs = sent[0]?.atMs ?? 0
  let sentMs = 0
  return sent.map(({ atMs, ulaw }) => (sentMs += ulaw.length / 8) - (atMs - beganAtMs))
}
