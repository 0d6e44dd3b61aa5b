// Calls placed by Voximplant, with a scenario that the test plays: asked for once, told what to do once, recorded as they
// went.
import t from 'tap'
import { eventually, json, sample } from '../../../support/build-app.ts'
import { aCallStage, CALLEE, ended, NUMBER, type CallStage } from './call-stage.ts'

const only = async (stage: CallStage) => {
  const [call, ...others] = await stage.calls()
  if (!call || others.length > 0) throw new Error(`${others.length + 1} calls, or none`)
  return call
}

t.test(
  'answered: recorded before it is asked for, told what to do, and gone through',
  async (t) => {
    const stage = await aCallStage(t)
    const placed = await stage.start({
      dynamic_variables: { name: 'Ada', secret__pin: 'pin 4711' },
      first_message: 'Hello',
      language: 'en',
      ring_timeout_seconds: 30,
      metadata: { order: 7 },
    })
    t.equal(placed.status, 202, JSON.stringify(placed.body))
    const { call_id: id } = placed.body
    t.match(placed.body, {
      provider: 'voximplant',
      application_id: stage.shop.applicationId,
      from: NUMBER,
      to: CALLEE,
      trunk: 'voximplant',
      agent: { agent_id: 'agent_shop' },
      metadata: { order: 7 },
    })
    t.equal(stage.starts(), 1)
    const session = stage.session()
    t.ok(Buffer.byteLength(session.customData) <= 200)
    t.notMatch(session.customData, /pin 4711|Ada/)

    const order = await stage.exchange(session)
    t.equal(order.status, 200)
    t.same(order.body, {
      call_id: id,
      to: CALLEE,
      from: NUMBER,
      agent_id: 'agent_shop',
      dynamic_variables: {
        name: 'Ada',
        secret__pin: 'pin 4711',
        caller_number: NUMBER,
        called_number: CALLEE,
        call_id: id,
        direction: 'outbound',
      },
      conversation_config_override: { agent: { first_message: 'Hello', language: 'en' } },
      ring_timeout_seconds: 30,
      max_duration_seconds: 600,
      answering_machine: 'off',
    })
    t.equal((await stage.exchange(session)).status, 200, 'again by the same session')

    const now = Date.now()
    const of = { session_id: String(session.sessionId), token: stage.token() }
    const at = { started: now, ringing: now + 1, connected: now + 20 }
    t.equal(
      await stage.tell({ ...of, event: 'ringing', at: { started: now, ringing: now + 1 } }),
      204,
    )
    t.match(await stage.call(id), { status: 'ringing' })
    t.equal(await stage.tell({ ...of, event: 'connected', at }), 204)
    t.match(
      (await stage.find('/api/calls?status=answered')).items,
      [{ call_id: id, provider: 'voximplant' }],
      'it shows among those that are live',
    )
    const agent = {
      ...at,
      agent_requested: now + 30,
      agent_opened: now + 40,
      first_audio: now + 50,
    }
    const talk = { ...of, conversation_id: 'conv_1', recording_url: 'https://r.example/1' }
    t.equal(
      await stage.tell({ ...talk, event: 'agent', at: { ...agent, recording: now + 25 } }),
      204,
    )
    const final = {
      ...talk,
      event: 'ended',
      at: { ...agent, recording: now + 25, agent_closed: now + 90, ended: now + 91 },
      agent_close: { code: 1000, reason: 'bye', clean: true },
      ended: { outcome: 'answered', by: 'agent', code: 200, reason: 'closed' },
    }
    t.equal(await stage.tell(final), 204)
    t.match(await stage.call(id), {
      status: 'ended',
      outcome: 'answered',
      termination: { result: 'success', reason: 'agent-ended', by: 'agent' },
      agent: { agent_id: 'agent_shop' },
    })
    const story = stage.story(id)
    t.same(story, [
      'provider.invited',
      'provider.ringing',
      'provider.answered',
      'provider.stream_started',
      'agent.attempted',
      'agent.opened',
      'agent.metadata',
      'agent.first_audio',
      'recording.started',
      'agent.closed',
      'provider.ended',
      'call.ended',
    ])
    t.equal(await stage.tell(final), 204, 'told again')
    t.equal(await stage.tell({ ...of, event: 'connected', at }), 204, 'and late')
    t.same(stage.story(id), story, 'changes nothing')
    t.same(stage.control.admitted, [], 'its place is free')
    const { items } = await stage.find(`/api/calls/${id}/timeline`)
    t.equal(items.length, story.length)
    const violations = 'agent_sessions_audit_violations_total{kind="opened-before-answer"}'
    t.equal(await sample(stage.metrics, violations), 0)
    t.equal(await sample(stage.metrics, 'agent_sessions_total{result="agent-ended"}'), 1)
    t.notMatch(stage.logged(), /pin 4711|\+49|f{64}/, 'nothing of it stands in the log')
  },
)

