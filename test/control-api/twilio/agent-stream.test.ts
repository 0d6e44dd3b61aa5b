// The agent over Twilio: audio both ways, byte for byte, and an agent that is open only while somebody has picked up.
import t, { type Test } from 'tap'
import { auditLedger } from '../../../control-api/calls/audit-ledger.ts'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { loadSpeech } from '../../../simulators/speech/index.ts'
import { eventually, sample } from '../../support/build-app.ts'
import { openStage, type Stage } from './stage.ts'

t.jobs = 3

const AGENT = 'agent_default'

const agents = async (t: Test) => {
  const vendor = await startElevenLabs()
  t.teardown(() => vendor.close())
  return vendor
}

const callOf = async (stage: Stage) => (await stage.onlyCall()).call_id

/** The record, judged apart from the guard. */
const violations = (stage: Stage) => auditLedger(stage.told)

// By itself: a machine that is busy with others plays late, and what is late is concealed.
await t.test(
  'the agent at once: heard and understood byte for byte; its end is the call’s',
  async (t) => {
    const vendor = await agents(t)
    vendor.script(AGENT, { endAfterReplies: 1, interruptible: false })
    const stage = await openStage(t, { agents: vendor, twilio: { answerWith: 'agent' } })
    const question = loadSpeech('caller-question')
    const call = stage.twilio.callIn({
      voiceUrl: stage.voiceUrl,
      statusCallback: stage.statusUrl,
      script: { talk: [{ hearUntilQuiet: 400 }, { say: 'caller-question' }] },
    })
    const stream = await call.waitForStream()
    await call.waitForEnd(30_000)
    t.same(call.alerts, [])
    const [session] = vendor.sessions
    t.ok(
      session && hears(session.callerAudio, question.subarray(160)),
      'the agent hears the question',
    )
    t.ok(hears(stream.heardAudio, loadSpeech('agent-greeting')), 'the caller hears the greeting')
    t.ok(hears(stream.heardAudio, loadSpeech('agent-goodbye')), 'and the goodbye, to its end')
    t.equal(stream.closedBy, 'server')
    const view = await stage.ended(await callOf(stage))
    t.match(view, {
      outcome: 'answered',
      termination: { result: 'success', reason: 'agent-ended', by: 'agent' },
    })
    const story = stage.story(view.call_id as never)
    t.ok(story.indexOf('provider.answered') < story.indexOf('provider.stream_started'))
    t.ok(story.indexOf('provider.stream_started') < story.indexOf('agent.attempted'))
    t.same(violations(stage), [])
    t.equal(await sample(stage.metrics, 'agent_sessions_before_answer_total'), 0)
  },
)

t.test('behind the menu the agent knows what was learned; keys reach it', async (t) => {
  const vendor = await agents(t)
  const stage = await openStage(t, {
    agents: vendor,
    twilio: { answerWith: 'order-ivr-then-agent' },
  })
  const call = stage.twilio.callIn({
    voiceUrl: stage.voiceUrl,
    statusCallback: stage.statusUrl,
    script: { keys: ['1', '4711#', '1', '1'] },
  })
  await call.waitForStream()
  const session = await vendor.waitForSession(0, 5000)
  await eventually('the agent is told', () => Promise.resolve(session.initiation !== null))
  const { dynamic_variables: variables } = session.initiation as { dynamic_variables: object }
  t.match(variables, { order_number: '4711', direction: 'inbound' })
  await call.press('5#')
  await eventually('the agent hears of the key', () =>
    Promise.resolve(JSON.stringify(session.otherMessages).includes('5')),
  )
  call.hangUp()
  await call.waitForEnd()
  await eventually('the agent is closed', () => Promise.resolve(session.closedAt !== null))
  const view = await stage.ended(await callOf(stage))
  t.match(view.termination, { result: 'success', reason: 'hangup', by: 'caller' })
  t.same(violations(stage), [])
})

/** Frame after frame, in order: a busy machine may put silence between two of them. */
function hears(heard: Buffer, said: Buffer, frameBytes = 160): boolean {
  let from = 0
  for (let at = 0; at + frameBytes <= said.length; at += frameBytes) {
    const found = heard.indexOf(said.subarray(at, at + frameBytes), from)
    if (found === -1) return false
    from = found + frameBytes
  }
  return true
}
