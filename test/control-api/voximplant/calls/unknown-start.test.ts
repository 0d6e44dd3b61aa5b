// StartScenarios whose answer is lost, or crosses what the scenario says: one session, one dial, and the record finds out.
import t from 'tap'
import { eventually } from '../../../support/build-app.ts'
import { customDataOf, tokenOf } from '../../../../control-api/voximplant/calls/call-token.ts'
import { ms } from '../../../../core/contracts/index.ts'
import { waitUntil } from '../../../../core/lifecycle/index.ts'
import { aCallStage, ended, KEY, type CallStageOptions } from './call-stage.ts'

const LOST: CallStageOptions = {
  timing: { searchAfterMs: 50, backOff: { firstMs: 30, maxMs: 60 } },
}
const busy = { outcome: 'busy', by: 'callee', code: 486, reason: 'Busy here' }

t.test('the answer is lost: the scenario’s question says which session it is', async (t) => {
  const stage = await aCallStage(t)
  stage.vendor.fail({ kind: 'answer-lost' }, { of: 'StartScenarios' })
  const placed = await stage.start()
  t.equal(placed.status, 202, JSON.stringify(placed.body))
  const { call_id: id } = placed.body
  t.match(placed.body, { status: 'queued' })
  const session = stage.session()
  t.equal((await stage.exchange(session)).status, 200)
  t.match(await stage.call(id), { status: 'dialing' })
  t.equal((await stage.exchange(session, { session_id: '5' })).status, 409)
  const now = Date.now()
  const of = { session_id: String(session.sessionId), token: stage.token() }
  await stage.tell({ ...of, at: { started: now, ended: now + 5 }, ended: busy })
  t.match(await stage.call(id), { outcome: 'busy', termination: { sip_status: 486 } })
  t.equal(stage.starts(), 1)
})

t.test('and any message of it does', async (t) => {
  const stage = await aCallStage(t)
  stage.vendor.fail({ kind: 'half-body' }, { of: 'StartScenarios' })
  const { call_id: id } = (await stage.start()).body
  const session = stage.session()
  const now = Date.now()
  const of = { session_id: String(session.sessionId), token: stage.token() }
  await stage.tell({ ...of, at: { started: now, ringing: now + 5 } })
  t.match(await stage.call(id), { status: 'ringing' })
  t.equal(stage.starts(), 1)
})

t.test('not a word of it: the history is searched by its token', async (t) => {
  const stage = await aCallStage(t, { ...LOST, scenario: 'VoxEngine.terminate()' })
  stage.vendor.fail({ kind: 'not-json' }, { of: 'StartScenarios' })
  const { call_id: id } = (await stage.start()).body
  await stage.session().over
  await ended(stage, id)
  t.match(await stage.call(id), { outcome: 'failed', termination: { reason: 'provider-failed' } })
  t.ok(stage.story(id).includes('provider.invited'), 'the session was found')
  t.equal(stage.starts(), 1, 'nobody was rung twice')
  t.same(stage.control.admitted, [])
})

t.test('also when its scenario has added a conversation to what it was started with', async (t) => {
  const stage = await aCallStage(t, {
    ...LOST,
    scenario: `VoxEngine.addEventListener(AppEvents.Started, () => {
      VoxEngine.customData(VoxEngine.customData().replace('}', ',"c":"conv_9"}'))
      VoxEngine.terminate() })`,
  })
  stage.vendor.fail({ kind: 'answer-lost' }, { of: 'StartScenarios' })
  const { call_id: id } = (await stage.start()).body
  await ended(stage, id)
  t.match(stage.story(id), ['provider.invited', 'provider.ended', 'call.ended'])
  t.equal(stage.starts(), 1)
})

t.test('Voximplant never had it: it is given up, and a late scenario calls nobody', async (t) => {
  const stage = await aCallStage(t, {
    timing: { ...LOST.timing, startWithinMs: 50, askAfterMs: 50, forgetAfterMs: 0 },
  })
  stage.vendor.fail({ kind: 'hangs' }, { of: 'StartScenarios' })
  const { status, body } = await stage.start({ ring_timeout_seconds: 5 })
  t.match([status, body.status], [202, 'queued'])
  await waitUntil(() => stage.story(body.call_id).includes('call.ended'), ms(30_000))
  await ended(stage, body.call_id)
  t.match(await stage.call(body.call_id), { termination: { reason: 'provider-failed' } })
  const late = { customData: customDataOf(tokenOf(KEY, body.call_id)), sessionId: 99 }
  t.equal((await stage.exchange(late)).status, 409)
  t.equal(stage.starts(), 1)
  t.same(stage.control.admitted, [])
})