t.test('the same key and body ask Voximplant once', async (t) => {
  const stage = await aCallStage(t)
  const headers = { 'idempotency-key': 'one' }
  const first = await stage.start({}, headers)
  const second = await stage.start({}, headers)
  t.equal(second.body.call_id, first.body.call_id)
  t.equal(stage.starts(), 1)
})

t.test('what cannot be placed is refused before anything rings', async (t) => {
  const stage = await aCallStage(t)
  const cases: readonly [string, object, number, string, string?][] = [
    ['no application', { application_id: null }, 400, 'REQUEST_INVALID', 'application_id'],
    ['another', { application_id: 'vap_x' }, 400, 'REQUEST_INVALID', 'application_id'],
    ['by SIP', { provider: 'sip' }, 400, 'REQUEST_INVALID', 'application_id'],
    ['from', { from: '+4930999' }, 403, 'FROM_NOT_ALLOWED'],
    ['a trunk', { trunk: 'x' }, 400, 'REQUEST_INVALID', 'trunk'],
    ['a machine', { answering_machine: 'gate' }, 400, 'REQUEST_INVALID', 'answering_machine'],
  ]
  for (const [name, fields, status, code, field] of cases) {
    const { body, ...answer } = await stage.start(fields)
    t.match({ ...answer, code: body.code }, { code }, `${name} ${JSON.stringify(body)}`)
    if (name !== 'a trunk') t.equal(answer.status, status, name)
    if (field !== undefined) t.match(body, { errors: [{ field }] }, `${name} names its field`)
  }
  t.equal(stage.starts(), 0)
  t.same(await stage.calls(), [])
  t.same(stage.control.admitted, [])
})

t.test('an application that is not ready dials nobody', async (t) => {
  for (const application of [{ pushed_at: null }, { rule_id: null }, { phone_number: null }]) {
    const stage = await aCallStage(t, { application })
    const { status, body } = await stage.start()
    t.match([status, body.code], [409, 'STATE_CONFLICT'], JSON.stringify(application))
    t.equal(stage.starts(), 0)
  }
  const inactive = await aCallStage(t, { account: { isActive: false } })
  t.match((await inactive.start()).body, { code: 'STATE_CONFLICT', detail: /deactivated/ })
})

t.test('what is not admitted is not asked for', async (t) => {
  const stage = await aCallStage(t)
  const { AppError } = await import('../../../../core/errors/index.ts')
  stage.control.notAdmitted = new AppError('NUMBER_NOT_ALLOWED', 'not that one')
  t.match((await stage.start()).body, { code: 'NUMBER_NOT_ALLOWED' })
  t.equal(stage.starts(), 0)
  t.same(await stage.calls(), [])
})

t.test(
  'Voximplant has no money: whoever asked is told, and the record says it failed',
  async (t) => {
    const stage = await aCallStage(t)
    stage.vendor.balance = 0
    const { status, body } = await stage.start()
    t.match([status, body.code], [422, 'PROVIDER_REFUSED'], JSON.stringify(body))
    t.match(body.detail, /127/)
    await eventually('its end is written', async () => (await only(stage)).status === 'ended')
    t.match(await only(stage), { outcome: 'failed', termination: { reason: 'provider-failed' } })
    t.same(stage.control.admitted, [])
    t.same(stage.vendor.sessions, [])
  },
)

t.test(
  'Voximplant is not there: whoever asked is told, and the record says it failed',
  async (t) => {
    const stage = await aCallStage(t)
    await stage.vendor.close()
    const { status, body } = await stage.start()
    t.match([status, body.code], [502, 'VENDOR_FAILED'], JSON.stringify(body))
    await eventually('its end is written', async () => (await only(stage)).status === 'ended')
    t.match(await only(stage), { outcome: 'failed', termination: { reason: 'provider-failed' } })
    t.same(stage.control.admitted, [])
  },
)

