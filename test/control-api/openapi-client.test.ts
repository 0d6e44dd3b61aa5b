// A client that a public tool made from our OpenAPI document: its types hold, it finds every operation, and what it gets
// is what the document says.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { CallId } from '../../core/contracts/index.ts'
import { wavHeader } from '../../bridge/record/wav-format.ts'
import { AnswerJudge } from '../../proof/http-fuzz/answer-judge.ts'
import { readOperations, type ApiDescription } from '../../proof/http-fuzz/api-description.ts'
import { aFile } from '../contract/media-store.ts'
import { buildApp, eventually, type BuiltApp } from '../support/build-app.ts'
import { FakeRehearsals } from '../support/fake-rehearsals.ts'
import { generateClient, type GeneratedClient } from '../support/generated-client.ts'
import { trunkView } from '../support/trunk-view.ts'
import { IVR, lead } from './orders/support.ts'
import { useAccountsAndApplications } from './voximplant/every-operation.ts'
import { mediaBy, useMedia } from './media-jobs/every-operation.ts'
import { startDId } from '../../simulators/d-id/index.ts'
import { aVendor } from './voximplant/vendor-stage.ts'

const KEY = 'k'.repeat(32)
const NUMBER = '+4930123456'
const NOBODY = 'call_00000000000000000000000000000000'
const TYPE_CHECK = [
  ...['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', '--types', 'node'],
  ...['--allowImportingTsExtensions', '--skipLibCheck', '--noUncheckedIndexedAccess'],
]

interface Asked {
  readonly status: number
  /** As a browser would send it back. */
  readonly cookie: string
  readonly data: Record<string, unknown>
}

/** Asks by the client's own functions; remembers which, and judges each answer by the document. */
class Asker {
  readonly used = new Set<string>()
  readonly faults: string[] = []
  readonly #client: GeneratedClient
  readonly #judge: AnswerJudge
  readonly #operations: ReadonlyMap<string, ReturnType<typeof readOperations>[number]>

  constructor(client: GeneratedClient, description: ApiDescription) {
    this.#client = client
    this.#judge = new AnswerJudge(description)
    this.#operations = new Map(readOperations(description).map((one) => [one.id, one]))
  }

  async ask(id: string, options: object = {}): Promise<Asked> {
    const call = this.#client.operations[id]
    const operation = this.#operations.get(id)
    if (!call || !operation) throw new Error(`there is no operation ${id}`)
    const { response, data, error } = await call({ ...options, parseAs: 'text' })
    const text = response.ok ? (data ?? '') : error
    const body = typeof text === 'string' ? text : JSON.stringify(text)
    const type = response.headers.get('content-type') ?? ''
    const fault = this.#judge.judge(operation, {
      status: response.status,
      type,
      text: body === '{}' ? '' : body,
    })
    if (fault !== undefined) this.faults.push(`${id}: ${fault}`)
    if (response.ok) this.used.add(id)
    const isJson = /[/+]json/.test(type)
    return {
      status: response.status,
      cookie: response.headers.get('set-cookie')?.split(';', 1)[0] ?? '',
      data: isJson ? (JSON.parse(body) as Record<string, unknown>) : { text: body },
    }
  }
}

const ENDED = { result: 'client_error', reason: 'busy', by: 'callee', sipStatus: 486 } as const

/** Said, recorded, over. */
async function liveOn(t: Test, app: BuiltApp, callId: CallId): Promise<void> {
  app.emit('agent.response', callId, { text: 'Good morning', eventId: 1 })
  app.emit('agent.user_transcript', callId, { text: 'Wait.', eventId: 2 })
  const key = `recordings/${callId}.wav`
  const file = await aFile(t, Buffer.concat([wavHeader(20_000), Buffer.alloc(20_000, 'a')]))
  const { bytes, sha256 } = await app.api.mediaStore.putFile(key, file, 'audio/wav')
  app.emit('recording.started', callId, {})
  app.emit('recording.stored', callId, { key, bytes, sha256, durationMs: 1000 })
}

async function end(app: BuiltApp, asker: Asker, callId: CallId): Promise<void> {
  app.emit('call.ended', callId, { termination: ENDED })
  app.control.live.delete(callId)
  await eventually('the end of the call', async () => {
    const { data } = await asker.ask('getCall', { path: { call_id: callId } })
    return data['status'] === 'ended'
  })
}

type Step = (t: Test, asker: Asker, app: BuiltApp) => Promise<void>

const operation: Step = async (t, asker) => {
  const ids = ['getHealth', 'getApiHealth', 'getReady', 'getMetrics', 'getHowTo']
  for (const id of [...ids, 'listTrunks', 'getSettings', 'getLogLevel'])
    t.equal((await asker.ask(id)).status, 200, id)
  const body = { level: 'info', minutes: 1 }
  t.match((await asker.ask('changeLogLevel', { body })).data, { level: 'info', until: String })
}

