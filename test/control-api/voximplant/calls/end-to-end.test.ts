// The whole way, with nothing played: our API starts a scenario, the scenario asks us what to do, dials, joins caller and
// agent, and tells us; the auditor reads what became of it.
import t from 'tap'
import { auditLedger } from '../../../../control-api/calls/audit-ledger.ts'
import { ms, type CallEvent } from '../../../../core/contracts/index.ts'
import { waitUntil } from '../../../../core/lifecycle/index.ts'
import { eventually } from '../../../support/build-app.ts'
import { aCallStage, CALLEE, NUMBER, type CallStage, type View } from './call-stage.ts'
import { aGeneratedStage } from './generated-stage.ts'

const over = async (stage: CallStage, id: string): Promise<View> => {
  await waitUntil(() => stage.story(id).includes('call.ended'), ms(20_000))
  await eventually('it is over', async () => (await stage.call(id)).status === 'ended')
  return stage.call(id)
}

const ledger = (stage: CallStage, id: string): CallEvent[] =>
  stage.told.filter(({ callId }) => callId === id)

const hangUp = (stage: CallStage, id: string): Promise<Response> =>
  stage.request(`/api/calls/${id}/hangup`, { method: 'POST' })

t.test('answered, talked, hung up by whom was called', async (t) => {
  const stage = await aGeneratedStage(t, { phone: { answer: 'yes', ringMs: 500, talkMs: 20_000 } })
  const { status, body } = await stage.start()
  t.equal(status, 202)
  const id = body.call_id
  await eventually('it is among the live ones', async () => {
    const { items } = await stage.find('/api/calls?status=answered')
    return items.length === 1 && items[0]?.call_id === id
  })
  t.match(await over(stage, id), {
    outcome: 'answered',
    from: NUMBER,
    to: CALLEE,
    termination: { result: 'success', reason: 'hangup', by: 'callee' },
  })
  t.same(stage.story(id), [
    'provider.invited',
    'provider.ringing',
    'provider.answered',
    'provider.stream_started',
    'agent.attempted',
    'agent.opened',
    'agent.metadata',
    'agent.first_audio',
    'agent.closed',
    'provider.ended',
    'call.ended',
  ])
  t.same(auditLedger(ledger(stage, id)), [])
  const [session] = stage.vendor.sessions
  t.equal(session?.openings.length, 1)
  t.same(session?.openings[0]?.callStates, ['connected'])
  t.match(await stage.find(`/api/calls/${id}/conversation`), { items: [{ state: 'pending' }] })
})

for (const [answer, outcome, reason] of [
  ['busy', 'busy', 'busy'],
  ['declined', 'declined', 'declined'],
  ['no-answer', 'no-answer', 'no-answer'],
  ['invalid', 'failed', 'rejected'],
] as const)
  t.test(`${answer}: no agent`, async (t) => {
    const stage = await aGeneratedStage(t, { phone: { answer, ringMs: 200 }, pace: 0.02 })
    const { call_id: id } = (await stage.start({ ring_timeout_seconds: 10 })).body
    t.match(await over(stage, id), { outcome, termination: { reason }, agent: { sessions: 0 } })
    t.same(stage.vendor.sessions[0]?.openings, [])
    t.same(auditLedger(ledger(stage, id)), [])
    t.same(stage.control.admitted, [])
  })

t.test('hung up by the API in the talk, and while it rings', async (t) => {
  const talking = await aGeneratedStage(t)
  const { call_id: one } = (await talking.start()).body
  await eventually('it is answered', async () => (await talking.call(one)).status === 'answered')
  t.ok((await hangUp(talking, one)).ok)
  t.match(await over(talking, one), { outcome: 'answered', termination: { by: 'api' } })
  t.same(auditLedger(ledger(talking, one)), [])

  const ringing = await aGeneratedStage(t, { phone: { answer: 'yes', ringMs: 40_000 } })
  const { call_id: two } = (await ringing.start()).body
  await eventually('it rings', async () => (await ringing.call(two)).status === 'ringing')
  t.ok((await hangUp(ringing, two)).ok)
  t.match(await over(ringing, two), { outcome: 'canceled', termination: { by: 'api' } })
  t.same(ringing.vendor.sessions[0]?.openings, [])
})

