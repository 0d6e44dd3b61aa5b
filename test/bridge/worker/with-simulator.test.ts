// The bridge against the simulated ElevenLabs: signed URL, recorded speech both ways, a turn, the agent's goodbye.
import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { ms } from '../../../core/contracts/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { loadSpeech } from '../../../simulators/speech/index.ts'
import { openRtpPeer, type RtpPeer } from '../../support/rtp-peer.ts'
import { listener } from '../../support/undisturbed.ts'
import { AGENT, openCall, setUp } from './stage.ts'

t.test('speech is heard byte for byte, both ways; the agent ends the call', async (t) => {
  const vendor = await startElevenLabs({ apiKey: 'key' })
  t.teardown(() => vendor.close())
  vendor.script(AGENT.agentId, { endAfterReplies: 2, interruptible: false })
  const stage = await setUp(t, { agent: { restUrl: vendor.restUrl, apiKey: 'key' } })
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  call.session.prewarm(AGENT)
  await waitUntil(() => call.types().includes('agent.prewarmed'), ms(3000), 5)
  t.equal(vendor.sessions.length, 0, 'no session while it rings')

  call.session.openAgent(AGENT, call.evidence)
  const session = await vendor.waitForSession(0, 3000)
  t.ok(session.signed)
  const { hears, longestMs } = listener(t)
  const greeting = loadSpeech('agent-greeting')
  const question = loadSpeech('caller-question')
  await said(peer, greeting)
  t.ok(hears(peer.audio(), greeting), 'the caller hears the greeting')
  await peer.speak(call.session.local.port, question)
  await waitUntil(() => session.replies > 0, ms(3000), 10)
  t.ok(hears(session.callerAudio, question), 'the agent hears the question')
  await said(peer, loadSpeech('agent-reply'))
  t.ok(hears(peer.audio(), loadSpeech('agent-reply')), 'the caller hears the reply')
  await peer.speak(call.session.local.port, question)
  await waitUntil(() => call.types().includes('agent.closed'), ms(20_000), 20)
  t.ok(hears(peer.audio(), loadSpeech('agent-goodbye')), 'the goodbye, to its end')
  t.match(call.events.at(-1), { type: 'agent.closed', data: { reason: 'agent-ended' } })
  t.equal(session.closedBy, 'agent')

  const callerMs = session.callerAudio.length / 8
  const openMs = (session.closedAt ?? 0) - session.upgradeAt
  t.ok(Math.abs(callerMs - openMs) < 300 + longestMs(), 'audio all the time', { callerMs, openMs })
  const stats = await call.session.close()
  t.match(stats, { underruns: 0, received: { lost: 0 }, packetsRejected: 0 })
})

t.test('barge-in: what the agent had queued is not heard', async (t) => {
  const vendor = await startElevenLabs()
  t.teardown(() => vendor.close())
  vendor.script(AGENT.agentId, { firstMessage: { sound: { toneHz: 1000, lengthMs: 8000 } } })
  const stage = await setUp(t, { agent: { restUrl: vendor.restUrl } })
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  call.session.openAgent(AGENT, call.evidence)
  await waitUntil(() => call.types().includes('media.first_packet_out'), ms(3000), 5)
  await sleep(1000)
  await peer.speak(call.session.local.port, loadSpeech('caller-hello'))
  await waitUntil(() => call.types().includes('agent.interrupted'), ms(3000), 5)
  const interrupted = call.events.find((event) => event.type === 'agent.interrupted')
  t.ok((interrupted?.data.discardedMs ?? 0) > 2000, 'seconds were discarded', {
    discardedMs: interrupted?.data.discardedMs,
  })
  const count = peer.received.length
  await sleep(300)
  const after = peer.received.slice(count + 2)
  t.ok(after.length > 8 && after.every(({ payload }) => payload.every((byte) => byte === 0xff)))
})

/** To its end, or for as long as it may take; what is heard of it is looked at then. */
const said = (peer: RtpPeer, speech: Uint8Array): Promise<boolean> =>
  waitUntil(
    () => Buffer.from(peer.audio()).includes(Buffer.from(speech)),
    ms(speech.length / 8 + 2000),
    100,
  )
