// How our menu gives its caller away, or loses it: to the agent, to a human, by a failure of ours, by hanging up.
import t from 'tap'
import { termination, type E164 } from '../../../../core/contracts/index.ts'
import type { AdmissionConfig } from '../../../../gateway/call/admission.ts'
import { placeCall } from '../../../../gateway/call/outbound-call.ts'
import { AGENT, buildDesk, REQUEST, settle } from '../../../support/build-desk.ts'
import { eventually } from '../../../support/process.ts'
import { fakeTimers, HUNG_UP, led, type Settings } from './led-call.ts'
import { aTurn, HANGS_UP, LISTENS, ScriptedFlows, words } from './scripted-flows.ts'

const HUMAN = '+4930777777' as E164

t.test('the agent goes on, on the evidence of the answer, with what was learned', async (t) => {
  const variables = { order_number: '4711', consent: 'given' }
  const goOn = aTurn({ step: 'end', say: [words('Moment.')], then: { kind: 'agent', variables } })
  const flows = new ScriptedFlows(aTurn(), goOn)
  const { media, press, finish, recorded, session, end } = await led(flows, 'order-ivr-then-agent')
  await press('1')
  t.same(media.did.slice(-2), ['prewarm', 'play'], 'it is made ready while the last word is said')
  t.notOk(media.agent)
  finish()
  t.match(media.agent, {
    agentId: AGENT.agentId,
    dynamicVariables: { ...variables, call_id: session.identity.callId },
  })
  t.equal(media.tellsDigits, false)
  await press('5')
  t.notOk(
    recorded.some(({ type, data }) => type === 'dtmf' && 'digit' in data && data.digit === '5'),
  )
  t.equal(flows.answers.length, 1, 'the menu hears nothing more')
  media.agentClosed('agent-ended')
  t.match(await session.over, { reason: 'agent-ended' })
  await end()
})

t.test('where no agent follows, the end is the menu’s', async (t) => {
  const flows = new ScriptedFlows(aTurn({ say: [], then: { kind: 'agent', variables: {} } }))
  const { session, media } = await led(flows)
  t.match(await session.over, { result: 'success', reason: 'flow-ended', by: 'gateway' })
  t.notOk(media.did.includes('open'))
})

t.test(
  'a menu alone takes no conversation of the agents’ vendor; one before an agent does',
  async (t) => {
    const flows = new ScriptedFlows(aTurn(), aTurn())
    const alone = await led(flows, 'order-ivr', {}, { maxAgentSessions: 1 })
    t.equal(alone.desk.registry.agentSlots, 0)
    const next = await placeCall(alone.desk, { ...REQUEST, answerWith: 'order-ivr-then-agent' })
    t.equal(alone.desk.registry.agentSlots, 1)
    await t.rejects(placeCall(alone.desk, REQUEST), { code: 'AGENT_SLOTS_TAKEN' })
    const more = await placeCall(alone.desk, { ...REQUEST, answerWith: 'order-ivr' })
    t.equal(alone.desk.registry.agentSlots, 1)
    for (const session of [next, more]) {
      session.end(termination('success', 'hangup', 'api'))
      session.giveUp()
    }
    for (const { listener } of alone.sip.invites.slice(1))
      listener.onFailed({ status: 487, local: false, lost: false })
    t.equal(alone.desk.registry.agentSlots, 0, 'given back with the call')
    await alone.end()
  },
)

t.test('without a menu nothing is dialled', async (t) => {
  const { desk, sip } = buildDesk()
  await t.rejects(placeCall(desk, { ...REQUEST, answerWith: 'order-ivr' }), { code: 'INTERNAL' })
  t.same(sip.sent, [])
})

t.test('a turn that failed or came late is asked for again, then the caller is told', async (t) => {
  for (const given of [new Error('x'), 'never'] as const) {
    const flows = new ScriptedFlows(aTurn(), given, given)
    const { press, said, finish, session, media } = await led(flows)
    await press('1')
    await eventually('the apology', 6000, () => said().at(-1) === 'Sorry.')
    t.equal(flows.answers.length, 2)
    t.same(flows.answers[0], flows.answers[1], 'the same answer: it is taken once')
    t.equal(media.tellsDigits, false)
    finish()
    t.match(await session.over, { result: 'server_error', reason: 'internal-error' })
  }
})

t.test('one failure is no end', async (t) => {
  const flows = new ScriptedFlows(new Error('x'), aTurn(), new Error('y'), HANGS_UP)
  const { press, said, end } = await led(flows)
  t.equal(flows.begun.length, 2)
  await press('1')
  t.same(said(), ['Guten Tag.', 'Tschüss.'])
  await end()
})

t.test(
  'a prompt that cannot be spoken: all of it once more, then the caller is told',
  async (t) => {
    const flows = new ScriptedFlows(aTurn({ say: [words('a'), words('b'), words('c')] }))
    const { finish, said, session, media } = await led(flows)
    finish('played', 'flow-1-1')
    finish('failed', 'flow-1-2')
    t.equal(media.did.at(-4), 'stopPlaying', 'what is queued behind it is not said')
    finish('played', 'flow-1-3')
    t.same(said(), ['a', 'b', 'c', 'a', 'b', 'c'])
    finish('failed', 'flow-2-1')
    t.equal(said().at(-1), 'Sorry.')
    finish()
    t.match(await session.over, { result: 'upstream_error', reason: 'internal-error' })
  },
)

t.test('prompts of which nothing is told do not keep the caller for ever', async (t) => {
  const tick = fakeTimers(t)
  const { said, session } = await led(new ScriptedFlows(aTurn()))
  await tick(90_000)
  t.same(said(), ['Guten Tag.', 'Guten Tag.'])
  await tick(90_000)
  t.equal(said().at(-1), 'Sorry.')
  await tick(20_000)
  t.match(await session.over, { result: 'upstream_error', reason: 'internal-error' })
})