t.test('the agent says goodbye, and the agent is not there', async (t) => {
  const said = await aGeneratedStage(t, { faults: { agentClosesAfterMs: 3000 } })
  const { call_id: one } = (await said.start()).body
  t.match(await over(said, one), { termination: { reason: 'agent-ended', by: 'agent' } })
  t.same(auditLedger(ledger(said, one)), [])
  const refused = await aGeneratedStage(t, { faults: { agentRefused: true } })
  const { call_id: two } = (await refused.start()).body
  t.match(await over(refused, two), {
    outcome: 'answered',
    termination: { result: 'upstream_error', reason: 'agent-refused' },
  })
  t.same(auditLedger(ledger(refused, two)), [])
})

t.test('somebody calls in', async (t) => {
  const stage = await aGeneratedStage(t, { application: { options: '{"recording":"announced"}' } })
  stage.vendor.callIn({
    from: '4930777123',
    to: NUMBER,
    phone: { answer: 'yes', talkMs: 30_000 },
  })
  await eventually('it is live', async () => {
    const { items } = await stage.find('/api/calls?status=answered')
    return items.length === 1
  })
  const [{ call_id: id }] = (await stage.calls()) as [View]
  t.match(await over(stage, id), {
    direction: 'inbound',
    from: '+4930777123',
    to: NUMBER,
    outcome: 'answered',
    consent: { given: true },
    agent: { agent_id: 'agent_shop', sessions: 1 },
    termination: { by: 'caller' },
  })
  t.ok(stage.story(id).includes('recording.started'))
  t.same(auditLedger(ledger(stage, id)), [])
})

t.test('an answering machine is hung up on', async (t) => {
  const stage = await aGeneratedStage(t, {
    phone: { answer: 'voicemail' },
    application: { options: '{"answering_machine_model":"EU_GENERAL"}' },
  })
  const { call_id: id } = (await stage.start({ answering_machine: 'gate' })).body
  t.match(await over(stage, id), { outcome: 'machine', machine: { verdict: 'machine' } })
  t.same(stage.vendor.sessions[0]?.openings, [])
})

t.test('none of its messages arrives: the history tells of the end', async (t) => {
  const stage = await aGeneratedStage(t, {
    phone: { answer: 'yes', talkMs: 3000 },
    timing: { askAfterMs: 300, backOff: { firstMs: 200, maxMs: 400 } },
    onTheWay: (url) => (url.includes('/token') ? url : url.replace('/api/', '/nowhere/')),
  })
  const { call_id: id } = (await stage.start({ ring_timeout_seconds: 5 })).body
  t.match(await over(stage, id), {
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'callee' },
  })
  t.ok(stage.story(id).includes('agent.metadata'), 'its conversation stands in the custom data')
  t.equal(stage.starts(), 1)
})

t.test('a restart in the middle of a talk', async (t) => {
  const stage = await aGeneratedStage(t, { phone: { answer: 'yes', talkMs: 60_000 } })
  const { call_id: id } = (await stage.start()).body
  await eventually('it is answered', async () => (await stage.call(id)).status === 'answered')
  await stage.close()
  const next = await aCallStage(t, { before: stage })
  stage.moveTo(next.url)
  t.match(await over(next, id), { outcome: 'answered', agent: { sessions: 1 } })
  const { items } = await next.find(`/api/calls/${id}/timeline`)
  const types = items.map(({ type }: { type: string }) => type)
  t.equal(new Set(types).size, types.length, types.join(' '))
  t.ok(types.includes('agent.closed'))
})

t.test('its token cannot be fetched: nobody is dialled', async (t) => {
  const stage = await aGeneratedStage(t, {
    onTheWay: (url) => (url.includes('/token') ? url.replace('/api/', '/nowhere/') : url),
  })
  const { call_id: id } = (await stage.start()).body
  t.match(await over(stage, id), { outcome: 'failed', termination: { reason: 'provider-failed' } })
  const result = await stage.vendor.sessions[0]?.over
  t.same(result?.calls, [])
})