t.test('the scenario is quicker than the answer to StartScenarios', async (t) => {
  const stage = await aCallStage(t, { timing: { startWithinMs: 3000 } })
  stage.vendor.fail({ kind: 'hangs', isProcessed: true }, { of: 'StartScenarios' })
  const placing = stage.start()
  await eventually('there is a session', () => Promise.resolve(stage.vendor.sessions.length > 0))
  const session = stage.session()
  t.equal((await stage.exchange(session)).status, 200)
  const now = Date.now()
  const of = { session_id: String(session.sessionId), token: stage.token() }
  await stage.tell({ ...of, at: { started: now, ringing: now + 1 } })
  const { status, body } = await placing
  t.match([status, body.status], [202, 'ringing'])
  await stage.tell({ ...of, at: { started: now, ringing: now + 1, ended: now + 9 }, ended: busy })
  t.match(await stage.call(body.call_id), { outcome: 'busy' })
  t.same(stage.story(body.call_id), [
    'provider.invited',
    'provider.ringing',
    'provider.ended',
    'call.ended',
  ])
})

t.test('it takes too long to answer: whoever asked is told that there is a call', async (t) => {
  const stage = await aCallStage(t, { timing: { startWithinMs: 50 } })
  stage.vendor.fail({ kind: 'slow', ms: 2000 }, { of: 'StartScenarios' })
  const { status, body } = await stage.start()
  t.match([status, body.status], [202, 'queued'])
  await eventually('the answer is heard all the same', async () => {
    const call = await stage.call(body.call_id)
    return call.status === 'dialing'
  })
  t.equal(stage.starts(), 1)
})

t.test(
  'hung up while nobody knows whether there is a session: it is ended when it is known',
  async (t) => {
    const stage = await aCallStage(t, {
      timing: { startWithinMs: 50 },
      scenario: `VoxEngine.addEventListener(AppEvents.HttpRequest, () => Logger.write('heard'))`,
    })
    stage.vendor.fail({ kind: 'slow', ms: 2000 }, { of: 'StartScenarios' })
    const { call_id: id } = (await stage.start()).body
    t.ok((await stage.request(`/api/calls/${id}/hangup`, { method: 'POST' })).ok)
    await eventually('it is told', () =>
      Promise.resolve(
        stage.vendor.sessions.some(({ log }) => log.some((line) => line.includes('heard'))),
      ),
    )
    t.equal((await stage.exchange(stage.session())).status, 409)
  },
)

t.test(
  'a restart: whoever was asked for is looked for, and may still ask what to do',
  async (t) => {
    const first = await aCallStage(t)
    first.vendor.fail({ kind: 'answer-lost' }, { of: 'StartScenarios' })
    const { call_id: id } = (await first.start({ dynamic_variables: { name: 'Ada' } })).body
    const secret = (await first.start({ dynamic_variables: { secret__pin: '1' } })).body.call_id
    const [one, two] = first.vendor.sessions
    await first.close()
    const second = await aCallStage(t, { before: first })
    if (!one || !two) throw new Error('no sessions')
    const order = await second.exchange(one)
    t.match(order, { status: 200, body: { call_id: id, dynamic_variables: { name: 'Ada' } } })
    t.equal((await second.exchange(two)).status, 409, 'what was secret is nowhere any more')
    t.match(await second.call(secret), { status: 'dialing' })
    const now = Date.now()
    const of = {
      session_id: String(two.sessionId),
      token: (JSON.parse(two.customData) as { t: string }).t,
    }
    const how = { outcome: 'canceled', by: 'scenario', code: 409, reason: 'token' }
    await second.tell({ ...of, at: { started: now, ended: now }, ended: how })
    t.match(await second.call(secret), { status: 'ended', outcome: 'failed' })
    t.equal(second.starts(), 2)
  },
)
