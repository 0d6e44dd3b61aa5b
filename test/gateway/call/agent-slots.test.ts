// Who is called, or taken, finds an agent: the vendor's conversations are reserved before anything rings.
import t, { type Test } from 'tap'
import {
  epochMs,
  newCallId,
  termination,
  type E164,
  type MediaEvent,
} from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { BusyAgents } from '../../../gateway/call/busy-agents.ts'
import { placeCall } from '../../../gateway/call/outbound-call.ts'
import { beginTransfer } from '../../../gateway/call/transfer/begin-transfer.ts'
import { buildDesk as freshDesk, REQUEST, settle } from '../../support/build-desk.ts'
import { provisional } from '../../support/fake-sip.ts'

/** A desk whose calls end with the test. */
function buildDesk(t: Test, ...limits: Parameters<typeof freshDesk>) {
  const built = freshDesk(...limits)
  t.teardown(() => {
    const canceled = { status: 487, local: false, lost: false }
    for (const session of built.desk.registry.sessions) {
      session.end(termination('server_error', 'shutdown', 'gateway'))
      session.giveUp()
    }
    for (const { listener } of built.sip.invites) listener.onFailed(canceled)
  })
  return built
}

const TAKEN = { code: 'AGENT_SLOTS_TAKEN', retryAfterSeconds: 5 }
const evidence = { dialog: 'd', cseq: 1, answeredAt: epochMs(1) }
const ATTEMPTED = { type: 'agent.attempted', data: { evidence, attempt: 1 } } as const

t.test('a call that rings holds a conversation; one more is refused before it rings', async (t) => {
  const { desk, sip, journaled } = buildDesk(t, { maxAgentSessions: 2 })
  const [first] = [await placeCall(desk, REQUEST), await placeCall(desk, REQUEST)]
  await t.rejects(placeCall(desk, REQUEST), TAKEN)
  t.equal(sip.invites.length, 2, 'nothing rang')
  t.equal(journaled.length, 2, 'and nothing is recorded')
  sip.invites[0]!.listener.onFailed({ status: 486, local: false, lost: false })
  await first.over
  await placeCall(desk, REQUEST)
  t.equal(sip.invites.length, 3, 'a busy phone gives it back')
})

t.test('it is held until the agent’s socket is closed, not until the call is over', async (t) => {
  const { desk, sip, bridge } = buildDesk(t, { maxAgentSessions: 1 })
  const session = await placeCall(desk, REQUEST)
  sip.answer()
  const media = bridge.sessions[0]!
  media.tell(ATTEMPTED)
  await t.rejects(placeCall(desk, REQUEST), TAKEN)
  media.agentClosed('transferred')
  t.notOk(session.isEnding(), 'two people talk')
  t.equal((await placeCall(desk, REQUEST)).live.status, 'dialing')
})

t.test('a call that hangs up holds it while the agent’s socket is still open', async (t) => {
  const { desk, sip, bridge } = buildDesk(t, { maxAgentSessions: 1 })
  sip.neverAnswersBye = true
  const session = await placeCall(desk, REQUEST)
  sip.answer()
  bridge.sessions[0]!.tell(ATTEMPTED)
  session.end(termination('success', 'hangup', 'api'))
  t.equal(desk.registry.agentSlots, 1)
  bridge.sessions[0]!.agentClosed('call-ended')
  t.equal(desk.registry.agentSlots, 0)
})

t.test('the second call of a transfer needs none', async (t) => {
  const { desk, sip, bridge } = buildDesk(t, { maxAgentSessions: 1 })
  const session = await placeCall(desk, REQUEST)
  sip.answer()
  bridge.sessions[0]!.tell(ATTEMPTED)
  const to = '+4930777777' as E164
  t.equal(beginTransfer(desk, session, { to, mode: 'bridge', by: 'api' }), 'begun')
  await settle()
  t.equal(sip.invites.length, 2)
})

