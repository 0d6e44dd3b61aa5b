// Keys to words: what makes an entry, in which form it goes out, and what is never told.
import { setTimeout as sleepFor } from 'node:timers/promises'
import t from 'tap'
import type { DtmfDigit } from '#core/contracts'
import type { DtmfMode } from '../../../bridge/elevenlabs/conversation-port.ts'
import { createDtmfRelay } from '../../../bridge/elevenlabs/dtmf-relay.ts'
import { AUDIO, METADATA, startPlainVendor } from './plain-vendor.ts'
import { eventually, setStage, type Stage } from './support.ts'

function create(mode: DtmfMode, interDigitMs = 30) {
  const sent: unknown[] = []
  const relay = createDtmfRelay({
    mode,
    interDigitMs,
    send: (message) => void sent.push(message),
    onTalkedOver: () => void sent.push('talked over'),
  })
  const press = (digits: string): void => {
    for (const digit of digits) relay.pressed(digit as DtmfDigit)
  }
  return { relay, sent, press }
}

const said = (text: string) => ({ type: 'user_message', text })

t.test('an entry ends with a pause, with # or with its thirty-second digit', async (t) => {
  const { relay, sent, press } = create('user_message')
  relay.ready()
  press('12')
  t.strictSame(sent, ['talked over'], 'the first key stops the agent')
  await sleepFor(60)
  t.strictSame(sent.splice(0), ['talked over', 'talked over', said('12')])
  press('4711#')
  t.strictSame(sent.splice(0), ['talked over', 'talked over', said('4711')], 'without the #')
  press('#')
  t.strictSame(sent.splice(0), ['talked over', 'talked over', said('#')], 'alone it is a key')
  press('*0ABCD#')
  t.strictSame(sent.splice(0).at(-1), said('*0ABCD'))
  press('1'.repeat(33))
  t.strictSame(sent.splice(0).at(2), said('1'.repeat(32)))
  await sleepFor(60)
  t.strictSame(sent.splice(0).at(-1), said('1'), 'the rest is the next entry')
})

t.test('each key restarts the wait', async (t) => {
  const { relay, sent, press } = create('contextual_update', 80)
  relay.ready()
  for (const digit of '123') {
    press(digit)
    await sleepFor(40)
  }
  t.strictSame(sent, [])
  await sleepFor(80)
  const text = 'The caller pressed 1 2 3 on the keypad.'
  t.strictSame(sent, [{ type: 'contextual_update', text }], 'context interrupts nobody')
})

t.test('before the agent is there entries wait, eight of them', async (t) => {
  const { relay, sent, press } = create('user_message')
  for (const digit of '123456789') press(`${digit}#`)
  t.strictSame(sent, [])
  relay.ready()
  t.strictSame(
    sent.filter((one) => one !== 'talked over'),
    Array.from('12345678', said),
  )
})

t.test('an entry under way when the agent comes is told whole', async (t) => {
  const { relay, sent, press } = create('user_message')
  press('1')
  relay.ready()
  press('2#')
  t.strictSame(sent.at(-1), said('12'))
})

t.test('off tells nothing; a close forgets what was not told', async (t) => {
  const off = create('off')
  off.relay.ready()
  off.press('123#')
  const closed = create('user_message')
  closed.press('12#3')
  closed.relay.close()
  const open = create('user_message')
  open.relay.ready()
  open.press('3')
  open.sent.length = 0
  open.relay.close()
  await sleepFor(60)
  t.strictSame([off.sent, closed.sent, open.sent], [[], [], []])
})

const messagesOf = ({ vendor }: Stage) => vendor.sessions[0]?.otherMessages.slice(1) ?? []

t.test('a user message over the wire: the agent is cut off, then answers', async (t) => {
  const stage = await setStage(
    t,
    {
      burstSpeed: 2,
      replyDelayMs: 20,
      replies: [{ sound: { toneHz: 440, lengthMs: 200 }, text: 'You pressed one.' }],
    },
    { timing: { interDigitMs: 40 } },
  )
  const { conversation, witness, logged } = stage
  conversation.pressed('9') // Before open: nobody is told.
  conversation.open()
  await witness.until('onAudio')
  const [, greetingId] = witness.of('onAudio')[0]!
  conversation.pressed('4')
  conversation.pressed('2')
  t.strictSame(witness.of('onTalkedOverByKeys'), [[greetingId]])
  const at = witness.told.length
  await eventually('the message', () => messagesOf(stage).length > 0)
  t.strictSame(messagesOf(stage), [{ type: 'user_message', text: '42' }])
  await eventually('the answer', () =>
    witness.of('onAgentResponse').some(([text]) => text === 'You pressed one.'),
  )
  const heardIds = witness.told
    .slice(at)
    .flatMap((entry) => (entry.what === 'onAudio' ? [entry.args[1]] : []))
  t.ok(heardIds.length > 0 && heardIds.every((id) => id > greetingId), 'the rest is not heard')
  conversation.close()
  for (const line of logged) t.notMatch(line, /\b42\b|"4"/, 'no digits in the log')
})

t.test('keys pressed before the metadata are told after it', async (t) => {
  const stage = await setStage(
    t,
    { metadataDelayMs: 150, firstMessage: null },
    { dtmf: 'contextual_update', timing: { interDigitMs: 20 } },
  )
  stage.conversation.open()
  stage.conversation.pressed('7')
  await eventually('the message', () => messagesOf(stage).length > 0)
  t.strictSame(messagesOf(stage), [
    { type: 'contextual_update', text: 'The caller pressed 7 on the keypad.' },
  ])
  t.equal(stage.witness.of('onTalkedOverByKeys').length, 0)
})

t.test('what the agent goes on saying is not heard after a key, its next answer is', async (t) => {
  for (const dtmf of ['user_message', 'contextual_update', 'off'] as const) {
    const sound = new Uint8Array(80)
    const { conversation, witness, sockets } = await startPlainVendor(t, {
      dtmf,
      accepted(socket) {
        socket.send(METADATA())
        socket.send(AUDIO(sound, 1))
      },
    })
    conversation.open()
    await witness.until('onAudio')
    conversation.pressed('#')
    for (const id of [1, 2]) sockets[0]!.send(AUDIO(sound, id))
    await eventually('the answer', () => witness.of('onAudio').at(-1)![1] === 2)
    const heard = witness.of('onAudio').map(([, id]) => id)
    t.strictSame(heard, dtmf === 'user_message' ? [1, 2] : [1, 1, 2], dtmf)
  }
})
