// Audio through the whole bridge: worker threads, real RTP over UDP, a real WebSocket.
import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { ms, newCallId } from '../../../core/contracts/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { openRtpPeer } from '../../support/rtp-peer.ts'
import { findTone, longestGapMs, soundingPart, toneUlaw } from '../../support/tone.ts'
import { AGENT, openCall, setUp, takePorts, talking } from './stage.ts'

import { remoteRtp } from '../../support/remote-rtp.ts'

t.test('tones pass both ways: frequency, level within 1 dB, no gap over 20 ms', async (t) => {
  const stage = await setUp(t)
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  call.session.prewarm(AGENT)
  await waitUntil(() => call.types().includes('agent.prewarmed'), ms(5000), 5)
  t.equal(stage.agent.connections.length, 0, 'prewarming upgrades nothing')

  const connection = await talking(stage, call)
  connection.speak(toneUlaw(1000, 1500))
  await peer.speak(call.session.local.port, toneUlaw(440, 1500))
  await sleep(400)

  const heardByAgent = soundingPart(connection.audio())
  t.match(findTone(heardByAgent), { hz: 440 })
  t.ok(Math.abs(findTone(heardByAgent).levelDb) < 1, 'level at the agent')
  t.ok(heardByAgent.length >= 1495 * 8, 'nothing lost', { ms: heardByAgent.length / 8 })
  t.ok(longestGapMs(heardByAgent) <= 20)
  const heardByCaller = soundingPart(peer.audio())
  t.match(findTone(heardByCaller), { hz: 1000 })
  t.ok(Math.abs(findTone(heardByCaller).levelDb) < 1, 'level at the caller')
  t.ok(heardByCaller.length >= 1495 * 8, 'nothing lost', { ms: heardByCaller.length / 8 })
  t.ok(longestGapMs(heardByCaller) <= 20)

  const stats = await call.session.close()
  t.match(stats, { received: { packets: 75, lost: 0 }, packetsRejected: 0, underruns: 0 })
  t.same(call.types().slice(0, 4), [
    'agent.prewarmed',
    'agent.attempted',
    'agent.opened',
    'agent.metadata',
  ])
  t.match(call.events.slice(-2), [
    { type: 'agent.closed', data: { reason: 'call-ended' } },
    { type: 'media.summary', data: { received: { packets: 75, lost: 0 } } },
  ])
  t.equal(stage.bridge.sessionCount(), 0)
})

t.test('early media never reaches the agent; audio before the metadata comes first', async (t) => {
  const stage = await setUp(t)
  stage.agent.metadataDelayMs = 500
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  await peer.speak(call.session.local.port, toneUlaw(2000, 300))
  t.same(call.types(), ['media.first_packet_in'])
  t.equal(peer.received.length, 0, 'nothing is sent before the answer')
  const connecting = talking(stage, call)
  await peer.speak(call.session.local.port, toneUlaw(440, 400))
  await peer.speak(call.session.local.port, toneUlaw(1000, 400))
  const connection = await connecting
  await sleep(100)
  const heard = soundingPart(connection.audio())
  t.match(findTone(heard.subarray(0, 380 * 8)), { hz: 440 })
  t.match(findTone(heard.subarray(420 * 8, 790 * 8)), { hz: 1000 })
  t.ok(heard.length >= 795 * 8, 'nothing of it was lost', { ms: heard.length / 8 })
  t.equal(stage.agent.connections.length, 1)
})

for (const packetMs of [10, 30, 60]) {
  t.test(`packets of ${packetMs} ms reach the agent as 20 ms frames`, async (t) => {
    const stage = await setUp(t)
    const peer = await openRtpPeer(t)
    const call = await openCall(stage, peer)
    const connection = await talking(stage, call)
    await peer.speak(call.session.local.port, toneUlaw(440, 600), { packetMs })
    await sleep(150)
    t.ok(connection.frames.every((frame) => frame.length % 160 === 0))
    const heard = soundingPart(connection.audio())
    // The end of the stream is concealed like a loss: it fades out within 60 ms.
    t.ok(heard.length >= 590 * 8 && heard.length <= 662 * 8, 'length', { ms: heard.length / 8 })
    t.match(findTone(heard), { hz: 440 })
  })
}