const call: Step = async (t, asker, app) => {
  const body = { phone_number: NUMBER, metadata: { order: '1' } }
  const headers = { 'Idempotency-Key': 'one' }
  const placed = await asker.ask('placeCall', { body, headers })
  t.equal(placed.status, 202)
  const callId = String(placed.data['call_id']) as CallId
  const again = await asker.ask('placeCall', { body, headers })
  t.equal(again.data['call_id'], callId, 'the same call, not another')
  t.equal((await asker.ask('placeCall', { body: { phone_number: 'nobody' } })).status, 400)
  const path = { call_id: callId }
  for (const [id, body] of [
    ['postCallRecordingStart'],
    ['postCallRecordingPause'],
    ['postCallRecordingResume'],
    ['transferCall', { to: '+4930999999' }],
    ['postCallHangup'],
  ] as const)
    t.ok((await asker.ask(id, { path, body })).status < 300, id)
  await liveOn(t, app, callId)
  await end(app, asker, callId)
  for (const id of [
    ...['getCallTimeline', 'getTranscript', 'getCallDebug', 'getCallRecording'],
    ...['getRecordingPeaks', 'listSilences'],
  ])
    t.equal((await asker.ask(id, { path })).status, 200, id)
  t.equal((await asker.ask('reviewCall', { path, body: { status: 'problem' } })).status, 200)
  t.equal((await asker.ask('deleteCallRecording', { path })).status, 204)
  t.equal((await asker.ask('getCall', { path: { call_id: NOBODY } })).status, 404)
}

const dialledAgain: Step = async (t, asker, app) => {
  const retry = { attempts: 3, after_seconds: 3600, on: ['busy'] }
  const { data } = await asker.ask('startCall', { body: { phone_number: NUMBER, retry } })
  const callId = String(data['call_id']) as CallId
  await end(app, asker, callId)
  t.equal((await asker.ask('cancelRetry', { path: { call_id: callId } })).status, 200)
}

const lists: Step = async (t, asker) => {
  const filters = {
    ...{ provider: 'sip', direction: 'outbound', status: 'ended', number: NUMBER },
    ...{ outcome: 'busy', from_date: '2026-01-01', to_date: '2099-01-01', limit: 1 },
  }
  const list = await asker.ask('listCalls', { query: filters })
  t.equal((list.data['items'] as unknown[]).length, 1)
  const next = { query: { ...filters, cursor: String(list.data['next_cursor']) } }
  t.equal(((await asker.ask('listCalls', next)).data['items'] as unknown[]).length, 1)
  for (const query of [{ review_status: 'problem' }, { text: 'wait' }])
    t.equal(((await asker.ask('listCalls', { query })).data['items'] as unknown[]).length, 1)
  t.equal((await asker.ask('listCalls', { query: { application_id: 'a' } })).status, 200)
  t.equal((await asker.ask('searchCalls', { body: { number: '3456' } })).status, 200)
  const grouped = { query: { group_by: 'outcome', time_zone: 'Europe/Berlin' } }
  t.match((await asker.ask('getStatistics', grouped)).data, { items: [{ key: 'busy' }] })
  const { data } = await asker.ask('exportCalls', { query: { outcome: 'busy' } })
  t.match(data['text'], /busy/)
  const found = await asker.ask('exportFoundCalls', { body: { number: '3456' } })
  t.match(found.data['text'], /busy/)
}

const orders: Step = async (t, asker, app) => {
  const called = await app.control.begin()
  await lead(app, called, '1', '123456', '1')
  const { data } = await asker.ask('listOrders', { query: { order_number: '3456', limit: 1 } })
  const [order] = data['items'] as { order_id: string; updated_at: string }[]
  const path = { order_id: order?.order_id }
  const body = { status: 'in_progress', notes: 'a test', updated_at: order?.updated_at }
  t.equal((await asker.ask('changeOrder', { path, body })).status, 200)
  t.equal((await asker.ask('changeOrder', { path, body })).status, 409)
  t.match((await asker.ask('getOrder', { path })).data, { history: [{}, {}, {}] })
  const call = { path: { call_id: called.callId } }
  t.match((await asker.ask('getCallFlow', call)).data, { orders: [{ order_number: '123456' }] })
  t.equal((await asker.ask('withdrawConsent', call)).status, 200)
  const counted = await asker.ask('getOrderStatistics', { query: { time_zone: 'Europe/Berlin' } })
  t.match(counted.data, { consents: { given: 1, withdrawn: 1 } })
}

const access: Step = async (t, asker) => {
  const { data } = await asker.ask('createKey', { body: { role: 'viewer', name: 'a test' } })
  const key = { path: { key_id: String(data['key_id']) } }
  t.equal((await asker.ask('changeKey', { ...key, body: { name: 'another' } })).status, 200)
  for (const id of ['getKey', 'rotateKey', 'revokeKey', 'listKeys', 'listAudit'])
    t.ok((await asker.ask(id, key)).status < 300, id)
  const { cookie } = await asker.ask('signIn', { body: { key: KEY } })
  const headers = { cookie }
  for (const id of ['getSession', 'signOut'])
    t.ok((await asker.ask(id, { headers })).status < 300, id)
  for (const id of ['examineSecrets', 'rotateSecrets', 'listJobs'])
    t.ok((await asker.ask(id)).status < 300, id)
}

