// A call that was hung up, and whose session did not hear it: it is told again as soon as there is a way.
import t from 'tap'
import { eventually } from '../../../support/build-app.ts'
import { aCallStage, type CallStage } from './call-stage.ts'

/** It says what it hears, and goes on. */
const DEAF = `VoxEngine.addEventListener(AppEvents.HttpRequest, () => Logger.write('heard'))`

const heard = ({ vendor }: CallStage): number =>
  vendor.sessions.flatMap(({ log }) => log).filter((line) => line.includes('heard')).length

const hangUp = async (stage: CallStage, id: string): Promise<boolean> =>
  (await stage.request(`/api/calls/${id}/hangup`, { method: 'POST' })).ok

t.test(
  'the answer to its start is lost: the first message says where it takes requests',
  async (t) => {
    const stage = await aCallStage(t, { scenario: DEAF })
    stage.vendor.fail({ kind: 'answer-lost' }, { of: 'StartScenarios' })
    const { call_id: id } = (await stage.start()).body
    const session = stage.session()
    t.equal((await stage.exchange(session)).status, 200)
    t.ok(await hangUp(stage, id))
    t.equal(heard(stage), 0, 'nobody knows where')
    const now = Date.now()
    const of = { session_id: String(session.sessionId), token: stage.token() }
    const told = { ...of, control_url: session.accessUrl }
    await stage.tell({ ...told, at: { started: now } })
    await eventually('it is told', () => Promise.resolve(heard(stage) > 0))
    await stage.tell({ ...told, at: { started: now, ringing: now } })
    await stage.tell({ ...told, at: { started: now, ringing: now, connected: now } })
    t.equal(heard(stage), 1, 'not with every word of it')
  },
)

t.test(
  'it was not heard: it is told again whenever the history knows nothing of an end',
  async (t) => {
    const stage = await aCallStage(t, {
      scenario: DEAF,
      timing: { hangUpWaitsMs: [], askAfterMs: 50, backOff: { firstMs: 20, maxMs: 50 } },
    })
    const { call_id: id } = (await stage.start()).body
    await stage.exchange(stage.session())
    t.ok(await hangUp(stage, id))
    await eventually('it is told', () => Promise.resolve(heard(stage) > 0))
  },
)

t.test('an account that was deactivated meanwhile dials nobody', async (t) => {
  const stage = await aCallStage(t)
  await stage.start()
  const { items } = await stage.find('/api/voximplant/accounts')
  const changed = await stage.request(
    `/api/voximplant/accounts/${String(items[0]?.['account_id'])}`,
    {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: '{"is_active":false}',
    },
  )
  t.equal(changed.status, 200)
  const { status, body } = await stage.exchange(stage.session())
  t.match([status, body], [409, { detail: /deactivated/ }])
})

t.test('times that cannot be are within the call, and what it cost is kept', async (t) => {
  const stage = await aCallStage(t, { account: { currency: 'EUR' } })
  const { call_id: id } = (await stage.start()).body
  const session = stage.session()
  await stage.exchange(session, { sent_at: Date.now() - 86_400_000 })
  const of = { session_id: String(session.sessionId), token: stage.token() }
  const at = { started: Date.now() - 1e10, ringing: Date.now(), connected: Date.now() + 1e10 }
  await stage.tell({ ...of, at })
  const answered = Date.parse((await stage.call(id)).answered_at)
  t.ok(answered <= Date.now(), 'nobody picks up in a year')
  const how = { outcome: 'answered', by: 'callee', code: 200, reason: '' }
  await stage.tell({
    ...of,
    at: { ...at, ended: 1e12 + 1 },
    ended: { ...how, cost: 0.5, record_cost: 0.25 },
  })
  const call = await stage.call(id)
  t.ok(Date.parse(call.ended_at) >= Date.parse(call.created_at), call.ended_at)
  t.match(call, { cost: { parts: [{ kind: 'telephony', currency: 'EUR', amount_minor: 75 }] } })
})
