// How agent sessions end, seen through the whole bridge.
import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { ms } from '../../../core/contracts/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { openRtpPeer } from '../../support/rtp-peer.ts'
import { soundingPart, toneUlaw } from '../../support/tone.ts'
import { openCall, setUp, takePorts, talking } from './stage.ts'

t.test('an interruption empties the queue', async (t) => {
  const stage = await setUp(t)
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  const connection = await talking(stage, call)
  connection.speak(toneUlaw(1000, 3000), 1)
  await sleep(500)
  connection.interrupt(1)
  await waitUntil(() => call.types().includes('agent.interrupted'), ms(1000), 5)
  const interrupted = call.events.find((event) => event.type === 'agent.interrupted')
  await sleep(300)
  const heardMs = soundingPart(peer.audio()).length / 8
  t.ok(heardMs < 700, 'the rest was not heard', { heardMs })
  const discardedMs = interrupted?.data.discardedMs ?? 0
  t.ok(Math.abs(heardMs + discardedMs - 3000) < 25, 'and is accounted for', {
    discardedMs,
    heardMs,
  })
})

t.test('the agent says goodbye: the caller hears all of it, then agent.closed comes', async (t) => {
  const stage = await setUp(t)
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  const connection = await talking(stage, call)
  connection.speak(toneUlaw(1000, 800))
  connection.close(1000)
  await sleep(500)
  t.notOk(call.types().includes('agent.closed'), 'not while the caller still hears it')
  await waitUntil(() => call.types().includes('agent.closed'), ms(3000), 5)
  t.ok(soundingPart(peer.audio()).length >= 795 * 8)
  const closed = call.events.at(-1)
  t.match(closed, { type: 'agent.closed', data: { reason: 'agent-ended', closeCode: 1000 } })
  t.ok(closed?.type === 'agent.closed' && closed.data.seconds < 0.5, 'billed to the close only')
  const before = peer.received.length
  t.ok(await waitUntil(() => peer.received.length - before >= 8, ms(3000), 20), 'RTP runs on')
})

t.test('a goodbye of minutes is cut at the deadline', async (t) => {
  const stage = await setUp(t, { timing: { drainMs: 300 } })
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  const connection = await talking(stage, call)
  connection.speak(toneUlaw(1000, 5000))
  connection.close(1000)
  t.ok(await waitUntil(() => call.types().includes('agent.closed'), ms(1000), 5))
})

t.test('a broken socket is told at once', async (t) => {
  const stage = await setUp(t)
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  const connection = await talking(stage, call)
  connection.speak(toneUlaw(1000, 2000))
  await sleep(100)
  connection.cut()
  t.ok(await waitUntil(() => call.types().includes('agent.closed'), ms(300), 5))
  t.match(call.events.at(-1), { data: { reason: 'dropped', closeCode: null } })
})

t.test('an unreachable agent is refused', async (t) => {
  const stage = await setUp(t, { agent: { restUrl: 'http://127.0.0.1:9' } })
  const call = await openCall(stage, await openRtpPeer(t))
  call.session.openAgent({ agentId: 'agent_test', dynamicVariables: {} }, call.evidence)
  t.ok(await waitUntil(() => call.types().includes('agent.closed'), ms(2000), 5))
  t.match(call.events.at(-1), { data: { reason: 'refused', seconds: 0 } })
})

t.test('hang-up: the agent socket is closed before close resolves', async (t) => {
  const stage = await setUp(t)
  const call = await openCall(stage, await openRtpPeer(t))
  const connection = await talking(stage, call)
  const hungUpAt = performance.now()
  await call.session.close()
  t.match(call.events.at(-2), { type: 'agent.closed', data: { reason: 'call-ended' } })
  await waitUntil(() => !connection.isOpen && connection.closedAtMs > 0, ms(1000), 1)
  // The goal is 20 ms, which `npm run bench` measures; a shared machine gets some more.
  t.ok(connection.closedAtMs - hungUpAt < 250, 'closed', { ms: connection.closedAtMs - hungUpAt })
  await sleep(1100)
  const page = (await stage.metrics.render()).body
  t.match(page, 'voicegate_agent_sessions_total{result="call-ended"} 1')
  t.match(page, 'voicegate_agent_sessions_active 0')
  const request = '{vendor="elevenlabs",operation="agent_socket",result="ok"}'
  t.match(page, `voicegate_vendor_requests_total${request} 1`)
})