t.test('hung up before its scenario asks: nobody is dialled', async (t) => {
  const stage = await aCallStage(t)
  const { call_id: id } = (await stage.start()).body
  const session = stage.session()
  const hungUp = await stage.request(`/api/calls/${id}/hangup`, { method: 'POST' })
  t.ok(hungUp.ok, String(hungUp.status))
  t.equal((await stage.exchange(session)).status, 409)
  const of = { session_id: String(session.sessionId), token: stage.token() }
  const now = Date.now()
  const how = { outcome: 'canceled', by: 'scenario', code: 409, reason: 'token' }
  await stage.tell({ ...of, at: { started: now, ended: now + 5 }, event: 'ended', ended: how })
  t.match(await stage.call(id), {
    status: 'ended',
    outcome: 'canceled',
    termination: { reason: 'canceled', by: 'api' },
  })
})

t.test('hung up in the talk: the session is told so, signed', async (t) => {
  const stage = await aCallStage(t, {
    scenario: `VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
      Logger.write('heard ' + e.content); VoxEngine.terminate() })`,
  })
  const { call_id: id } = (await stage.start()).body
  const session = stage.session()
  await stage.exchange(session)
  const now = Date.now()
  const of = { session_id: String(session.sessionId), token: stage.token() }
  await stage.tell({ ...of, at: { started: now, connected: now + 1 } })
  t.ok((await stage.request(`/api/calls/${id}/hangup`, { method: 'POST' })).ok)
  const { createHmac } = await import('node:crypto')
  const mac = createHmac('sha256', 'f'.repeat(64)).update(`hangup.${session.sessionId}`)
  const wanted = JSON.stringify({ command: 'hangup', signature: mac.digest('hex') })
  await eventually('it is heard', () =>
    Promise.resolve(session.log.some((line) => line.includes(wanted))),
  )
  const how = { outcome: 'answered', by: 'api', code: 200, reason: 'hangup' }
  await stage.tell({ ...of, at: { started: now, connected: now + 1, ended: now + 9 }, ended: how })
  t.match(await stage.call(id), { outcome: 'answered', termination: { by: 'api' } })
})

t.test('a token is one session’s; another one is told nothing, and tells nothing', async (t) => {
  const stage = await aCallStage(t)
  const { call_id: id } = (await stage.start()).body
  const session = stage.session()
  t.equal((await stage.exchange(session, { session_id: '99' })).status, 409, 'before its own')
  t.equal((await stage.exchange(session)).status, 200)
  t.equal((await stage.exchange(session, { session_id: '99' })).status, 409)
  t.equal((await stage.exchange(session, { token: `${stage.token()}x` })).status, 403)
  const how = { outcome: 'canceled', by: 'scenario', code: 409, reason: 'token' }
  const now = Date.now()
  const other = { session_id: '99', token: stage.token(), at: { started: now, ended: now } }
  t.equal(await stage.tell({ ...other, ended: how }), 204)
  t.match(await stage.call(id), { status: 'dialing' })
  const own = { session_id: String(session.sessionId), token: `${stage.token()}x` }
  t.equal(await stage.tell({ ...own, ended: how }), 204, 'with a wrong token')
  t.match(await stage.call(id), { status: 'dialing' })
  await stage.tell({ ...own, token: stage.token(), at: { started: now, ended: now }, ended: how })
  await ended(stage, id)
  t.equal((await stage.exchange(session)).status, 409, 'when it is over')
})

t.test('it cannot be handed over, or recorded by hand', async (t) => {
  const stage = await aCallStage(t)
  const { call_id: id } = (await stage.start()).body
  await stage.exchange(stage.session())
  const now = Date.now()
  const of = { session_id: String(stage.session().sessionId), token: stage.token() }
  await stage.tell({ ...of, at: { started: now, connected: now } })
  const moved = await stage.request(`/api/calls/${id}/transfer`, json({ to: '+4930555199' }))
  t.match(await moved.json(), { code: 'PROVIDER_REFUSED' })
})
