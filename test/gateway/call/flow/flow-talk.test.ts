// A caller in our menu: what is said, which keys count, what is kept of them.
import t from 'tap'
import { termination } from '../../../../core/contracts/index.ts'
import { placeCall } from '../../../../gateway/call/outbound-call.ts'
import { buildDesk, REQUEST, settle } from '../../../support/build-desk.ts'
import { REMOTE_SDP } from '../../../support/fake-sip.ts'
import { fakeTimers, led } from './led-call.ts'
import { aTurn, HANGS_UP, LISTENS, ScriptedFlows, words } from './scripted-flows.ts'

t.test('nothing but the 200 OK begins the menu; no agent is made ready or opened', async (t) => {
  const flows = new ScriptedFlows(aTurn(), HANGS_UP)
  const built = buildDesk({}, { flows })
  const session = await placeCall(built.desk, { ...REQUEST, answerWith: 'order-ivr-then-agent' })
  const media = built.bridge.sessions[0]!
  built.sip.invites[0]!.listener.onProvisional({
    status: 183,
    sdp: REMOTE_SDP,
    remoteTag: 'b',
    sourceAddress: '127.0.0.1',
  })
  await settle()
  t.same(flows.begun, [])
  t.same(media.did, [])
  built.sip.answer()
  await settle()
  t.same(flows.begun, [{ callId: session.identity.callId, hasAgent: true }])
  t.same(media.did, ['answered', 'play'])
  t.equal(media.answeredAt, session.live.answeredAt)
  t.equal(media.tellsDigits, true)
  session.end(termination('success', 'hangup', 'api'))
  t.equal(media.tellsDigits, false)
  await session.over
})

t.test('words are one prompt, digits one each; keys end them only while one listens', async (t) => {
  const digits = { kind: 'digits', digits: '471' } as const
  const flows = new ScriptedFlows(
    aTurn({ say: [words('Ihre Nummer ist'), digits, words('Richtig?')] }),
    HANGS_UP,
  )
  const { media, said, press, end } = await led(flows)
  t.same(said(), ['Ihre Nummer ist', '4', '7', '1', 'Richtig?'])
  t.same(media.prompts[1], {
    id: 'flow-1-2',
    source: { kind: 'speech', text: '4', language: 'de' },
    stopOnDigit: true,
  })
  await press('1')
  t.equal(media.did.at(-2), 'stopPlaying', 'a key ends what is said')
  t.same(flows.answers, [{ step: 'consent', attempt: 1, input: { kind: 'digits', digits: '1' } }])
  t.match(media.prompts.at(-1), { id: 'flow-2-1', stopOnDigit: false })
  await press('2')
  t.equal(flows.answers.length, 1, 'whoever says goodbye listens to nothing')
  t.equal(media.did.at(-1), 'play', 'and is not interrupted')
  await end()
})

t.test('a saying longer than a session takes is told in pieces', async (t) => {
  const say = [{ kind: 'digits', digits: '0123456789'.repeat(5) } as const]
  const { media, finish, end } = await led(new ScriptedFlows(aTurn({ say })))
  t.equal(media.prompts.length, 16)
  for (let at = 0; at < 50; at += 1) finish('played', media.prompts[at]!.id)
  t.equal(media.prompts.length, 50)
  t.equal(new Set(media.prompts.map(({ id }) => id)).size, 50)
  await end()
})

t.test('the last word is heard to its end, then we hang up', async (t) => {
  const cases = [
    ['flow-ended', 'success'],
    ['no-input', 'client_error'],
  ] as const
  for (const [reason, result] of cases) {
    const flows = new ScriptedFlows(aTurn({ then: { kind: 'hang-up', reason } }))
    const { session, finish, sip } = await led(flows)
    finish()
    t.notOk(session.isEnding(), 'what has left is not yet heard')
    t.match(await session.over, { result, reason, by: 'gateway' })
    t.equal(sip.sent.at(-1), 'BYE')
  }
})

t.test('silence counts from the last word on, and from each key', async (t) => {
  const tick = fakeTimers(t)
  const order = aTurn({ step: 'order', then: { ...LISTENS, maxDigits: 12, finishOnKey: '#' } })
  const flows = new ScriptedFlows(aTurn(), order, order, order, HANGS_UP)
  const { finish, press, end } = await led(flows)
  await tick(60_000)
  t.same(flows.answers, [], 'it is still being said')
  finish()
  await tick(4999)
  t.same(flows.answers, [])
  await tick(1)
  t.same(flows.answers.at(-1)?.input, { kind: 'silence' })
  await press('4')
  await tick(4000)
  await press('7')
  await tick(4000)
  await press('#')
  t.same(flows.answers.at(-1)?.input, { kind: 'digits', digits: '47' })
  await press('*', '1')
  await tick(5000)
  t.same(flows.answers.at(-1)?.input, { kind: 'digits', digits: '*1' }, 'silence ends it too')
  await press('#')
  t.same(flows.answers.at(-1)?.input, { kind: 'silence' }, 'the closing key alone says nothing')
  await end()
})

t.test('the closing key after a full entry is its own, and answers nothing', async (t) => {
  const order = aTurn({ step: 'order', then: { ...LISTENS, maxDigits: 4, finishOnKey: '#' } })
  const confirm = aTurn({ step: 'order_confirm' })
  const flows = new ScriptedFlows(order, confirm, confirm, HANGS_UP)
  const { press, end } = await led(flows)
  await press('4', '7', '1', '1')
  await press('#')
  t.equal(flows.answers.length, 1)
  await press('#')
  t.same(flows.answers.at(-1)?.input, { kind: 'digits', digits: '#' }, 'a second one is an answer')
  await end()
})

t.test('a key before the question is no answer: one turn at a time', async (t) => {
  const flows = new ScriptedFlows(aTurn(), aTurn({ step: 'order' }), HANGS_UP)
  const { press, recorded, end } = await led(flows)
  await press('1', '1', '1')
  t.equal(flows.answers.length, 1)
  const keys = recorded.flatMap((event) => (event.type === 'dtmf' ? [event.data.digit] : []))
  t.same(keys, ['1', undefined, undefined], 'and stands nowhere')
  await end()
})

t.test('which key it was stands in the timeline only where the turn says so', async (t) => {
  const secret = aTurn({ then: { ...LISTENS, keepsDigits: false } })
  const flows = new ScriptedFlows(secret, aTurn({ step: 'order' }), HANGS_UP)
  const { press, recorded, end } = await led(flows)
  await press('3')
  await press('4')
  const keys = recorded.flatMap((event) => (event.type === 'dtmf' ? [event.data] : []))
  t.same(keys, [
    { source: 'rtp', durationMs: 100 },
    { source: 'rtp', durationMs: 100, digit: '4' },
  ])
  await end()
})

t.test('recording begins with the consent, once, and never by policy off', async (t) => {
  for (const recording of ['always', 'after-consent', 'off'] as const) {
    const turns = [aTurn(), aTurn({ mayRecord: true }), aTurn({ mayRecord: true }), HANGS_UP]
    const { media, press, end } = await led(new ScriptedFlows(...turns), 'order-ivr', { recording })
    t.equal(media.recording, recording === 'off' ? undefined : 'after-consent')
    t.notOk(media.did.includes('record start'))
    await press('1')
    await press('1')
    const started = media.did.filter((each) => each === 'record start').length
    t.equal(started, recording === 'off' ? 0 : 1)
    await end()
  }
})
