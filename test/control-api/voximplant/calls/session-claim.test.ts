// A session is one call’s: whoever comes with the session of another is refused, its call ends, and every record closes.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { eventually } from '../../../support/build-app.ts'
import { aCallStage, ended, NUMBER, type CallStage } from './call-stage.ts'

interface Kept {
  readonly session_id: string | null
  readonly ended_at: number | null
}

function keptOf({ dataDir }: CallStage, callId: string): Kept {
  const database = new DatabaseSync(join(dataDir, 'voicegate.sqlite'), { readOnly: true })
  const row = database
    .prepare('select session_id, ended_at from voximplant_calls where call_id = ?')
    .get(callId)
  database.close()
  return row as unknown as Kept
}

const closed = (stage: CallStage, callId: string): Promise<void> =>
  eventually('its row is closed', () => Promise.resolve(keptOf(stage, callId).ended_at !== null))

const complaints = (stage: CallStage): number =>
  stage.logged().match(/the session of a call is another/g)?.length ?? 0

/** Placed, and its session is known to nobody. */
async function lost(stage: CallStage): Promise<string> {
  stage.vendor.fail({ kind: 'answer-lost' }, { of: 'StartScenarios' })
  return (await stage.start()).body.call_id
}

/** Comes in, and is over. */
const cameIn = (stage: CallStage, sessionId: number): Promise<number> => {
  const now = Date.now()
  return stage.tell({
    ...{ session_id: String(sessionId), direction: 'inbound', from: '+4930777123', to: NUMBER },
    at: { started: now, ended: now },
    ended: { outcome: 'canceled', by: 'caller', code: 487, reason: '' },
  })
}

t.test('with the session of a call that is live', async (t) => {
  const stage = await aCallStage(t)
  const first = (await stage.start()).body.call_id
  const own = stage.session()
  const token = stage.token()
  await stage.exchange(own)
  const second = await lost(stage)
  const taken = { session_id: String(own.sessionId) }
  t.equal((await stage.exchange(stage.session(), taken)).status, 409)
  await ended(stage, second)
  t.match(await stage.call(second), { termination: { reason: 'provider-failed' } })
  await closed(stage, second)
  t.equal(keptOf(stage, second).session_id, null)
  t.equal(complaints(stage), 1)
  const now = Date.now()
  await stage.tell({ ...taken, token, at: { started: now, ringing: now } })
  t.match(await stage.call(first), { status: 'ringing' }, 'whose it is keeps it')
})

t.test('with the session of one that is over: asking, and telling', async (t) => {
  const stage = await aCallStage(t)
  await cameIn(stage, 901)
  for (const come of [
    async () => (await stage.exchange(stage.session(), { session_id: '901' })).status,
    () =>
      stage.tell({
        ...{ session_id: '901', token: stage.token(), at: { ended: Date.now() } },
        ended: { outcome: 'busy', by: 'callee', code: 486, reason: '' },
      }),
  ]) {
    const id = await lost(stage)
    t.equal(await come(), 409)
    await ended(stage, id)
    t.match(await stage.call(id), { termination: { reason: 'provider-failed' } })
    await closed(stage, id)
    t.equal(keptOf(stage, id).session_id, null)
  }
  t.equal(complaints(stage), 2)
  t.same(stage.control.admitted, [])
})

t.test('when the vendor says so itself: by its answer, or by its history', async (t) => {
  const stage = await aCallStage(t, {
    timing: { searchAfterMs: 50, backOff: { firstMs: 20, maxMs: 50 } },
    scenario: 'VoxEngine.addEventListener(AppEvents.HttpRequest, () => VoxEngine.terminate())',
  })
  await stage.start()
  const next = stage.session().sessionId + 1
  await cameIn(stage, next)
  const late = (await stage.start()).body.call_id
  t.equal(stage.session().sessionId, next)
  await closed(stage, late)
  t.equal(keptOf(stage, late).session_id, null)
  const searched = await lost(stage)
  const session = stage.session()
  await cameIn(stage, session.sessionId)
  await fetch(session.accessUrl, { method: 'POST', body: '{}' })
  await closed(stage, searched)
  t.equal(keptOf(stage, searched).session_id, null)
  t.equal(complaints(stage), 2)
})

t.test('a session of the history is a call’s by its token, whole and of our key', async (t) => {
  const stage = await aCallStage(t, {
    timing: { searchAfterMs: 50, backOff: { firstMs: 20, maxMs: 50 } },
  })
  const id = await lost(stage)
  const inHistory = (sessionId: number, token: string): void =>
    stage.vendor.addHistory([
      {
        call_session_history_id: sessionId,
        start_date: new Date().toISOString().slice(0, 19).replace('T', ' '),
        application_id: stage.shop.vendorId,
        duration: 3,
        finish_reason: 'Normal termination',
        custom_data: JSON.stringify({ t: token, c: 'conv_1' }),
      },
    ])
  const searches = (): number =>
    stage.vendor.requests.filter(({ command }) => command === 'GetCallHistory').length
  inHistory(6_000_000_911, `${id}.${'0'.repeat(43)}`)
  const before = searches()
  await eventually('the history is searched', () => Promise.resolve(searches() >= before + 5))
  t.match(await stage.call(id), { status: 'queued' })
  inHistory(6_000_000_912, stage.token())
  await closed(stage, id)
  t.equal(keptOf(stage, id).session_id, '6000000912')
})
