// Calls that come in at Voximplant: the first message, whichever it is, opens the record; what is forged, doubled, late or
// out of order changes nothing that is right.
import t from 'tap'
import { eventually, sample } from '../../../support/build-app.ts'
import { aMessage, type MessageFields } from './a-message.ts'
import { aCallStage, ended, IDLE, NUMBER, type CallStage } from './call-stage.ts'

const CALLER = '+4930777123'
const of = (id: string, now: number): MessageFields => ({
  session_id: id,
  direction: 'inbound',
  from: CALLER,
  to: NUMBER,
  at: { started: now },
})

function talk(id: string, now: number) {
  const base = of(id, now)
  const connected = { started: now, connected: now + 10 }
  const opened = { ...connected, agent_requested: now + 20, agent_opened: now + 30 }
  const conversation_id = 'conv_in'
  return {
    started: base,
    connected: { ...base, event: 'connected', at: connected },
    agent: { ...base, event: 'agent', at: opened, conversation_id },
    final: {
      ...base,
      event: 'ended',
      at: { ...opened, agent_closed: now + 40, ended: now + 41 },
      conversation_id,
      ended: { outcome: 'answered', by: 'caller', code: 200, reason: '' },
    },
  }
}

const only = async (stage: CallStage) => {
  const [call, ...others] = await stage.calls()
  if (!call || others.length > 0) throw new Error(`${others.length + 1} calls, or none`)
  return call
}

t.test('a call that comes in is recorded, is live, and ends', async (t) => {
  const stage = await aCallStage(t)
  const now = Date.now()
  const said = talk('801', now)
  t.equal(await stage.tell(said.started), 204)
  t.match(await only(stage), {
    provider: 'voximplant',
    direction: 'inbound',
    from: CALLER,
    to: NUMBER,
    application_id: stage.shop.applicationId,
    agent: { agent_id: 'agent_shop' },
    status: 'dialing',
  })
  await stage.tell(said.connected)
  t.match((await stage.find('/api/calls?status=answered')).items, [{ direction: 'inbound' }])
  await stage.tell(said.agent)
  await stage.tell(said.final)
  const call = await only(stage)
  t.match(call, {
    status: 'ended',
    outcome: 'answered',
    termination: { reason: 'hangup', by: 'caller' },
  })
  t.same(stage.story(call.call_id).slice(-4), [
    'agent.metadata',
    'agent.closed',
    'provider.ended',
    'call.ended',
  ])
  t.same(stage.control.admitted, [], 'nobody was asked for a place')
  t.match(await stage.find(`/api/calls/${call.call_id}/conversation`), {
    items: [{ conversation_id: 'conv_in', state: 'pending' }],
  })
})

t.test('the last message alone tells everything', async (t) => {
  const stage = await aCallStage(t)
  t.equal(await stage.tell(talk('802', Date.now() - 60_000).final), 204)
  const call = await only(stage)
  t.match(call, { status: 'ended', outcome: 'answered' })
  t.equal(stage.story(call.call_id).length, 9)
})

t.test('in whatever order, doubled and at once: one call, each fact once', async (t) => {
  const stage = await aCallStage(t)
  const said = talk('803', Date.now())
  const all = [said.agent, said.final, said.started, said.connected, said.final, said.agent]
  const codes = await Promise.all(all.map((one) => stage.tell(one)))
  t.same(codes, [204, 204, 204, 204, 204, 204])
  const call = await only(stage)
  const story = stage.story(call.call_id)
  t.same(new Set(story).size, story.length, story.join(' '))
  t.equal(story.length, 9)
  const { items } = await stage.find(`/api/calls/${call.call_id}/timeline`)
  t.equal(items.length, 9)
  const { body } = await stage.metrics.render()
  t.match(body, /calls_total\{direction="inbound",trunk="voximplant",outcome="answered"\} 1/)
})

t.test('what is forged is refused, and nothing of it is kept', async (t) => {
  const stage = await aCallStage(t)
  const said = talk('804', Date.now()).started
  t.equal(await stage.tell(said, { key: '0'.repeat(64) }), 401)
  t.equal(await stage.tell(said, { at: Date.now() - 301_000 }), 401, 'replayed')
  t.equal(await stage.tell(said, { at: Date.now() + 120_000 }), 401)
  t.equal(await stage.tell(said, { application: `vap_${'0'.repeat(24)}` }), 404)
  t.equal(await stage.tell(said, { application: 'x' }), 404)
  t.equal(await stage.tell(said, { body: '{' }), 400)
  t.equal(await stage.tell(said, { body: '[]' }), 400)
  t.equal(await stage.tell(said, { body: JSON.stringify({ a: 'x'.repeat(40_000) }) }), 413)
  const large = await stage.request('/api/webhook/voximplant?application=x', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: 'x'.repeat(40_000),
  })
  t.match([large.status, await large.json()], [413, { detail: /32 KiB/ }])
  const unsigned = await stage.request(
    `/api/webhook/voximplant?application=${stage.shop.applicationId}`,
    { method: 'POST', body: JSON.stringify(aMessage(said)) },
  )
  t.equal(unsigned.status, 401)
  t.same(await stage.calls(), [])
  const refused = 'voximplant_webhooks_total{kind="event",result="refused"}'
  t.equal(await sample(stage.metrics, refused), 8)
})

