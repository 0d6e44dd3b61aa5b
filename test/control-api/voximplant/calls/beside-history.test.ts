// What scenarios tell, and what the history tells, of the same calls: whichever comes first, there is one record of each.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { auditLedger } from '../../../../control-api/calls/audit-ledger.ts'
import { decodeCallEvent } from '../../../../control-api/calls/repository.ts'
import type { CallEventRow } from '../../../../control-api/db/schema.ts'
import { ms, type CallEvent } from '../../../../core/contracts/index.ts'
import { eventually, json, sample } from '../../../support/build-app.ts'
import { aCallStage, ended, NUMBER, type CallStage, type View } from './call-stage.ts'

const CALLER = '+4930777123'
const wholeSeconds = (at: number): string =>
  new Date(at).toISOString().slice(0, 19).replace('T', ' ')

function inHistory(
  stage: CallStage,
  id: number,
  { at, text, isAnswered = true }: { at: number; text?: string; isAnswered?: boolean },
): void {
  const incoming = text === undefined
  stage.vendor.addHistory([
    {
      call_session_history_id: id,
      start_date: wholeSeconds(at),
      application_id: stage.shop.vendorId,
      rule_name: 'all',
      duration: 30,
      finish_reason: 'Normal termination',
      custom_data: text ?? '',
      calls: [
        {
          call_id: 1,
          start_time: wholeSeconds(at),
          duration: 28,
          local_number: NUMBER.slice(1),
          remote_number: CALLER.slice(1),
          incoming,
          successful: isAnswered,
          cost: 0.01,
        },
      ],
      records: [],
      other_resource_usage: [],
    },
  ])
}

const sync = async (stage: CallStage): Promise<View> => {
  const path = `/api/voximplant/applications/${stage.shop.applicationId}/sync`
  const day = new Date().toISOString().slice(0, 10)
  const before = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  const response = await stage.request(path, json({ from_date: before, to_date: day }))
  return (await response.json()) as View
}

/** As it stands in the database. */
function ledgerOf(stage: CallStage, callId: string): CallEvent[] {
  const database = new DatabaseSync(join(stage.dataDir, 'voicegate.sqlite'), { readOnly: true })
  const rows = database
    .prepare('select * from call_events where call_id = ? order by seq')
    .all(callId) as unknown as CallEventRow[]
  database.close()
  return rows.map(decodeCallEvent)
}

const talk = (id: number, begun: number) => ({
  session_id: String(id),
  direction: 'inbound',
  from: CALLER,
  to: NUMBER,
  event: 'ended',
  conversation_id: 'conv_late',
  consent: { given: true, at: begun + 300, prompt: 'question', language: 'de' },
  at: {
    started: begun,
    connected: begun + 200,
    agent_requested: begun + 400,
    agent_opened: begun + 700,
    agent_closed: begun + 29_800,
    ended: begun + 29_900,
  },
  ended: { outcome: 'answered', by: 'caller', code: 200, reason: '' },
})

t.test(
  'the history first: the message adds what it does not know, and no second call',
  async (t) => {
    const stage = await aCallStage(t)
    const id = 6_000_000_901
    const begun = Date.now() - 120_000
    inHistory(stage, id, { at: begun })
    await sync(stage)
    t.equal((await stage.calls()).length, 1)
    t.equal(await stage.tell(talk(id, begun)), 204)
    const calls = await stage.calls()
    t.equal(calls.length, 1)
    const call = await stage.call(String(calls[0]?.call_id))
    t.match(call, {
      status: 'ended',
      outcome: 'answered',
      consent: { given: true },
      agent: { conversation_id: 'conv_late', sessions: 1 },
    })
    t.match(await stage.find(`/api/calls/${call.call_id}/conversation`), {
      items: [{ conversation_id: 'conv_late' }],
    })
    const { items } = await stage.find(`/api/calls/${call.call_id}/timeline`)
    const ledger = ledgerOf(stage, call.call_id)
    t.same(auditLedger(ledger), [], JSON.stringify(ledger.map(({ type, at }) => [type, at])))
    t.ok(ledger.filter(({ type }) => type === 'call.ended').length <= 1)
    t.ok(ledger.some(({ type }) => type === 'agent.attempted'))
    t.equal(await stage.tell(talk(id, begun)), 204)
    const after = (await stage.find(`/api/calls/${call.call_id}/timeline`)).items
    t.equal(after.length, items.length, 'told again it adds nothing')
    t.match(await sync(stage), { new_calls: 0 })
    t.equal((await stage.calls()).length, 1)
    const closed = ledger.find(({ type }) => type === 'agent.closed')
    const seconds = closed?.type === 'agent.closed' ? closed.data.seconds : 0
    t.ok(seconds > 25, 'whole seconds of the history at both ends')
    t.equal(await sample(stage.metrics, 'agent_seconds_total'), seconds, 'counted, and once')
    t.equal(await sample(stage.metrics, 'agent_sessions_total{result="call-ended"}'), 1)
    t.equal(await sample(stage.metrics, 'agent_sessions_active'), 0)
  },
)

