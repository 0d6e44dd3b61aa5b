import t, { type Test } from 'tap'
import { mock } from 'node:test'
import type { AgentCloseReason, PromptSource } from '../../../core/contracts/index.ts'
import { placeCall } from '../../../gateway/call/outbound-call.ts'
import { buildDesk, REQUEST, settle } from '../../support/build-desk.ts'
import { REMOTE_SDP, SOURCE } from '../../support/fake-sip.ts'

const SORRY: PromptSource = { kind: 'speech', text: 'Please call again later.' }

/** A call that talks, with the words it ends on. */
async function talking(prompt: PromptSource | null = SORRY) {
  const { desk, sip, bridge, types } = buildDesk({}, { fallbackPrompt: prompt ?? undefined })
  const session = await placeCall(desk, REQUEST)
  sip.answer()
  const media = bridge.sessions[0]!
  const { listener } = sip.invites[0]!
  const finish = (promptId: string, how: 'played' | 'failed' = 'played') =>
    media.tell({ type: 'prompt.finished', data: { promptId, how, playedMs: 1000 } })
  return { session, sip, media, listener, finish, types }
}

function fakeTimers(t: Test): void {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
}

const ENDINGS: [AgentCloseReason, string][] = [
  ['refused', 'agent-refused'],
  ['dropped', 'agent-dropped'],
]

t.test('an agent that failed: the caller is told, and then we hang up', async (t) => {
  for (const [closed, reason] of ENDINGS) {
    const { session, sip, media, finish, types } = await talking()
    media.agentClosed(closed)
    await settle()
    t.same(media.prompts, [{ id: 'fallback', source: SORRY }])
    t.same([session.isEnding(), sip.sent.includes('BYE')], [false, false], 'not before it is said')
    t.equal(session.live.status, 'answered')
    finish('another')
    t.notOk(session.isEnding(), 'another prompt is not the last word')
    finish('fallback')
    t.notOk(session.isEnding(), 'what has left is not yet heard')
    t.match(await session.over, { result: 'upstream_error', reason, by: 'agent' })
    t.equal(sip.sent.at(-1), 'BYE')
    t.same(types().slice(-4), ['prompt.finished', 'prompt.finished', 'sip.bye', 'call.ended'])
  }
})

t.test('an agent that is silent is closed first', async (t) => {
  const { session, media, finish } = await talking()
  media.tell({ type: 'agent.silent', data: { silentMs: 20_000 } })
  media.agentClosed('silent')
  media.tell({ type: 'agent.silent', data: { silentMs: 25_000 } })
  t.same(media.did.slice(-3), ['open', 'closeAgent silent', 'play'])
  finish('fallback', 'failed')
  t.match(await session.over, {
    result: 'upstream_error',
    reason: 'agent-silent',
    by: 'gateway',
  })
})

t.test('a prompt that never ends is waited for 20 s', async (t) => {
  fakeTimers(t)
  const { session, media } = await talking()
  media.agentClosed('dropped')
  mock.timers.tick(19_999)
  t.notOk(session.isEnding())
  mock.timers.tick(1)
  t.match(await session.over, { reason: 'agent-dropped' })
})

t.test('whoever hangs up meanwhile ends it at once; the blame stays', async (t) => {
  const { session, sip, media, listener, finish } = await talking()
  media.agentClosed('dropped')
  listener.onEnded({ by: 'remote', reason: undefined })
  t.ok(session.isEnding())
  finish('fallback')
  t.match(await session.over, { result: 'upstream_error', reason: 'agent-dropped', by: 'agent' })
  t.notOk(sip.sent.includes('BYE'))
  const ours = await talking()
  ours.media.agentClosed('refused')
  ours.session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
  t.match(await ours.session.over, { reason: 'agent-refused' })
  t.ok(ours.sip.sent.includes('BYE'))
})

t.test('nothing is said where nobody would hear it', async (t) => {
  for (const [way, prompts] of [
    ['sendonly', 0],
    ['inactive', 0],
    ['recvonly', 1],
  ] as const) {
    const { session, media, listener, finish } = await talking()
    listener.onReoffer(`${REMOTE_SDP}a=${way}\r\n`, SOURCE)
    media.agentClosed('dropped')
    t.equal(media.prompts.length, prompts, way)
    finish('fallback')
    t.match(await session.over, { reason: 'agent-dropped' })
  }
  const { desk, sip, bridge } = buildDesk({}, { fallbackPrompt: SORRY })
  sip.receive('')
  await settle()
  const [session] = desk.registry.sessions
  bridge.sessions[0]!.agentClosed('refused')
  t.match(await session!.over, { reason: 'agent-refused' }, 'nobody said where to send it')
  t.same(bridge.sessions[0]!.prompts, [])
})

t.test('nothing is said after a proper end, or when there is nobody left to say it', async (t) => {
  for (const closed of ['agent-ended', 'worker-lost'] as const) {
    const { session, media } = await talking()
    media.agentClosed(closed)
    await session.over
    t.same(media.prompts, [], closed)
  }
})

t.test('without a prompt the call ends at once', async (t) => {
  for (const [closed, reason] of ENDINGS) {
    const { session, media } = await talking(null)
    media.agentClosed(closed)
    t.match(await session.over, { reason })
  }
  const { session, media } = await talking(null)
  media.tell({ type: 'agent.silent', data: { silentMs: 20_000 } })
  t.match(await session.over, { reason: 'agent-silent', by: 'gateway' })
  t.same(media.did.slice(-2), ['closeAgent silent', 'close'])
})

t.test('dead air ends the call, and nobody knows whose fault it is', async (t) => {
  const { session, media } = await talking()
  media.tell({ type: 'media.dead_air', data: { silentMs: 60_000 } })
  t.match(await session.over, { result: 'indeterminate', reason: 'dead-air', by: 'gateway' })
  t.same(media.prompts, [], 'there may be nobody to talk to')
})