t.test('a session that nobody here started, and that nobody called, is none of ours', async (t) => {
  const stage = await aCallStage(t)
  const now = Date.now()
  const how = { outcome: 'failed', by: 'carrier', code: null, reason: 'terminated' }
  t.equal(await stage.tell({ session_id: '805', to: '', at: { started: now }, ended: how }), 204)
  t.equal(await stage.tell({ session_id: '806', token: 'mine', at: { started: now } }), 204)
  t.same(await stage.calls(), [])
})

t.test(
  'a caller without a number, a number without a plus, a call that was never answered',
  async (t) => {
    const stage = await aCallStage(t)
    const now = Date.now()
    await stage.tell({
      ...of('807', now),
      from: 'anonymous',
      to: '4930555100',
      at: { started: now, ended: now + 900 },
      ended: { outcome: 'canceled', by: 'caller', code: 487, reason: '' },
    })
    t.match(await only(stage), {
      from: null,
      to: NUMBER,
      outcome: 'canceled',
      termination: { by: 'caller' },
    })
  },
)

t.test('the clock of the platform is put right by its first message', async (t) => {
  const stage = await aCallStage(t)
  const wrong = Date.now() - 40_000
  const at = { started: wrong, connected: wrong + 5 }
  const base = of('808', wrong)
  await stage.tell({ ...base, sent_at: wrong + 30, at })
  const { created_at: made, answered_at: answered } = await only(stage)
  t.ok(Math.abs(Date.parse(made) - Date.now()) < 5000, made)
  const how = { outcome: 'answered', by: 'caller', code: 200, reason: '' }
  // Much later on the way: the difference stays what it was.
  await stage.tell({ ...base, sent_at: wrong - 9000, at: { ...at, ended: wrong + 20 }, ended: how })
  const { ended_at: over } = await only(stage)
  const seconds = Date.parse(over) - Date.parse(answered)
  t.ok(Math.abs(seconds - 15) <= 1, `${seconds} ms`)
})

t.test('killed between two messages: nothing is told twice, and the agent goes on', async (t) => {
  const first = await aCallStage(t)
  const said = talk('809', Date.now())
  await first.tell(said.agent)
  const { call_id: id } = await only(first)
  await first.close()
  const second = await aCallStage(t, { before: first })
  t.match(await only(second), { status: 'answered' }, 'it is live still')
  t.match(second.control.find(id), undefined)
  t.equal(await second.tell(said.agent), 204)
  t.equal(await second.tell(said.final), 204)
  await ended(second, id)
  t.same(second.story(id), ['agent.closed', 'provider.ended', 'call.ended'])
  const { items } = await second.find(`/api/calls/${id}/timeline`)
  t.equal(items.length, 9)
  t.match(await only(second), { outcome: 'answered', termination: { reason: 'hangup' } })
  t.equal(second.control.admitted.length, 0)
  await second.close()
  const third = await aCallStage(t, { before: first })
  t.equal(await third.tell(said.final), 204, 'and again behind a third start')
  t.same(third.story(id), [])
})

t.test('its last word is lost: the history tells of the end', async (t) => {
  const stage = await aCallStage(t, {
    timing: { askAfterMs: 50, backOff: { firstMs: 20, maxMs: 50 } },
    application: { options: '{"max_duration_seconds":10}' },
  })
  const session = 6_000_000_810
  const now = Date.now() - 100_000
  const said = talk(String(session), now)
  const start_date = new Date(now).toISOString().slice(0, 19).replace('T', ' ')
  // Before the word that makes it asked for: it is asked for a few times only.
  stage.vendor.addHistory([historyOf(session, stage, { start_date })])
  await stage.tell({ ...said.agent, sent_at: now + 40 })
  const { call_id: id } = await only(stage)
  await eventually('the history is asked', async () => (await stage.call(id)).status === 'ended')
  t.match(await stage.call(id), {
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'caller' },
  })
  t.same(stage.story(id).slice(-3), ['agent.closed', 'provider.ended', 'call.ended'])
  t.equal(await stage.tell(said.final), 204, 'and then it comes')
  t.equal((await stage.find(`/api/calls/${id}/timeline`)).items.length, 9)
})

const historyOf = (id: number, stage: CallStage, { start_date }: { start_date: string }) => ({
  call_session_history_id: id,
  account_id: stage.vendor.accountId,
  application_id: stage.shop.vendorId,
  application_name: 'shop',
  user_id: 0,
  rule_name: 'all',
  start_date,
  duration: 30,
  initiator_address: '1.1.1.1',
  media_server_address: '2.2.2.2',
  log_file_url: '',
  finish_reason: 'Normal termination',
  custom_data: IDLE,
  audio_quality: 'Standard',
  calls: [
    {
      call_id: 1,
      start_time: start_date,
      duration: 28,
      local_number: NUMBER.slice(1),
      remote_number: CALLER.slice(1),
      remote_number_type: 'pstn',
      incoming: true,
      successful: true,
      transaction_id: 5,
      cost: 0.01,
      media_server_address: '2.2.2.2',
      end_reason: '',
    },
  ],
  records: [],
  other_resource_usage: [],
})
