// The session's rules with a hand-made conversation: who may be heard when, and how everything ends.
import t from 'tap'
import { decodeRtp } from '../../support/decode-rtp.ts'
import { AGENT, stage } from './stage.ts'

t.test('early media is never forwarded, not even what waits when the agent opens', async (t) => {
  const { session, hear, lose, conversations, evidence, sent, pass, types } = await stage()
  session.prewarm(AGENT)
  for (let byte = 1; byte <= 8; byte += 1) hear(byte)
  lose()
  hear(9)
  hear(10)
  pass(200)
  t.same(conversations[0]?.done, ['prewarm'])
  t.equal(sent.length, 0)
  session.openAgent(AGENT, evidence)
  t.equal(conversations.length, 1, 'the prewarmed conversation is the one opened')
  hear(11)
  hear(12)
  t.same(
    conversations[0]?.frames.map((frame) => frame[0]),
    [11, 12],
  )
  t.same(types(), ['media.first_packet_in', 'agent.attempted', 'agent.opened'])
})

t.test(
  'what the caller said between the 200 OK and the opening comes first, and nothing older',
  async (t) => {
    const { session, hear, conversations, answered, pass } = await stage()
    for (const byte of [1, 2, 3, 4, 5]) {
      pass(20)
      hear(byte)
    }
    session.openAgent(AGENT, answered(50))
    hear(6)
    t.same(
      conversations[0]?.frames.map((frame) => frame[0]),
      [3, 4, 5, 6],
      'the answer was 50 ms ago',
    )
  },
)

t.test('audio that overtook the answer’s SDP is heard from the answer on', async (t) => {
  const { session, hear, conversations, answered, nameRemote, pass } = await stage(false)
  for (const byte of [1, 2, 3]) {
    pass(20)
    hear(byte)
  }
  nameRemote()
  session.openAgent(AGENT, answered(30))
  t.same(
    conversations[0]?.frames.map((frame) => frame[0]),
    [2, 3],
  )
})

t.test('another agent than the prewarmed one is warmed anew', async (t) => {
  const { session, conversations, evidence } = await stage()
  session.prewarm(AGENT)
  session.prewarm(AGENT)
  session.openAgent({ ...AGENT, agentId: 'agent_other' }, evidence)
  t.same(
    conversations.map(({ done, target }) => [target.agentId, ...done]),
    [
      ['agent_test', 'prewarm', 'prewarm', 'close'],
      ['agent_other', 'open'],
    ],
  )
})

t.test('the guard stands before every open', async (t) => {
  const { session, conversations, evidence, otherEvidence } = await stage()
  session.prewarm(AGENT)
  const forged = { ...evidence, cseq: 7 }
  t.throws(() => session.openAgent(AGENT, forged), { code: 'EVIDENCE_INVALID' })
  t.same(conversations[0]?.done, ['prewarm'])
  session.openAgent(AGENT, evidence)
  t.throws(() => session.openAgent(AGENT, evidence), { code: 'EVIDENCE_INVALID' })
  t.throws(() => session.openAgent(AGENT, otherEvidence), { code: 'INVALID_STATE' })
  t.same(conversations[0]?.done, ['prewarm', 'open'])
  t.equal(conversations.length, 1)
})

t.test('RTP leaves each 20 ms from the answer on, and talk starts at once', async (t) => {
  const { session, conversations, evidence, sent, pass, types } = await stage()
  session.openAgent(AGENT, evidence)
  pass(100)
  t.equal(sent.length, 5, 'silence')
  t.notOk(types().includes('media.first_packet_out'))
  conversations[0]?.listener.onAudio(Buffer.alloc(800, 7), 1)
  t.equal(sent.length, 6, 'not at the next tick')
  t.same(types().slice(2), ['agent.first_audio', 'media.first_packet_out'])
  pass(100)
  const packets = sent.map((datagram) => decodeRtp(datagram))
  const markers = packets.map((packet) => packet.kind === 'rtp' && packet.marker)
  t.equal(markers.indexOf(true), 5, 'marker at the start of the spurt')
  t.equal(markers.lastIndexOf(true), 5, 'and only there')
  const spoken = sent.filter((datagram) => datagram[12] === 7)
  t.equal(spoken.length, 5)
})

t.test('an interruption fades the queue out and tells what was heard and what not', async (t) => {
  const { session, conversations, evidence, sent, pass, events } = await stage()
  session.openAgent(AGENT, evidence)
  conversations[0]?.listener.onAudio(Buffer.alloc(8000, 7), 1)
  pass(180)
  conversations[0]?.listener.onInterrupted(3)
  t.match(events.slice(-2), [
    // 8 ms of it still leave, fading.
    {
      type: 'agent.heard',
      data: { eventId: 1, heardMs: 208, spokenMs: 1000, interrupted: true },
    },
    { type: 'agent.interrupted', data: { eventId: 3, discardedMs: 792 } },
  ])
  const count = sent.length
  pass(100)
  const fading = sent[count]?.subarray(12) ?? Buffer.alloc(0)
  t.ok(fading.subarray(64).every((byte) => byte === 0xff))
  t.ok(sent.slice(count + 1).every((datagram) => datagram[12] === 0xff))
})