const TRANSFERS = aTurn({ step: 'transfer', say: [], then: { kind: 'transfer', to: HUMAN } })

t.test('a human: rung by the same rules as any number, and joined', async (t) => {
  const flows = new ScriptedFlows(TRANSFERS)
  const { sip, bridge, desk, session, recorded, end } = await led(flows, 'order-ivr-then-agent', {
    transferNumbers: [HUMAN],
  })
  await settle()
  t.match(
    recorded.find(({ type }) => type === 'transfer.requested'),
    { data: { to: HUMAN, by: 'flow' } },
  )
  t.equal(desk.registry.agentSlots, 1, 'nobody picked up: the agent may still be needed')
  await settle()
  t.equal(sip.invites.length, 2)
  sip.answer()
  await settle()
  t.equal(bridge.sessions[0]!.joined, bridge.sessions[1])
  t.equal(desk.registry.agentSlots, 0)
  t.same(flows.answers, [])
  sip.invites[1]!.listener.onEnded(HUNG_UP)
  t.match(await session.over, { result: 'success', reason: 'hangup' })
  await end()
})

t.test('nobody picks up: the menu goes on', async (t) => {
  const flows = new ScriptedFlows(TRANSFERS, aTurn({ step: 'help' }), HANGS_UP)
  const { sip, press, end, said } = await led(flows, 'order-ivr', { transferNumbers: [HUMAN] })
  await settle()
  await press('1')
  t.same(flows.answers, [], 'while it rings nothing is asked')
  sip.invites[1]!.listener.onFailed({ status: 486, local: false, lost: false })
  await settle()
  await settle()
  t.same(flows.answers, [{ step: 'transfer', attempt: 1, input: { kind: 'transfer-failed' } }])
  t.same(said(), ['Guten Tag.'])
  await press('1')
  t.equal(flows.answers.length, 2)
  await end()
})

t.test('a number that may not ring, or is none of ours, is no way out', async (t) => {
  const cases: [Settings, Partial<AdmissionConfig>][] = [
    [{}, {}],
    [{ transferNumbers: [HUMAN] }, { allowPrefixes: ['+49301'] }],
  ]
  for (const [settings, limits] of cases) {
    const flows = new ScriptedFlows(TRANSFERS, aTurn({ step: 'help' }))
    const { sip, end, session } = await led(flows, 'order-ivr', settings, limits)
    await settle()
    t.same(flows.answers.at(-1)?.input, { kind: 'transfer-failed' })
    t.equal(sip.invites.length, 1)
    t.notOk(session.isEnding())
    await end()
  }
})

t.test('whoever hangs up ends all: the menu gets nothing more', async (t) => {
  const tick = fakeTimers(t)
  for (const when of ['saying', 'listening', 'asking', 'ending'] as const) {
    const then = when === 'ending' ? HANGS_UP.then : LISTENS
    const flows = new ScriptedFlows(aTurn({ then }), 'never')
    const { sip, session, finish, press, media } = await led(flows)
    if (when !== 'saying') finish()
    if (when === 'asking') await press('1')
    sip.invites[0]!.listener.onEnded(HUNG_UP)
    const told = flows.answers.length
    t.match(await session.over, { reason: 'hangup', by: 'callee' }, when)
    const played = media.prompts.length
    await press('1')
    finish()
    await tick(100_000)
    t.equal(flows.answers.length, told, when)
    t.equal(media.prompts.length, played, when)
  }
})

t.test(
  'inbound: the line is answered at once, and an agent that follows keeps its place',
  async (t) => {
    const flows = new ScriptedFlows(aTurn(), HANGS_UP)
    const { sip, bridge, desk, decision, recorded } = buildDesk({}, { flows })
    decision.next = { kind: 'flow', agent: AGENT }
    sip.receive()
    for (let at = 0; at < 5; at += 1) await settle()
    const media = bridge.sessions[0]!
    t.same(media.did, ['answered', 'play'], 'no agent is waited for')
    t.equal(desk.registry.agentSlots, 1)
    t.match(
      recorded.map(({ type }) => type),
      ['sip.invite', 'sip.provisional', 'sip.answered'],
    )
    const [session] = desk.registry.sessions
    session!.end(termination('success', 'hangup', 'api'))
    await session!.over
  },
)

t.test('a call that goes another way has its place among ours', async (t) => {
  const { desk } = buildDesk({ maxConcurrentCalls: 2, maxAgentSessions: 1 })
  t.throws(() => desk.admit({ direction: 'outbound', to: '+1555' as E164, needsAgent: true }), {
    code: 'NUMBER_NOT_ALLOWED',
  })
  const first = desk.admit({ direction: 'inbound', needsAgent: true })
  t.throws(() => desk.admit({ direction: 'inbound', needsAgent: true }), {
    code: 'AGENT_SLOTS_TAKEN',
  })
  const second = desk.admit({ direction: 'outbound', to: HUMAN, needsAgent: false })
  t.throws(() => desk.admit({ direction: 'inbound', needsAgent: false }), {
    code: 'CAPACITY_EXHAUSTED',
  })
  await t.rejects(placeCall(desk, REQUEST), { code: 'CAPACITY_EXHAUSTED' })
  first.agentOver()
  first.agentOver()
  t.equal(desk.registry.agentSlots, 0)
  second.release()
  second.release()
  t.equal(desk.registry.liveCount, 1)
  first.release()
  first.agentOver()
  t.same([desk.registry.liveCount, desk.registry.agentSlots], [0, 0])
  desk.draining = true
  t.throws(() => desk.admit({ direction: 'inbound', needsAgent: false }), { code: 'DRAINING' })
})