t.test(
  'closeAgent(no-ack): no audio either way, and no packet to what may be a victim',
  async (t) => {
    const stage = await setUp(t)
    const peer = await openRtpPeer(t)
    const call = await openCall(stage, peer)
    const connection = await talking(stage, call)
    connection.speak(toneUlaw(1000, 2000))
    await sleep(100)
    call.session.closeAgent('no-ack')
    await waitUntil(() => call.types().includes('agent.closed'), ms(1000), 5)
    t.match(call.events.at(-1), { data: { reason: 'no-ack' } })
    const frames = connection.frames.length
    const packets = peer.received.length
    await peer.speak(call.session.local.port, toneUlaw(440, 200))
    t.equal(connection.frames.length, frames)
    t.ok(peer.received.length <= packets + 1, 'at most the one that was on its way')
  },
)

t.test('a storm of audio and interruptions does not stop the call’s clock', async (t) => {
  const stage = await setUp(t)
  const peer = await openRtpPeer(t)
  const openedAt = performance.now()
  const call = await openCall(stage, peer)
  const connection = await talking(stage, call)
  for (let event = 1; event <= 2000; event += 1) {
    connection.speak(toneUlaw(1000, 100), event)
    connection.interrupt(event)
  }
  // Of a flooding agent 2000 events are told: half of them interruptions, half what was heard until then.
  const interruptions = () => call.types().filter((type) => type === 'agent.interrupted').length
  await waitUntil(() => interruptions() >= 1000, ms(5000), 5)
  await sleep(100)
  const frames = connection.frames.length
  const packets = peer.received.length
  const most = (performance.now() - openedAt) / 20 + 5
  t.ok(packets <= most, 'nor is it sent on as a burst', { packets, most })
  const more = () => [connection.frames.length - frames, peer.received.length - packets]
  await waitUntil(() => Math.min(...more()) >= 20, ms(2000), 5)
  const [toAgent = 0, toCaller = 0] = more()
  t.ok(toAgent >= 20, 'silence goes to the agent', { toAgent })
  t.ok(toCaller >= 20, 'and to the caller', { toCaller })
})

t.test('a lost worker: every session says so, a fresh worker takes over', async (t) => {
  const stage = await setUp(t)
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  const ringing = await openCall(stage)
  const connection = await talking(stage, call)
  await sleep(1100)
  await stage.workers[0]!.terminate()
  t.match(call.events.at(-1), { type: 'agent.closed', data: { reason: 'worker-lost' } })
  t.match(ringing.events, [{ type: 'agent.closed', data: { reason: 'worker-lost', seconds: 0 } }])
  const seconds = call.events.at(-1)
  t.ok(seconds?.type === 'agent.closed' && seconds.data.seconds > 1, 'its cost is known')
  await waitUntil(() => !connection.isOpen, ms(1000), 5)
  t.notOk(connection.isOpen, 'the agent lost its socket too')
  t.match(await call.session.close(), { sent: { packets: 0 } }, 'close still answers')
  t.equal(stage.bridge.sessionCount(), 0)
  await waitUntil(() => stage.workers.length === 2, ms(3000), 5)
  const next = await openCall(stage, peer)
  t.ok((await talking(stage, next)).isOpen)
})

t.test('afterwards nothing is left: ports, handles, threads', async (t) => {
  const before = process.getActiveResourcesInfo().length
  await t.test('calls', async (t) => {
    const stage = await setUp(t, await takePorts(6))
    for (let round = 0; round < 2; round += 1) {
      const calls = await Promise.all([openCall(stage), openCall(stage), openCall(stage)])
      await t.rejects(openCall(stage), { code: 'MEDIA_EXHAUSTED' }, 'bounded')
      await Promise.all(calls.map((call) => call.session.close()))
      await t.rejects(openCall(stage), { code: 'MEDIA_EXHAUSTED' }, 'in quarantine')
      await sleep(250)
    }
    await stage.bridge.drain(ms(100))
    await t.rejects(openCall(stage), { code: 'INVALID_STATE' })
  })
  await sleep(50)
  t.ok(process.getActiveResourcesInfo().length <= before, 'handles', {
    now: process.getActiveResourcesInfo(),
  })
})
