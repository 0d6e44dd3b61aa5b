// The cost guard, tried from outside: no forged, foreign or used evidence ever opens an agent.
import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { ms, newCallId } from '../../../core/contracts/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { openRtpPeer } from '../../support/rtp-peer.ts'
import { AGENT, openCall, setUp, talking } from './stage.ts'

t.test('forged evidence is refused at once', async (t) => {
  const stage = await setUp(t)
  const call = await openCall(stage, await openRtpPeer(t))
  const forgeries = {
    'another seal': { ...call.evidence, seal: 'x'.repeat(43) },
    'another dialog': { ...call.evidence, dialog: 'other' },
    'another CSeq': { ...call.evidence, cseq: 2 },
    'another time': {
      ...call.evidence,
      answeredAt: ms(1) as unknown as typeof call.evidence.answeredAt,
    },
    'another call': stage.mint({ ...call.evidence, callId: newCallId() }),
  }
  for (const [name, evidence] of Object.entries(forgeries))
    t.throws(() => call.session.openAgent(AGENT, evidence), { code: 'EVIDENCE_INVALID' }, name)
  await sleep(100)
  t.equal(stage.agent.connections.length, 0)
  t.ok((await talking(stage, call)).isOpen, 'the genuine one opens')
})

t.test('one agent a dialog, also in another session of the same call', async (t) => {
  const stage = await setUp(t)
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  await talking(stage, call)
  t.throws(() => call.session.openAgent(AGENT, call.evidence), { code: 'EVIDENCE_INVALID' })
  const twin = await stage.bridge.openSession({
    callId: call.evidence.callId,
    onEvent: () => undefined,
  })
  t.throws(() => twin.openAgent(AGENT, call.evidence), { code: 'EVIDENCE_INVALID' })
  await sleep(100)
  t.equal(stage.agent.connections.length, 1)
})

t.test('the worker checks on its own, whatever message reaches it', async (t) => {
  const stage = await setUp(t)
  const call = await openCall(stage, await openRtpPeer(t))
  const evidence = { ...call.evidence, seal: 'x'.repeat(43) }
  stage.workers[0]!.postMessage({ type: 'open-agent', session: 1, agent: AGENT, evidence })
  t.ok(await waitUntil(() => call.types().includes('agent.closed'), ms(1000), 5))
  t.match(call.events, [
    { type: 'agent.closed', data: { reason: 'refused', detail: 'EVIDENCE_INVALID', seconds: 0 } },
  ])
  t.equal(stage.agent.connections.length, 0)
})

t.test('after close all methods do nothing', async (t) => {
  const stage = await setUp(t)
  const call = await openCall(stage, await openRtpPeer(t))
  const stats = await call.session.close()
  call.session.openAgent(AGENT, call.evidence)
  call.session.prewarm(AGENT)
  call.session.closeAgent('no-ack')
  t.same(await call.session.close(), stats)
  await sleep(100)
  t.equal(stage.agent.connections.length, 0)
})