t.test('a caller for whom there is none hears 503, and the trunk is not put on hold', async (t) => {
  const { desk, sip, journaled } = buildDesk(t, { maxAgentSessions: 1 })
  sip.receive()
  await settle()
  sip.receive()
  await settle()
  t.ok(sip.sent.includes('503'), 'without Retry-After: the carrier may try its next route at once')
  t.equal(journaled.length, 1)
  const { body } = await desk.metrics.render()
  t.match(body, /voicegate_sip_rejected_total\{reason="agent-slots"\} 1/)
})

t.test('no limit is set: none holds', async (t) => {
  const { desk } = buildDesk(t, { maxConcurrentCalls: 100 })
  for (let n = 0; n < 20; n += 1) await placeCall(desk, REQUEST)
})

t.test('after a 429 no phone rings for that agent, and those that ring go on', async (t) => {
  const { desk, sip, bridge, types } = buildDesk(t)
  await placeCall(desk, REQUEST)
  sip.invites[0]!.listener.onProvisional(provisional(180, '', 'b'))
  bridge.sessions[0]!.tell({ type: 'agent.busy', data: { asked: 'signed-url' } })
  await t.rejects(placeCall(desk, REQUEST), { code: 'AGENT_SLOTS_TAKEN' })
  sip.answer()
  t.ok(bridge.sessions[0]!.did.includes('open'), 'the one that rang asks again when it is answered')
  const other = { ...REQUEST, agent: { ...REQUEST.agent, agentId: 'agent_2' } }
  await placeCall(desk, other)
  t.ok(types().includes('agent.busy'))
  sip.receive()
  await settle()
  t.ok(sip.sent.includes('180'), 'callers are taken')
})

t.test('the pause grows while the vendor refuses, and ends with the next conversation', (t) => {
  let now = 0
  const busy = new BusyAgents({ now: () => epochMs(now) } as never, () => 0.999)
  const tell = (event: Pick<MediaEvent, 'type' | 'data'>) =>
    busy.note('a', { ...event, at: epochMs(now) } as MediaEvent)
  const refused = { type: 'agent.busy', data: { asked: 'socket' } } as const
  const seconds = (): number | undefined => {
    try {
      busy.admit('a')
      return undefined
    } catch (error) {
      return (error as { retryAfterSeconds: number }).retryAfterSeconds
    }
  }
  tell(refused)
  tell(refused)
  t.equal(seconds(), 4, 'those that were under way count once')
  now += 4000
  t.equal(seconds(), undefined)
  tell(refused)
  t.equal(seconds(), 8)
  for (let round = 0; round < 10; round += 1) {
    now += 30_000
    tell(refused)
  }
  t.equal(seconds(), 30)
  tell({ type: 'agent.opened', data: { evidence, upgradeSentAt: epochMs(now) } })
  t.equal(seconds(), undefined)
  tell(refused)
  t.equal(seconds(), 4)
  for (let n = 0; n < 1500; n += 1) busy.note(`agent ${n}`, { ...refused, at: epochMs(now) })
  t.equal(seconds(), undefined, 'what is remembered has an end')
  t.end()
})

t.test('a call id that is given before is used, once', async (t) => {
  const { desk, sip, journaled } = buildDesk(t)
  const callId = newCallId()
  const of = newCallId()
  const request = { ...REQUEST, callId, placedBy: 'key_1', retry: { of, attempt: 2 } }
  t.equal((await placeCall(desk, request)).identity.callId, callId)
  t.match(journaled, [{ callId, placedBy: 'key_1', retry: { of, attempt: 2 } }])
  await t.rejects(placeCall(desk, request), { code: 'STATE_CONFLICT' })
  t.equal(sip.invites.length, 1)
  t.equal(desk.registry.size, 1)
})

t.test(
  'a record of that id is there already: nothing rings, and nothing is told to it',
  async (t) => {
    const { desk, sip, recorded } = buildDesk(t)
    Object.assign(desk.journal, {
      open: () => Promise.reject(new AppError('STATE_CONFLICT', 'there is one')),
    })
    await t.rejects(placeCall(desk, { ...REQUEST, callId: newCallId() }), {
      code: 'STATE_CONFLICT',
    })
    await settle()
    t.same(recorded, [])
    t.equal(sip.invites.length, 0)
    t.equal(desk.registry.size, 0)
  },
)
