// A call that is answered without an agent: prompts, keys and time go on as they would with one, and an agent may come
// later, who hears nothing of before.
import t from 'tap'
import { epochMs } from '../../../core/contracts/index.ts'
import { AGENT, stage } from './stage.ts'

type Stage = Awaited<ReturnType<typeof stage>>

const answer = ({ session }: Stage, agoMs = 0): void =>
  session.answered(epochMs(Date.now() - agoMs))

/** The caller says so many packets of a byte each, in real time. */
function say({ hear, pass }: Stage, byte: number, packets: number): void {
  for (let packet = 0; packet < packets; packet += 1) {
    hear(byte)
    pass(20)
  }
}

t.test('prompts are heard, keys are told, nothing is opened', async (t) => {
  const call = await stage()
  const { session, pass, sent, events, conversations } = call
  session.play('menu', new Uint8Array(1600).fill(7), true)
  pass(200)
  t.equal(sent.length, 0, 'not before the answer')
  answer(call)
  answer(call)
  pass(300)
  t.equal(sent.filter((datagram) => datagram[12] === 7).length, 10)
  t.match(events.at(-1), { type: 'prompt.finished', data: { how: 'played', playedMs: 200 } })
  session.keys.pressed('4')
  session.keys.tellDigits(true)
  session.keys.pressed('5')
  session.keys.tellDigits(false)
  session.keys.pressed('6')
  t.same(
    events.filter(({ type }) => type === 'dtmf').map(({ data }) => data),
    [
      { source: 'sip-info', durationMs: null },
      { source: 'sip-info', durationMs: null, digit: '5' },
      { source: 'sip-info', durationMs: null },
    ],
  )
  t.equal(conversations.length, 0)
  const { stats } = await session.close()
  t.match(events.at(-1), { type: 'media.summary' })
  t.ok(stats.sent.packets > 10)
})

t.test('an agent that comes later hears the caller from then on, without a gap', async (t) => {
  const call = await stage()
  const { session, conversations, answered, types } = call
  answer(call)
  say(call, 1, 3000)
  call.lose()
  call.hear(2)
  session.openAgent(AGENT, answered(60_000))
  say(call, 3, 50)
  const frames = conversations[0]!.frames
  t.equal(frames.length, 50, 'a frame for each packet: no silence of the minute before')
  t.ok(
    frames.every((frame) => frame.every((byte) => byte === 3)),
    'and nothing that was said in it',
  )
  t.notOk(types().includes('agent.silent'))
  t.throws(() => session.openAgent(AGENT, call.evidence), { code: 'INVALID_STATE' }, 'once')
  conversations[0]?.listener.onAudio(new Uint8Array(1600).fill(9), 1)
  call.pass(300)
  t.ok(call.sent.some((datagram) => datagram[12] === 9))
})

t.test(
  'a caller who sends nothing is silent for an agent that comes later, in real time',
  async (t) => {
    const call = await stage()
    answer(call)
    say(call, 1, 5)
    call.pass(20_000)
    call.session.openAgent(AGENT, call.answered(20_100))
    call.pass(500)
    t.equal(call.conversations[0]!.frames.length, 25)
    t.ok(call.conversations[0]!.frames.every((frame) => frame.every((byte) => byte === 0xff)))
  },
)

t.test('nobody owes an answer in a menu; dead air is told', async (t) => {
  const call = await stage()
  const { session, types, answered } = call
  answer(call)
  say(call, 0, 50)
  say(call, 0xff, 2500)
  t.notOk(types().includes('media.dead_air'))
  say(call, 0xff, 550)
  t.equal(types().filter((type) => type === 'media.dead_air').length, 1)
  session.openAgent(AGENT, answered(62_000))
  say(call, 0xff, 1000)
  t.notOk(types().includes('agent.silent'), 'what was said before it, it owes no answer to')
  say(call, 0, 50)
  say(call, 0xff, 1550)
  t.equal(types().filter((type) => type === 'agent.silent').length, 1)
})

t.test('evidence that is older than the session makes no time before it', async (t) => {
  const call = await stage()
  call.session.openAgent(AGENT, call.answered(600_000))
  say(call, 3, 10)
  t.ok(call.conversations[0]!.frames.length <= 11)
})

t.test('too late: the agent was closed, or the session', async (t) => {
  const call = await stage()
  call.session.closeAgent('silent')
  answer(call)
  call.pass(100)
  t.equal(call.sent.length, 0)
  t.throws(() => call.session.openAgent(AGENT, call.evidence), { code: 'INVALID_STATE' })
  const other = await stage()
  await other.session.close()
  answer(other)
  t.equal(other.members.length, 0)
})
