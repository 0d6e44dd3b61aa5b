// Calls placed by Twilio: asked for once, whatever becomes of the answer; what Twilio refuses is said in words.
import t, { type Test } from 'tap'
import type { CallId } from '../../../core/contracts/index.ts'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { eventually, json } from '../../support/build-app.ts'
import { openStage, type CallView, type Stage, type StageOptions } from './stage.ts'

t.jobs = 3

const TO = '+4930900111'
const SOON = { lookUp: { everyMs: 20, searchMs: [50, 100] } }

const open = (t: Test, options: StageOptions = {}) =>
  openStage(t, { ...options, config: { twilioTiming: SOON, ...options.config } })

interface Answer {
  readonly status: number
  readonly body: CallView & { readonly code: string; readonly detail: string }
}

async function start(stage: Stage, more: object = {}, headers = {}): Promise<Answer> {
  const body = { phone_number: TO, provider: 'twilio', answer_with: 'order-ivr', ...more }
  const response = await stage.request('/api/calls/start', json(body, headers))
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

t.test('the menu by a call of ours; one call for one Idempotency-Key', async (t) => {
  const stage = await open(t)
  stage.twilio.script(TO, { keys: ['1', '4711#', '1', '2'] })
  const [first, second] = [
    await start(stage, {}, { 'idempotency-key': 'a' }),
    await start(stage, {}, { 'idempotency-key': 'a' }),
  ]
  t.equal(first.status, 202)
  t.equal(second.body.call_id, first.body.call_id)
  const view = await stage.ended(first.body.call_id)
  t.match(view, {
    provider: 'twilio',
    direction: 'outbound',
    from: stage.twilio.phoneNumber,
    to: TO,
    outcome: 'answered',
    termination: { reason: 'flow-ended' },
  })
  t.equal(stage.twilio.calls.length, 1)
  t.match(stage.story(first.body.call_id as CallId), [
    'provider.invited',
    'provider.ringing',
    'provider.answered',
    'flow.asked',
  ])
  t.same(stage.twilio.alerts, [])
})

t.test('each callback in any order, once: the record is the same', async (t) => {
  for (const statusCallbacks of ['reversed', 'repeated', 'late'] as const) {
    const stage = await open(t)
    stage.twilio.script(TO, { keys: ['2'], statusCallbacks })
    const { body } = await start(stage)
    const view = await stage.ended(body.call_id)
    t.match(view, { outcome: 'answered', termination: { reason: 'flow-ended' } }, statusCallbacks)
    const story = stage.story(body.call_id as CallId)
    for (const type of ['provider.invited', 'provider.answered', 'provider.ended', 'call.ended'])
      t.equal(story.filter((one) => one === type).length, 1, `${statusCallbacks} ${type}`)
    // Told once somebody talks already, it is no news.
    const rang = story.indexOf('provider.ringing')
    t.ok(rang < story.indexOf('provider.answered'), `${statusCallbacks}: ringing is never behind`)
    t.equal(story.at(-1), 'call.ended')
  }
})

t.test('busy, nobody, nothing: how it ended', async (t) => {
  const stage = await open(t)
  for (const [outcome, ours] of [
    ['busy', { outcome: 'busy', termination: { reason: 'busy', by: 'callee' } }],
    ['no-answer', { outcome: 'no-answer', termination: { reason: 'no-answer' } }],
    ['failed', { outcome: 'failed', termination: { result: 'upstream_error' } }],
  ] as const) {
    stage.twilio.script(TO, { outcome })
    const { body } = await start(stage, { ring_timeout_seconds: 5 })
    t.match(await stage.ended(body.call_id), ours, outcome)
  }
})

t.test('without an answer it is looked for, and never placed again', async (t) => {
  const stage = await open(t)
  stage.twilio.script(TO, { keys: ['2'], statusCallbacks: 'lost' })
  stage.twilio.failRest({ kind: 'answer-lost' }, { of: 'calls.create' })
  const { status, body } = await start(stage)
  t.equal(status, 202)
  const view = await stage.ended(body.call_id, 15_000)
  t.match(view, { outcome: 'answered' })
  t.equal(stage.twilio.calls.length, 1)
})

t.test('one that Twilio surely does not have ends so', async (t) => {
  const stage = await open(t)
  stage.twilio.failRest({ kind: 'not-processed' }, { of: 'calls.create' })
  const { status, body } = await start(stage)
  t.equal(status, 202, 'nobody knows yet')
  const view = await stage.ended(body.call_id)
  t.match(view, { outcome: 'failed', termination: { reason: 'provider-failed' } })
  t.equal(stage.twilio.calls.length, 0)
  t.equal(stage.control.admitted.length, 0)
})

t.test('what Twilio refuses is said in words, and nothing rings', async (t) => {
  const stage = await open(t)
  for (const [code, status, ours] of [
    [21211, 400, 'NUMBER_INVALID'],
    [21215, 422, 'PROVIDER_REFUSED'],
    [21219, 422, 'PROVIDER_REFUSED'],
    [20003, 501, 'PROVIDER_NOT_CONFIGURED'],
    [10004, 503, 'CAPACITY_EXHAUSTED'],
    [99999, 422, 'PROVIDER_REFUSED'],
  ] as const) {
    stage.twilio.failRest({ kind: 'refused', code, status: 400 }, { of: 'calls.create' })
    const { status: got, body } = await start(stage)
    t.equal(got, status, String(code))
    t.equal(body.code, ours)
    t.notMatch(JSON.stringify(body), /900111/, 'without the number')
  }
  t.notMatch(stage.logged(), /900111/)
  // 429 is surely not processed: the client asks again by itself.
  stage.twilio.script(TO, { keys: ['2'] })
  stage.twilio.failRest({ kind: 'refused', code: 20429 }, { of: 'calls.create', times: 2 })
  const { status, body } = await start(stage)
  t.equal(status, 202)
  await stage.ended(body.call_id)
  t.equal(stage.twilio.calls.length, 1)
})

t.test(
  'a machine is hung up on where that is wanted; silence of the verdict changes nothing',
  async (t) => {
    const stage = await open(t)
    for (const [answeredBy, mode, outcome] of [
      ['machine', 'gate', 'machine'],
      ['fax', 'gate', 'machine'],
      ['human', 'gate', 'answered'],
      ['unknown', 'gate', 'answered'],
      [null, 'gate', 'answered'],
      ['machine', 'detect', 'answered'],
    ] as const) {
      stage.twilio.script(TO, { answeredBy, verdictMs: 1, keys: [{ press: '2', afterMs: 150 }] })
      const { body } = await start(stage, { answering_machine: mode })
      const view = await stage.ended(body.call_id)
      t.match(view, { outcome }, `${answeredBy} ${mode}`)
      if (answeredBy !== null) t.match(view.machine, { verdict: answeredBy })
    }
  },
)

t.test('hung up by us: while it rings, and while they listen', async (t) => {
  const stage = await open(t)
  stage.twilio.script(TO, { ringMs: 5000 })
  const ringing = await start(stage)
  await eventually('it rings', async () => (await view(stage, ringing)).status === 'ringing')
  await stage.request(`/api/calls/${ringing.body.call_id}/hangup`, { method: 'POST' })
  t.match(await stage.ended(ringing.body.call_id), {
    outcome: 'canceled',
    termination: { reason: 'canceled', by: 'api' },
  })
  stage.twilio.script(TO, {})
  const talking = await start(stage)
  await eventually('it is answered', async () => (await view(stage, talking)).status === 'answered')
  await stage.request(`/api/calls/${talking.body.call_id}/hangup`, { method: 'POST' })
  t.match(await stage.ended(talking.body.call_id), {
    outcome: 'answered',
    termination: { reason: 'hangup', by: 'api' },
  })
  for (const call of stage.twilio.calls) t.match(call.status, /completed|canceled/)
})

const view = (stage: Stage, { body }: Answer) => stage.find<CallView>(`/api/calls/${body.call_id}`)

t.test('an agent is opened when somebody picked up, and told whom it talks to', async (t) => {
  const vendor = await startElevenLabs()
  t.teardown(() => vendor.close())
  const stage = await open(t, { agents: vendor })
  stage.twilio.script(TO, { ringMs: 300 })
  const { body } = await start(stage, {
    answer_with: 'agent',
    agent_id: 'agent_1',
    dynamic_variables: { name: 'Anna' },
  })
  await eventually(
    'it rings',
    async () => (await view(stage, { status: 0, body })).status === 'ringing',
  )
  t.equal(vendor.sessions.length, 0)
  const session = await vendor.waitForSession(0, 5000)
  await eventually('it is told', () => Promise.resolve(session.initiation !== null))
  t.match(session.initiation, { dynamic_variables: { name: 'Anna', called_number: TO } })
  t.equal(session.agentId, 'agent_1')
  await stage.request(`/api/calls/${body.call_id}/hangup`, { method: 'POST' })
  await stage.ended(body.call_id)
  t.ok(session.closedAt)
})

t.test('what is not ours to do', async (t) => {
  const stage = await open(t)
  t.match(await start(stage, { from: '+4930123456' }), {
    status: 403,
    body: { code: 'FROM_NOT_ALLOWED' },
  })
  t.match(await start(stage, { provider: 'voximplant' }), {
    status: 501,
    body: { code: 'PROVIDER_NOT_CONFIGURED' },
  })
  t.match(await start(stage, { provider: 'sip', answering_machine: 'gate' }), {
    status: 422,
    body: { code: 'NOT_BUILT' },
  })
  t.match(await start(stage, { trunk: 'exolve' }), {
    status: 400,
    body: { code: 'REQUEST_INVALID', errors: [{ field: 'trunk' }] },
  })
  const without = await openStage(t, { config: { twilio: undefined } })
  t.match(await start(without), { status: 501, body: { code: 'PROVIDER_NOT_CONFIGURED' } })
})
