// Two callers joined, on a virtual clock: what becomes of their agents, who hears whom, and for how long.
import t from 'tap'
import { writeRtpHeader } from '../../../bridge/rtp/rtp-packet.ts'
import { crossed, numbered, openTwo, type Side } from './joined-stage.ts'
import { AGENT } from './stage.ts'

const SILENCE = 0xff
const isSilent = ({ payload }: { payload: Buffer }): boolean =>
  payload.every((code) => code === SILENCE)

t.test('join closes the agent at once, and what the caller hears of it', async (t) => {
  const { caller, human, pass } = await openTwo()
  const agent = caller.conversations[0]!
  agent.listener.onAudio(Buffer.alloc(80_000, 0x20), 1)
  pass(200)
  caller.session.join(human.session)
  t.match(caller.events.at(-1), { type: 'agent.closed', data: { reason: 'transferred' } })
  t.same(agent.done, ['open', 'close'])
  const before = caller.sent.length
  pass(200)
  t.ok(caller.sent.slice(before + 1).every(isSilent), 'after the fade of one frame')
  agent.listener.onAudio(Buffer.alloc(8000, 0x20), 2)
  pass(100)
  t.ok(isSilent(caller.sent.at(-1)!), 'nor is it heard again')
  t.throws(() => human.session.openAgent(AGENT, human.evidence), { code: 'INVALID_STATE' })
})

t.test('both hear each other; nobody is told of dead air or a silent agent', async (t) => {
  const { caller, human, pass } = await openTwo()
  caller.session.join(human.session)
  const fromCaller = numbered({ seed: 1, packets: 1000 })
  const fromHuman = numbered({ seed: 2, packets: 1000 })
  pass(20_200, [
    { net: fromCaller, to: caller },
    { net: fromHuman, to: human },
  ])
  t.equal(crossed(human.sent, fromCaller).heard.length, 1000)
  t.equal(crossed(caller.sent, fromHuman).heard.length, 1000)
  t.ok(human.types().includes('media.first_packet_out'))
  t.same(
    [...caller.types(), ...human.types()].filter((type) => /silent|dead_air|stalled/.test(type)),
    [],
  )
  pass(6000)
  for (const side of [caller, human]) t.ok(side.types().includes('media.stalled'), 'watched')
  for (const side of [caller, human]) {
    const { stats } = await side.session.close()
    t.match(stats.received, { packets: 1000, lost: 0 })
    t.equal(stats.sent.packets, side.sent.length)
    t.match(side.events.at(-1), { type: 'media.summary' })
  }
})

t.test('nothing of the time before is forwarded', async (t) => {
  const { caller, human, pass } = await openTwo()
  const early = numbered({ seed: 1, packets: 50 })
  pass(1005, [{ net: early, to: human }])
  t.equal(human.sent.length, 0, 'it is not answered')
  caller.session.join(human.session)
  pass(500)
  t.same(crossed(caller.sent, early).heard, [])
  t.ok(human.sent.length >= 24, 'from now on it is')
})

const CLOCKS = [
  { name: '300 ppm fast', skew: 0.0003 },
  { name: '300 ppm slow', skew: -0.0003 },
  { name: '2000 ppm fast', skew: 0.002 },
  { name: '2000 ppm slow', skew: -0.002 },
]
for (const { name, skew } of CLOCKS) {
  t.test(`a minute of a clock that is ${name}: nothing is lost, made up or kept`, async (t) => {
    for (const phase of [0, 7, 19]) {
      const { caller, human, pass } = await openTwo({ phase })
      caller.session.join(human.session)
      const net = numbered({ seed: 3, packets: 3000, skew })
      pass(59_500, [{ net, to: caller }])
      const { heard, latencies } = crossed(human.sent, net)
      const { stats } = await caller.session.close()
      t.ok(heard.length >= net.sent - 4, 'all but those on the way', { heard: heard.length })
      t.equal(stats.concealedMs, 0)
      const [least, most] = [Math.min(...latencies), Math.max(...latencies)]
      t.ok(least > 20 && most < 40, 'as late as ever', { least, most })
    }
  })
}

