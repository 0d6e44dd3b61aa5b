// The agent asks for a human: the call's owner is told, and whatever it does, the agent gets an answer.
import t from 'tap'
import { numberIn } from '../../../bridge/elevenlabs/transfer-request.ts'
import { eventually, setStage, type Stage } from './support.ts'

const TRANSFERS = ['transfer_call', 'transfer_to_human', 'transfer_to_number']

const answersOf = ({ vendor }: Stage) =>
  vendor.sessions[0]?.toolCalls.filter(({ answeredAt }) => answeredAt !== null) ?? []

const contextsOf = ({ vendor }: Stage) =>
  vendor.sessions[0]?.otherMessages.filter(({ type }) => type === 'contextual_update') ?? []

const silent = { firstMessage: null, mode: 'silent' } as const

for (const name of TRANSFERS) {
  t.test(`${name}: the owner is asked, and its answer is the agent's`, async (t) => {
    const tools = [{ name, parameters: { to: '+4930123456' }, afterMs: 10 }]
    const stage = await setStage(t, { ...silent, tools })
    const { conversation, witness } = stage
    conversation.open()
    await witness.until('onTransferRequested')
    const [[id, to] = ['', '']] = witness.of('onTransferRequested')
    t.equal(to, '+4930123456')
    t.equal(conversation.pendingTools, 1, 'its silence is excused')
    t.same(answersOf(stage), [], 'nobody answers for the owner')
    conversation.answerTool('another', 'no', true)
    conversation.answerTool(id, 'A colleague takes over.', false)
    conversation.answerTool(id, 'twice', true)
    await eventually('the answer', () => answersOf(stage).length === 1)
    t.match(answersOf(stage), [{ isError: false, result: 'A colleague takes over.' }])
    t.match(witness.of('onToolAnswered'), [[name, id, false, Number]])
    t.equal(conversation.pendingTools, 0)
  })
}

t.test('an owner that says nothing: the agent is told so at the deadline', async (t) => {
  const tools = [{ name: 'transfer_call', afterMs: 10 }]
  const stage = await setStage(t, { ...silent, tools }, { timing: { transferMs: 150 } })
  stage.conversation.open()
  await stage.witness.until('onToolAnswered')
  t.match(stage.witness.of('onToolAnswered'), [['transfer_call', String, true, Number]])
  const [[, , , elapsedMs] = []] = stage.witness.of('onToolAnswered')
  t.ok(elapsedMs! >= 145, 'not before', { elapsedMs })
  await eventually('the answer', () => answersOf(stage).length === 1)
  t.match(answersOf(stage), [{ isError: true, result: /no answer/ }])
})

t.test('a second wish while one is open is answered at once, and is not told', async (t) => {
  const tools = [10, 20].map((afterMs) => ({ name: 'transfer_to_human', afterMs }))
  const stage = await setStage(t, { ...silent, tools })
  stage.conversation.open()
  await eventually('an answer', () => answersOf(stage).length === 1)
  t.match(answersOf(stage), [{ isError: true, result: /under way/ }])
  t.equal(stage.witness.of('onTransferRequested').length, 1)
})

t.test('the end of the conversation is the end of the question', async (t) => {
  const tools = [{ name: 'transfer_call', afterMs: 10 }]
  const { conversation, witness } = await setStage(
    t,
    { ...silent, tools },
    { timing: { transferMs: 50 } },
  )
  conversation.open()
  await witness.until('onTransferRequested')
  conversation.close()
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.equal(witness.of('onToolAnswered').length, 0)
  t.equal(conversation.pendingTools, 0)
})

t.test('what the agent cannot hear it is told as context, while it listens', async (t) => {
  const stage = await setStage(t, silent)
  stage.conversation.inform('too early')
  stage.conversation.open()
  await stage.witness.until('onOpened')
  stage.conversation.inform('Nobody took the call.')
  await eventually('the context', () => contextsOf(stage).length > 0)
  t.match(contextsOf(stage), [{ text: 'Nobody took the call.' }])
  t.equal(contextsOf(stage).length, 1)
})

t.test('the number, under any of its names, as text of at most 32 letters', async (t) => {
  const table = [
    [{ to: '+49301' }, '+49301'],
    [{ number: ' 110 ' }, '110'],
    [{ phone_number: '030/1', reason: 'x' }, '030/1'],
    [{ destination: 'sales' }, 'sales'],
    [{ to: 'a', number: 'b' }, 'a'],
    [{ to: 'x'.repeat(32) }, 'x'.repeat(32)],
    [{ to: 'x'.repeat(33) }, null],
    [{ to: 4930 }, null],
    [{ to: null, number: '1' }, null],
    [{ to: ['1'] }, null],
    [{ to: '  ' }, null],
    [{ reason: 'angry' }, null],
    [{}, null],
    [JSON.parse('{"__proto__":{"to":"1"}}'), null],
  ] as const
  for (const [parameters, expected] of table)
    t.equal(numberIn(parameters), expected, JSON.stringify(parameters))
})