t.test(
  'an agent that was opened before the answer is found, also behind the history',
  async (t) => {
    const stage = await aCallStage(t)
    const id = 6_000_000_903
    const begun = Date.now() - 120_000
    inHistory(stage, id, { at: begun })
    await sync(stage)
    const said = talk(id, begun)
    await stage.tell({ ...said, at: { ...said.at, agent_requested: begun + 100 } })
    const [call] = await stage.calls()
    const kinds = auditLedger(ledgerOf(stage, String(call?.call_id))).map(({ kind }) => kind)
    t.same(kinds, ['opened-before-answer'])
  },
)

t.test('the message first: the history adds no second call', async (t) => {
  const stage = await aCallStage(t)
  const id = 6_000_000_902
  const begun = Date.now() - 120_000
  t.equal(await stage.tell(talk(id, begun)), 204)
  inHistory(stage, id, { at: begun })
  t.match(await sync(stage), { new_calls: 0 })
  t.equal((await stage.calls()).length, 1)
})

t.test(
  'behind a closed record: nobody picked up after its end, and no time is to come',
  async (t) => {
    const stage = await aCallStage(t)
    const begun = Date.now() - 120_000
    const [missed, talked] = [6_000_000_904, 6_000_000_905]
    inHistory(stage, missed, { at: begun, isAnswered: false })
    inHistory(stage, talked, { at: begun })
    await sync(stage)
    const said = talk(missed, begun)
    const years = 3e11
    await stage.tell({ ...said, at: { ...said.at, connected: begun + 60_000 } })
    await stage.tell({
      ...talk(talked, begun),
      consent: { given: true, at: begun + years, prompt: 'question', language: 'de' },
    })
    const calls = await stage.calls()
    t.same(calls.map(({ outcome }) => outcome).sort(), ['answered', 'no-answer'])
    for (const { call_id: id, outcome, answered_at: answered } of calls) {
      const ledger = ledgerOf(stage, id)
      t.ok(
        ledger.some(({ type }) => type === 'agent.attempted'),
        'what it told is there',
      )
      t.same(
        ledger.filter(({ at }) => at > Date.now()),
        [],
        'nothing is to come',
      )
      if (outcome === 'answered') continue
      t.notOk(ledger.some(({ type }) => type === 'provider.answered'))
      t.notOk(answered)
    }
  },
)

t.test('a sync ends a call that is live here and over there', async (t) => {
  const stage = await aCallStage(t)
  const { call_id: id } = (await stage.start()).body
  const session = stage.session()
  await stage.exchange(session)
  const now = Date.now()
  const of = { session_id: String(session.sessionId), token: stage.token() }
  await stage.tell({ ...of, at: { started: now, connected: now + 1 } })
  inHistory(stage, session.sessionId, { at: now - 31_000, text: session.customData })
  await sync(stage)
  await ended(stage, id)
  t.match(await stage.call(id), { outcome: 'answered', termination: { by: 'callee' } })
  t.equal((await stage.calls()).length, 1)
  t.same(stage.control.admitted, [])
})

t.test('draining: new ones are refused, those that there are go on', async (t) => {
  const stage = await aCallStage(t)
  const { call_id: id } = (await stage.start()).body
  await stage.exchange(stage.session())
  const draining = stage.api.drainCalls(ms(5000))
  t.match((await stage.start()).body, { code: 'DRAINING' })
  t.equal(stage.starts(), 1)
  const now = Date.now()
  const of = { session_id: String(stage.session().sessionId), token: stage.token() }
  const how = { outcome: 'busy', by: 'callee', code: 486, reason: '' }
  await stage.tell({ ...of, at: { started: now, ended: now }, ended: how })
  await draining
  t.match(await stage.call(id), { outcome: 'busy' })
})

t.test('our end hangs up nobody', async (t) => {
  const stage = await aCallStage(t, {
    scenario: `VoxEngine.addEventListener(AppEvents.HttpRequest, () => Logger.write('heard'))`,
  })
  const { call_id: id } = (await stage.start()).body
  await stage.exchange(stage.session())
  await stage.api.endCalls()
  await stage.close()
  t.same(
    stage.session().log.filter((line) => line.includes('heard')),
    [],
  )
  const next = await aCallStage(t, { before: stage })
  await eventually('it goes on', async () => (await next.call(id)).status === 'dialing')
})