t.test('when an utterance began and ended is told by the clock of all events', async (t) => {
  const { session, conversations, evidence, pass, events } = await stage()
  session.openAgent(AGENT, evidence)
  conversations[0]?.listener.onAudio(Buffer.alloc(2400, 7), 1)
  pass(1600)
  const heard = events.find(({ type }) => type === 'agent.heard')
  const { startedAt, endedAt } = heard!.data as { startedAt: number; endedAt: number }
  t.ok(Math.abs(endedAt - startedAt - 300) <= 20, `${endedAt - startedAt} ms`)
  const since = (heard?.at ?? 0) - endedAt
  t.ok(since >= 960 && since <= 1060, `told ${since} ms later, when it was sure to be over`)
})

t.test('the agent ends: the queue drains, then agent.closed', async (t) => {
  const { session, conversations, evidence, pass, types, events } = await stage()
  session.openAgent(AGENT, evidence)
  const agent = conversations[0]!
  agent.listener.onAudio(Buffer.alloc(4000, 7), 1)
  agent.end({ reason: 'agent-ended', closeCode: 1000, detail: 'bye' })
  pass(480)
  t.notOk(types().includes('agent.closed'))
  pass(200)
  t.match(events.at(-1), { type: 'agent.closed', data: { reason: 'agent-ended', detail: 'bye' } })
})

t.test(
  'end_call seen: last words may still come; then we close the socket ourselves',
  async (t) => {
    const { session, conversations, evidence, pass, types, events } = await stage()
    session.openAgent(AGENT, evidence)
    const agent = conversations[0]!
    agent.listener.onEnding()
    pass(500)
    agent.listener.onAudio(Buffer.alloc(1600, 7), 2)
    pass(1100)
    t.notOk(types().includes('agent.closed'))
    pass(300)
    t.match(events.at(-1), {
      type: 'agent.closed',
      data: { reason: 'agent-ended', closeCode: 1000 },
    })
    t.same(agent.done, ['open', 'close'])
  },
)

t.test('refused, dropped and no-ack are told at once, and nothing after them', async (t) => {
  for (const reason of ['refused', 'dropped'] as const) {
    const { session, conversations, evidence, events } = await stage()
    session.openAgent(AGENT, evidence)
    const agent = conversations[0]!
    agent.listener.onAudio(Buffer.alloc(4000, 7), 1)
    agent.end({ reason, closeCode: 1011, detail: 'fault' })
    t.match(events.at(-1), { type: 'agent.closed', data: { reason, closeCode: 1011 } })
    const count = events.length
    agent.listener.onAgentResponse('too late', 1)
    await session.close()
    t.same(
      events.slice(count).map(({ type }) => type),
      ['media.summary'],
    )
  }
})

t.test('closeAgent before the answer refuses every agent', async (t) => {
  const { session, conversations, evidence } = await stage()
  session.prewarm(AGENT)
  session.closeAgent('no-ack')
  t.throws(() => session.openAgent(AGENT, evidence), { code: 'INVALID_STATE' })
  session.prewarm(AGENT)
  t.same(conversations[0]?.done, ['prewarm', 'close'])
  t.equal(conversations.length, 1)
})

t.test('no-ack: nothing is heard or said any more, and nothing is sent', async (t) => {
  const { session, conversations, evidence, hear, nameRemote, pass, sent, events, released } =
    await stage()
  session.openAgent(AGENT, evidence)
  const agent = conversations[0]!
  agent.listener.onAudio(Buffer.alloc(8000, 7), 1)
  pass(100)
  session.closeAgent('no-ack')
  t.match(events.at(-1), { type: 'agent.closed', data: { reason: 'no-ack' } })
  const count = sent.length
  const frames = agent.frames.length
  hear(1)
  agent.listener.onAudio(Buffer.alloc(8000, 7), 1)
  nameRemote()
  pass(200)
  t.equal(agent.frames.length, frames)
  t.equal(sent.length, count, 'the address may be a victim’s')
  t.same(released, [], 'the port is kept until the call is over')
})