const NETWORKS = [
  { name: 'an even network', most: 31, options: {} },
  { name: 'one that shakes by 20 ms', most: 52, options: { jitterMs: 20 } },
  { name: 'packets of 10 ms', most: 41, options: { packetMs: 10 } },
  { name: 'packets of 60 ms', most: 31, options: { packetMs: 60 } },
  { name: 'one that loses 10 %', most: 40, options: { loss: 0.1 } },
]
for (const { name, most, options } of NETWORKS) {
  t.test(`${name}: every packet that came is heard within ${most} ms`, async (t) => {
    const { caller, human, pass, logged } = await openTwo()
    caller.session.join(human.session)
    const { packetMs = 20 } = options as { packetMs?: number }
    const net = numbered({ seed: 4, packets: 30_000 / packetMs, ...options })
    pass(29_900, [{ net, to: caller }])
    const { heard, latencies } = crossed(human.sent, net)
    const latest = Math.max(...latencies)
    t.ok(heard.length >= net.sent - net.lost - 4, 'all', { heard: heard.length, sent: net.sent })
    t.ok(latest <= most, 'in time', { latest })
    const { stats } = await caller.session.close()
    t.ok(Math.abs(stats.concealedMs - net.lost * 20) <= 40, 'made up: what was lost', {
      concealedMs: stats.concealedMs,
      lost: net.lost,
    })
    t.match(logged.join(''), '"droppedMs":0')
  })
}

t.test('a network that stood still: stale audio is dropped, the rest hurries', async (t) => {
  const { caller, human, pass, logged } = await openTwo()
  caller.session.join(human.session)
  const net = numbered({ seed: 5, packets: 1000 })
  const line = [{ net, to: caller }]
  pass(2000, line)
  pass(500)
  pass(12_000, line)
  const { latencies } = crossed(human.sent, net)
  t.ok(Math.max(...latencies.slice(60)) > 80, 'late for a while')
  const last = latencies.at(-1)!
  t.ok(last < 50, 'and then as before', { last })
  await caller.session.close()
  const { droppedMs, trimmedMs } = JSON.parse(
    logged.find((entry) => entry.includes('no longer joined'))!,
  ) as { droppedMs: number; trimmedMs: number }
  t.ok(droppedMs > 250 && droppedMs < 500, 'counted', { droppedMs, trimmedMs })
  t.ok(trimmedMs > 20 && trimmedMs < 160, 'counted', { droppedMs, trimmedMs })
})

t.test('a thread that stood still: its time is over, and nothing is late for it', async (t) => {
  const { caller, human, pass, stall } = await openTwo()
  caller.session.join(human.session)
  const net = numbered({ seed: 5, packets: 1000 })
  const line = [{ net, to: caller }]
  pass(2000, line)
  for (const frames of [2, 4, 10, 30]) {
    stall(frames)
    const before = human.sent.length
    pass(1000, line)
    const { latencies } = crossed(human.sent.slice(before + 2), net)
    t.ok(latencies.length >= 47, `${frames} frames`, { heard: latencies.length })
    t.ok(Math.max(...latencies) < 55, `${frames} frames`, { most: Math.max(...latencies) })
  }
})

t.test('a sender that is silent in pauses: each first word is whole and in time', async (t) => {
  const { caller, human, pass } = await openTwo()
  caller.session.join(human.session)
  const speaks = (index: number): boolean => index % 100 < 60
  const net = numbered({ seed: 6, packets: 1500, speaks, jitterMs: 10 })
  pass(30_500, [{ net, to: caller }])
  const { heard, latencies } = crossed(human.sent, net)
  const firsts = heard.flatMap((index, at) => (heard[at - 1] === index - 1 ? [] : [latencies[at]!]))
  t.ok(heard.length >= 890, 'all of 900', { heard: heard.length })
  t.ok(Math.max(...latencies) < 75, 'never queued', { most: Math.max(...latencies) })
  t.ok(firsts.length >= 15)
})

t.test('hold: nothing is sent there, the other hears silence, and nothing waits', async (t) => {
  const { caller, human, pass } = await openTwo()
  caller.session.join(human.session)
  const music = numbered({ seed: 7, packets: 1000 })
  const words = numbered({ seed: 8, packets: 1000 })
  const lines = [
    { net: music, to: human },
    { net: words, to: caller },
  ]
  pass(1000, lines)
  human.announce({ receives: false })
  pass(60, lines)
  const [toHuman, toCaller] = [human.sent.length, caller.sent.length]
  pass(3000, lines)
  t.equal(human.sent.length, toHuman)
  t.ok(caller.sent.slice(toCaller + 4).every(isSilent), 'no music on hold')
  t.equal(caller.sent.length, toCaller + 150)
  human.announce()
  pass(2000, lines)
  const { latencies } = crossed(human.sent.slice(toHuman), words)
  t.ok(latencies.length >= 95 && Math.max(...latencies) < 40, 'as if there had been none', {
    most: Math.max(...latencies),
  })
})