const webhooks: Step = async (t, asker) => {
  const receiver = createServer((_request, response) => response.end())
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  t.teardown(() => receiver.close())
  const { port } = receiver.address() as AddressInfo
  const inner = { url: 'http://169.254.1.1/', types: ['call.ended'] }
  t.match((await asker.ask('createWebhook', { body: inner })).data, { code: 'ENDPOINT_REFUSED' })
  const body = { url: `http://127.0.0.1:${port}/hook`, types: ['call.ended'] }
  const { data } = await asker.ask('createWebhook', { body })
  const path = { endpoint_id: String(data['endpoint_id']) }
  for (const [id, body] of [
    ['listWebhooks'],
    ['getWebhook'],
    ['changeWebhook', { description: 'a test' }],
    ['rotateWebhookSecret'],
    ['testWebhook'],
    ['listDeliveries'],
    ['replayWebhook', { state: 'dead' }],
    ['deleteWebhook'],
  ] as const)
    t.ok((await asker.ask(id, { path, body })).status < 300, id)
}

const privacy: Step = async (t, asker) => {
  const { data, status } = await asker.ask('postErasures', { body: { number: NUMBER } })
  t.equal(status, 202)
  const path = { erasure_id: String(data['erasure_id']) }
  t.equal((await asker.ask('getErasure', { path })).status, 200)
  t.equal((await asker.ask('getErasures')).status, 200)
}

const rehearsal: Step = async (t, asker) => {
  t.match((await asker.ask('listScenarios')).data, { available: true })
  const { data, status } = await asker.ask('startRehearsal', { body: { scenario: 'busy' } })
  t.equal(status, 202)
  const path = { run_id: String(data['run_id']) }
  for (const id of ['getRehearsal', 'listRehearsals', 'cancelRehearsal'])
    t.ok((await asker.ask(id, { path })).status < 300, id)
  const unknown = await asker.ask('startRehearsal', { body: { scenario: 'buzy' } })
  t.equal(unknown.status, 400)
}

/** What they act on comes of a vendor or of a failure, or they are no requests with one answer: their own tests have them. */
const ELSEWHERE = new Set([
  ...['getCallConversation', 'getCallConversationAudio', 'listAgents', 'checkAgent'],
  ...['receiveElevenLabsWebhook', 'retryJob', 'deleteJob', 'getEvents'],
  ...['receiveTwilioVoice', 'receiveTwilioConsent', 'receiveTwilioOrder', 'openTwilioStream'],
  ...['receiveTwilioOrderConfirm', 'receiveTwilioHelp', 'receiveTwilioStatus'],
  ...['exchangeVoximplantToken', 'receiveVoximplantMessage'],
  ...['receiveDIdWebhook', 'receiveHeyGenWebhook'],
])

t.test('every operation is found and does what it says', async (t) => {
  const states = { trunks: [trunkView('one')], sipServerIsAway: false }
  const trunks = () => states
  const rehearsals = new FakeRehearsals()
  const vendor = await aVendor(t)
  const studio = await startDId()
  t.teardown(() => studio.close())
  const config = {
    requireKey: true,
    apiKey: KEY,
    webhookAllowHosts: ['127.0.0.1'],
    trunks,
    rehearsals,
    ivr: IVR,
    voximplant: { baseUrl: vendor.baseUrl },
    media: mediaBy(studio),
  }
  const app = await buildApp(t, { config })
  const description = (await (await app.request('/openapi.json')).json()) as ApiDescription
  const client = await generateClient(t, description, { baseUrl: app.url, key: KEY })
  const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')
  const command = [tsc, ...TYPE_CHECK, 'client/index.ts']
  const checked = promisify(execFile)(process.execPath, command, { cwd: client.folder })
  const asker = new Asker(client, description)
  const steps = {
    operation,
    call,
    dialledAgain,
    lists,
    orders,
    access,
    webhooks,
    privacy,
    rehearsal,
    voximplant: (inner: Test) => useAccountsAndApplications(inner, asker, vendor),
    media: (inner: Test) => useMedia(inner, asker),
  }
  for (const [name, step] of Object.entries(steps)) await t.test(name, (t) => step(t, asker, app))
  await checked.catch((error: unknown) => t.fail('its types do not hold', { error }))
  t.same(asker.faults, [], 'every answer is as documented')
  const unused = readOperations(description)
    .map(({ id }) => id)
    .filter((id) => !asker.used.has(id) && !ELSEWHERE.has(id))
  t.same(unused, [], 'no operation is left out')
})