t.test('lost packets are concealed, and what follows stays in its place', async (t) => {
  const stage = await setUp(t)
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  const connection = await talking(stage, call)
  await peer.speak(call.session.local.port, toneUlaw(440, 1000), {
    loses: (index) => index === 10 || index === 25 || index === 26,
  })
  await sleep(100)
  const heard = soundingPart(connection.audio())
  t.ok(heard.length / 8 >= 995 && heard.length / 8 <= 1062, 'the timeline has its length', {
    ms: heard.length / 8,
  })
  t.ok(longestGapMs(heard) < 2, 'no hole is heard', { ms: longestGapMs(heard) })
  t.match(findTone(heard.subarray(0, 1000 * 8)), { hz: 440 })
  t.match(await call.session.close(), { received: { lost: 3, packets: 47 } })
})

t.test('a caller who sends nothing is heard as silence in real time', async (t) => {
  const stage = await setUp(t, { timing: { stallMs: 600 } })
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  const connection = await talking(stage, call)
  await sleep(1000)
  const audio = connection.audio()
  t.ok(audio.length / 8 > 850 && audio.length / 8 <= 1100, 'as much as time passed', {
    ms: audio.length / 8,
  })
  t.ok(audio.every((byte) => byte === 0xff))
  const stalls = call.events.filter((event) => event.type === 'media.stalled')
  t.equal(stalls.length, 1, 'said once')
})

t.test('a stranger is counted and never heard', async (t) => {
  const stage = await setUp(t)
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  const connection = await talking(stage, call)
  await peer.speak(call.session.local.port, toneUlaw(440, 200))
  const stranger = await openRtpPeer(t)
  await stranger.speak(call.session.local.port, toneUlaw(2000, 200))
  peer.send(call.session.local.port, Buffer.from('not RTP at all'))
  const large = { sequence: 1, timestamp: 0, payload: new Uint8Array(60_000) }
  peer.sendPacket(call.session.local.port, large)
  await sleep(100)
  t.match(await call.session.close(), { received: { packets: 10 }, packetsRejected: 12 })
  t.match(findTone(soundingPart(connection.audio())), { hz: 440 })
  await sleep(1100)
  const page = (await stage.metrics.render()).body
  t.match(page, 'voicegate_rtp_rejected_total{reason="stranger"} 10')
  t.match(page, 'voicegate_rtp_rejected_total{reason="not-rtp"} 1')
  t.match(page, 'voicegate_rtp_rejected_total{reason="too-large"} 1')
  t.match(page, 'voicegate_rtp_packets_total{direction="received"} 10')
  t.match(page, 'voicegate_rtp_ports_in_use 0')
  t.match(page, /^voicegate_rtp_ports_limit [1-9]/m)
  t.match(page, /event_loop_lag_seconds\{thread="media-0"\} 0\.0/)
})

t.test('symmetric RTP: one other port of the same address is learned and answered', async (t) => {
  const stage = await setUp(t)
  const announced = await openRtpPeer(t)
  const actual = await openRtpPeer(t)
  const call = await openCall(stage, announced)
  const connection = await talking(stage, call)
  await actual.speak(call.session.local.port, toneUlaw(440, 300))
  t.match(findTone(soundingPart(connection.audio())), { hz: 440 })
  t.ok(actual.received.length > 10, 'our RTP follows')
})

t.test('a far end that cannot be sent to harms nobody', async (t) => {
  const stage = await setUp(t)
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  const connection = await talking(stage, call)
  call.session.setRemote(remoteRtp({ address: '127.0.0.1', port: 0 }))
  await sleep(100)
  for (const [address, port, payloadType] of [
    ['::1', 4000, 0],
    ['255.255.255.255', 4000, 0],
    ['nobody.example', 4000, 0],
    ['127.0.0.1', 65_536, 0],
    ['127.0.0.1', 4000, 200],
  ] as const)
    call.session.setRemote(remoteRtp({ address, port, formats: [{ codec: 'PCMU', payloadType }] }))
  await sleep(100)
  call.session.setRemote(remoteRtp({ address: peer.address, port: peer.port }))
  connection.speak(toneUlaw(1000, 200))
  await sleep(300)
  t.match(findTone(soundingPart(peer.audio())), { hz: 1000 })
  t.equal(stage.workers.length, 1, 'the worker lives')
})

t.test('what is said depends on whether other ports would help', async (t) => {
  // Of documentation (RFC 5737): no machine has it.
  const { bridge } = await setUp(t, { rtpHost: '192.0.2.1' })
  const open = (of: typeof bridge) =>
    of.openSession({ callId: newCallId(), onEvent: () => undefined })
  const gone = { code: 'MEDIA_EXHAUSTED', details: { what_to_do: /RTP_HOST/ } }
  await t.rejects(open(bridge), gone)
  const few = await setUp(t, await takePorts(2))
  await open(few.bridge)
  await t.rejects(open(few.bridge), { code: 'MEDIA_EXHAUSTED', details: { what_to_do: undefined } })
})
