// GET /api/events?detail=node: the events of calls and, in between, what is announced of the node.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { CallId } from '../../../core/contracts/index.ts'
import type { TrunkStates } from '../../../control-api/routes/trunks/trunk-view.ts'
import { buildApp, json, type BuiltApp } from '../../support/build-app.ts'
import { listenToEvents as listen } from '../../support/event-listener.ts'
import { trunkView } from '../../support/trunk-view.ts'

/** A call that rings and is over: created, dialing, ringing, ended. */
async function playCall(app: BuiltApp): Promise<CallId> {
  const { callId } = await app.control.begin({ direction: 'outbound', to: '+4930777001' })
  app.emit('sip.invite', callId, { direction: 'outbound', sipCallId: 'one@test' })
  app.emit('sip.provisional', callId, { sipStatus: 180, earlyMedia: false })
  app.emit('call.ended', callId, {
    termination: { result: 'client_error', reason: 'busy', by: 'callee', sipStatus: 486 },
  })
  app.control.live.delete(callId)
  return callId
}

/** Of the jobs that a start begins with. */
const OF_JOBS = ['job.changed']
const STORY = ['call.created', 'call.dialing', 'call.ringing', 'call.ended']

const UP: TrunkStates = { trunks: [trunkView('one')], sipServerIsAway: false }
const MORE: TrunkStates = { trunks: [trunkView('one', { calls: 1 })], sipServerIsAway: false }

t.test('the trunks at once, then their changes between the events; resumable', async (t) => {
  let states = UP
  let looks = 0
  const trunks = (): TrunkStates => {
    looks += 1
    return states
  }
  const app = await buildApp(t, { config: { trunks } })
  const plain = await listen(t, app)
  const node = await listen(t, app, '?detail=node&last_event_id=0', OF_JOBS)
  await node.heard(1)
  const asked = await app.request('/api/trunks')
  const { items, sip_server_away } = (await asked.json()) as Record<string, unknown>
  t.match(node.messages[0], { id: '0', type: 'trunk.changed', call_id: null, at: /^2.*Z$/ })
  t.same(node.messages[0]?.data, { trunks: items, sip_server_away }, 'as GET /api/trunks')

  await playCall(app)
  await node.heard(5)
  // Two looks without a change.
  await sleep(2100)
  t.same(node.types, ['trunk.changed', ...STORY], 'nothing is said of what did not change')
  states = MORE
  await node.heard(6)
  await playCall(app)
  await node.heard(10)
  t.same(node.types, ['trunk.changed', ...STORY, 'trunk.changed', ...STORY])
  const [, , , , ended, changed] = node.messages
  t.equal(changed?.id, ended?.id, 'under the id of the event before it')
  t.match(changed?.data, { trunks: [{ name: 'one', calls: 1 }] })
  await plain.heard(8)
  t.same(plain.types, [...STORY, ...STORY], 'who did not ask hears nothing of it')

  const behind = `?detail=node&last_event_id=${changed?.id ?? ''}`
  const resumed = await listen(t, app, behind, OF_JOBS)
  await resumed.heard(5)
  t.same(resumed.types, ['trunk.changed', ...STORY])
  t.equal(resumed.messages[0]?.id, changed?.id)
  t.same(resumed.messages.slice(1), node.messages.slice(6), 'nothing lost, nothing twice')

  await Promise.all([node.close(), resumed.close()])
  await sleep(50)
  const looked = looks
  await sleep(1200)
  t.equal(looks, looked, 'nobody listens: nobody looks')
})

t.test('without last_event_id: the newest there is; types do not move the id', async (t) => {
  const app = await buildApp(t, { config: { trunks: () => UP } })
  const whole = await listen(t, app)
  await playCall(app)
  await whole.heard(4)
  const node = await listen(t, app, '?detail=node&types=call.ringing')
  await node.heard(1)
  t.equal(node.messages[0]?.id, whole.messages[3]?.id)
  await playCall(app)
  await whole.heard(8)
  await node.heard(1, 'call.ringing')
  const before = node.of('job.changed').length
  const asked = await app.request('/api/erasures', json({ number: '+4930777001' }))
  t.equal(asked.status, 202)
  await node.heard(before + 1, 'job.changed')
  const [ringing] = node.of('call.ringing')
  t.equal(ringing?.id, whole.of('call.ringing')[1]?.id)
  const job = node.of('job.changed').at(-1)
  t.match(job, { id: ringing?.id, call_id: null, data: {} })
  // The end of the call came before and was not sent: who resumes by the message gets it again, without the filter.
  const resumed = await listen(t, app, `?last_event_id=${job?.id ?? ''}`)
  await resumed.heard(1)
  t.equal(resumed.types[0], 'call.ended')
})

t.test('a gap is told before all else', async (t) => {
  const app = await buildApp(t, { config: { trunks: () => UP } })
  await playCall(app)
  const node = await listen(t, app, '?detail=node&last_event_id=1', OF_JOBS)
  await node.heard(6)
  t.same(node.types, ['gap', 'trunk.changed', ...STORY])
  t.equal(node.messages[1]?.id, '1')
})

t.test('deliveries of a webhook: said once for many of a moment', async (t) => {
  const app = await buildApp(t, { config: { webhookAllowHosts: ['127.0.0.1'] } })
  const node = await listen(t, app, '?detail=node')
  // Nobody is there.
  const body = { url: 'http://127.0.0.1:9/', types: [...STORY] }
  const made = await app.request('/api/webhooks', json(body))
  const { endpoint_id: id } = (await made.json()) as { endpoint_id: string }
  await node.heard(1, 'webhook.delivery_changed')
  for (let at = 0; at < 5; at += 1) await playCall(app)
  await node.heard(2, 'webhook.delivery_changed')
  const told = node.of('webhook.delivery_changed')
  t.same(told[1]?.data, { endpoint_id: id })
  t.ok(told.length <= 3, `${told.length} for 20 deliveries`)
  const apart = Date.parse(told[1]?.at ?? '') - Date.parse(told[0]?.at ?? '')
  t.ok(apart >= 950, `${apart} ms apart`)
  await app.request(`/api/webhooks/${id}`, { method: 'DELETE' })
  await node.heard(told.length + 1, 'webhook.delivery_changed')
})
