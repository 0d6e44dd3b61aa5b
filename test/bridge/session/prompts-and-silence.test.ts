// What a session does beside the talk: prompts, keys, and silences that are told.
import t from 'tap'
import { AGENT, stage } from './stage.ts'

t.test('a key ends a prompt, reaches the agent, and is told without its name', async (t) => {
  const { session, conversations, evidence, pass, events } = await stage()
  session.openAgent(AGENT, evidence)
  session.play('menu', new Uint8Array(16_000).fill(7), true)
  session.play('more', new Uint8Array(8000).fill(7), true)
  pass(400)
  session.keys.pressed('5')
  session.keys.pressed('#')
  t.same(conversations[0]?.done.slice(-2), ['pressed 5', 'pressed #'])
  pass(100)
  const keys = events.filter(({ type }) => type === 'dtmf')
  t.match(keys, [{ data: { source: 'sip-info', durationMs: null } }, {}])
  t.notMatch(JSON.stringify(keys), /[5#]"/)
  t.match(
    events.filter(({ type }) => type.startsWith('prompt.')),
    [
      { type: 'prompt.started', data: { promptId: 'menu' } },
      { type: 'prompt.finished', data: { promptId: 'menu', how: 'digit' } },
      { type: 'prompt.finished', data: { promptId: 'more', how: 'digit', playedMs: 0 } },
    ],
  )
})

t.test('a caller without an agent can still be spoken to; without an ACK nobody can', async (t) => {
  const { session, conversations, evidence, pass, events, sent } = await stage()
  session.openAgent(AGENT, evidence)
  pass(100)
  session.closeAgent('silent')
  t.match(events.at(-1), { type: 'agent.closed', data: { reason: 'silent' } })
  t.same(conversations[0]?.done, ['open', 'close'])
  session.play('sorry', new Uint8Array(1600).fill(7), false)
  pass(500)
  t.ok(sent.some((datagram) => datagram[12] === 7))
  t.match(events.at(-1), {
    type: 'prompt.finished',
    data: { promptId: 'sorry', how: 'played', playedMs: 200 },
  })
  session.closeAgent('no-ack')
  const count = sent.length
  session.play('nobody', new Uint8Array(1600), false)
  pass(500)
  t.equal(sent.length, count)
  t.match(events.at(-1), { data: { promptId: 'nobody', how: 'stopped' } })
})

t.test('an agent that owes an answer is told of, and so is a call nobody talks in', async (t) => {
  const { session, evidence, pass, hear, types, conversations } = await stage()
  session.openAgent(AGENT, evidence)
  const packets = (from: number, until: number, byte: number): void => {
    for (let at = from; at < until; at += 20) {
      hear(byte)
      pass(20)
    }
  }
  // 0x00 is as loud as µ-law gets.
  packets(0, 1000, 0x00)
  packets(0, 29_900, 0xff)
  t.notOk(types().includes('agent.silent'))
  packets(0, 200, 0xff)
  t.ok(types().includes('agent.silent'))
  t.notOk(types().includes('media.dead_air'))
  packets(0, 30_000, 0xff)
  t.ok(types().includes('media.dead_air'))

  const other = await stage()
  other.session.openAgent(AGENT, other.evidence)
  other.hear(0x00)
  other.conversations[0]!.pendingTools = 1
  other.pass(40_000)
  t.notOk(other.types().includes('agent.silent'), 'a tool is running')
  t.equal(conversations.length, 1)
})