t.test('hold: nothing is sent, time goes on, and sending resumes', async (t) => {
  const { session, conversations, evidence, nameRemote, pass, sent, events, types } = await stage()
  session.openAgent(AGENT, evidence)
  conversations[0]?.listener.onAudio(Buffer.alloc(8000, 7), 1)
  pass(200)
  const before = sent.length
  nameRemote(false)
  pass(400)
  conversations[0]?.listener.onAudio(Buffer.alloc(1600, 8), 1)
  pass(60_000)
  t.equal(sent.length, before)
  t.notOk(types().includes('media.stalled'), 'who holds owes us nothing')
  nameRemote()
  pass(100)
  t.equal(sent.length, before + 5)
  const packets = sent.map((datagram) => decodeRtp(datagram))
  t.match(packets[before], { marker: true })
  t.ok(
    sent.slice(before).every((datagram) => datagram[12] === 0xff),
    'what was said is over',
  )
  pass(4880)
  t.notOk(types().includes('media.stalled'))
  pass(20)
  t.match(events.at(-1), { type: 'media.stalled', data: { silentMs: 5000 } })
})

t.test('silence is told at 5 s and at 30 s, and anew once the caller was heard', async (t) => {
  const { session, evidence, pass, hear, events } = await stage()
  const stalls = () =>
    events.flatMap((event) => (event.type === 'media.stalled' ? [event.data.silentMs] : []))
  pass(10_000)
  session.openAgent(AGENT, evidence)
  pass(4980)
  t.same(stalls(), [])
  pass(24_960)
  t.equal(stalls().length, 1, 'once until 30 s')
  pass(260)
  t.equal(stalls().length, 2)
  t.ok(stalls()[1]! >= 30_000 && stalls()[1]! < 30_260)
  pass(60_000)
  t.equal(stalls().length, 2, 'and then no more')
  hear(1)
  pass(6000)
  t.equal(stalls().length, 3)
  hear(1)
  pass(31_000)
  t.equal(stalls().length, 5)
})

t.test('seconds count from the upgrade request, accepted or not', async (t) => {
  const { session, conversations, evidence, events } = await stage()
  session.prewarm(AGENT)
  conversations[0]!.accepts = false
  session.openAgent(AGENT, evidence)
  await new Promise((resolve) => setTimeout(resolve, 60))
  await session.close()
  const closed = events.at(-2)
  if (closed?.type !== 'agent.closed') throw new Error('agent.closed is the last of the agent')
  t.ok(closed.data.seconds >= 0.05 && closed.data.seconds < 5, 'in flight is money', closed.data)
})

/** Of each there is one, however much an agent says. */
const UNBOUNDED: readonly string[] = [
  'agent.first_audio',
  'media.first_packet_out',
  'agent.closed',
  'media.summary',
]

t.test('an agent that floods is told 2,000 times; audio and the end always pass', async (t) => {
  const { session, conversations, evidence, sent, pass, events, logged } = await stage()
  session.openAgent(AGENT, evidence)
  const { listener } = conversations[0]!
  const before = events.length
  for (let index = 0; index < 1000; index += 1) {
    listener.onUserTranscript('x', index, false)
    listener.onAgentResponse('x', index)
    listener.onAgentResponseCorrected('x', index)
    listener.onFault('x', 'x')
  }
  listener.onAudio(Buffer.alloc(8000, 7), 1)
  pass(100)
  listener.onInterrupted(1)
  const count = sent.length
  pass(100)
  t.ok(
    sent.slice(count + 1).every((datagram) => datagram[12] === 0xff),
    'it still clears the queue',
  )
  t.ok(
    sent.some((datagram) => datagram[12] === 7),
    'it is still heard',
  )
  await session.close()
  const told = events.slice(before).map(({ type }) => type)
  t.equal(told.filter((type) => UNBOUNDED.includes(type)).length, 4)
  t.equal(told.length - 4, 2000)
  t.same(told.slice(-2), ['agent.closed', 'media.summary'])
  t.equal(logged.filter((line) => line.includes('agent floods')).length, 1)
  t.match(logged.join(''), '"untold":2002')
})

t.test('an injected burst is heard for a second, and counted', async (t) => {
  const { session, conversations, evidence, hear, logged } = await stage()
  session.openAgent(AGENT, evidence)
  for (let packet = 0; packet < 1000; packet += 1) hear(1)
  const frames = conversations[0]!.frames.length
  t.ok(frames >= 50 && frames <= 60, 'a second', { frames })
  const { stats } = await session.close()
  t.equal(stats.received.packets, 1000)
  t.match(logged.join(''), '"callerMs":188')
})

t.test('close: agent.closed before it resolves, the port given back once', async (t) => {
  const { session, conversations, evidence, events, released, members } = await stage()
  session.openAgent(AGENT, evidence)
  const closing = session.close()
  t.match(events.at(-1), { type: 'agent.closed', data: { reason: 'call-ended' } })
  t.equal(closing, session.close())
  await closing
  t.same(released, [20_000])
  t.equal(members.length, 0)
  t.same(conversations[0]?.done, ['open', 'close'])
})

t.test('close without an agent frees what was prewarmed and says nothing', async (t) => {
  const { session, conversations, events } = await stage()
  session.prewarm(AGENT)
  await session.close()
  t.same(conversations[0]?.done, ['prewarm', 'close'])
  t.same(events, [])
})