t.test('a prompt is heard over the other, who is not late behind it', async (t) => {
  const { caller, human, pass } = await openTwo()
  caller.session.join(human.session)
  const net = numbered({ seed: 9, packets: 1000 })
  const line = [{ net, to: caller }]
  pass(1000, line)
  const before = human.sent.length
  human.session.play('p', Buffer.alloc(8000, 0x33), false)
  pass(1200, line)
  const spoken = human.sent.slice(before, before + 50)
  t.ok(spoken.slice(1).every(({ payload }) => payload.every((code) => code === 0x33)))
  t.match(human.events.at(-1), { type: 'prompt.finished', data: { how: 'played' } })
  const after = human.sent.length
  pass(1000, line)
  const { latencies } = crossed(human.sent.slice(after), net)
  t.ok(Math.max(...latencies) < 40, 'live', { most: Math.max(...latencies) })
})

/** A key, as three packets that say it is over. */
function press(side: Side, event: number, sequence: number): void {
  for (let copy = 0; copy < 3; copy += 1) {
    const datagram = Buffer.alloc(16)
    writeRtpHeader(datagram, {
      marker: copy === 0,
      payloadType: 101,
      sequence: sequence + copy,
      timestamp: sequence * 1000,
      ssrc: 5,
    })
    datagram.set([event, 0x8a, 800 >> 8, 800 & 0xff], 12)
    side.receive(datagram)
  }
}

t.test('keys are pressed on the other line, by its number, or dropped', async (t) => {
  const { caller, human, pass } = await openTwo()
  caller.announce({ telephoneEventType: 101 })
  human.announce({ telephoneEventType: 96 })
  caller.session.join(human.session)
  pass(100)
  press(caller, 7, 1)
  pass(400)
  const keys = human.sent.filter(({ payloadType }) => payloadType === 96)
  t.ok(keys.length >= 6, 'updates and three ends', { keys: keys.length })
  t.ok(keys.every(({ payload }) => payload[0] === 7))
  t.same(caller.types().filter((type) => type === 'dtmf').length, 1)
  human.session.keys.pressed('3')
  pass(300)
  t.ok(caller.sent.some(({ payloadType, payload }) => payloadType === 101 && payload[0] === 3))
  human.announce({ telephoneEventType: null })
  const before = human.sent.length
  press(caller, 8, 100)
  pass(400)
  t.ok(human.sent.slice(before).every(isSilent), 'no key, and no sound of one')
})

t.test('closing either ends it: the other is silent and open', async (t) => {
  for (const first of ['caller', 'human'] as const) {
    const { caller, human, pass } = await openTwo()
    caller.session.join(human.session)
    const [gone, left] = first === 'caller' ? [caller, human] : [human, caller]
    const net = numbered({ seed: 10, packets: 1000 })
    const back = numbered({ seed: 11, packets: 1000 })
    const lines = [
      { net, to: gone },
      { net: back, to: left },
    ]
    pass(1000, lines)
    await gone.session.close()
    const before = left.sent.length
    const atGone = gone.sent.length
    pass(1000, lines)
    t.equal(gone.sent.length, atGone)
    t.equal(left.sent.length, before + 50)
    t.ok(left.sent.slice(before + 4).every(isSilent), 'its last words, then silence')
    left.session.play('bye', Buffer.alloc(1600, 0x33), false)
    pass(400)
    t.match(left.events.at(-1), { type: 'prompt.finished', data: { how: 'played' } })
    const { stats } = await left.session.close()
    t.ok(stats.received.packets >= 95, 'heard to the end', stats)
  }
})

t.test('joined twice is joined once; a third takes the place of the second', async (t) => {
  const { caller, human, pass, logged } = await openTwo()
  const another = (await openTwo({ answered: false })).human
  caller.session.join(human.session)
  human.session.join(caller.session)
  caller.session.join(caller.session)
  pass(100)
  t.notMatch(logged.join(''), 'no longer joined')
  t.equal(caller.types().filter((type) => type === 'agent.closed').length, 1)
  caller.session.join(another.session)
  t.match(logged.join(''), 'no longer joined')
  const before = human.sent.length
  const net = numbered({ seed: 12, packets: 100 })
  pass(1000, [{ net, to: caller }])
  t.ok(human.sent.slice(before + 2).every(isSilent), 'the second hears nothing more')
})

t.test('after a close it does nothing', async (t) => {
  const { caller, human } = await openTwo()
  await human.session.close()
  caller.session.join(human.session)
  t.notOk(caller.types().includes('agent.closed'), 'the agent has the caller still')
  await caller.session.close()
  caller.session.join(human.session)
  human.session.join(caller.session)
  t.same(human.events, [])
})

t.test('an answer to a tool reaches the agent, also while it says goodbye', async (t) => {
  const { caller } = await openTwo()
  const agent = caller.conversations[0]!
  agent.listener.onTransferRequested('tc_1', '+49301')
  t.match(caller.events.at(-1), {
    type: 'agent.transfer_requested',
    data: { toolCallId: 'tc_1', to: '+49301' },
  })
  caller.session.answerTool('tc_1', 'ok', false)
  t.ok(agent.done.includes('answered tc_1 ok false'))
})
