// Webhooks through the whole control API: endpoints, what they are sent, signatures as the public library checks them.
import t, { type Test } from 'tap'
import { Webhook } from 'standardwebhooks'
import { buildApp, json, type BuiltApp, type BuildOptions } from '../../support/build-app.ts'
import { eventually } from '../../support/process.ts'
import { WebhookReceiver, type Received } from '../../support/webhook-receiver.ts'

interface Endpoint {
  readonly endpoint_id: string
  readonly secret: string
  readonly state: string
}

interface Delivery {
  readonly delivery_id: string
  readonly event_id: string
  readonly type: string
  readonly state: string
  readonly attempts: number
  readonly last_error: string | null
  readonly last_status: number | null
}

const call = async <T>(app: BuiltApp, path: string, init?: RequestInit): Promise<T> => {
  const response = await app.request(path, init)
  const body: unknown = response.status === 204 ? undefined : await response.json()
  if (!response.ok) throw Object.assign(new Error(JSON.stringify(body)), body)
  return body as T
}

const patch = (body: unknown): RequestInit => ({ ...json(body), method: 'PATCH' })

const add = (app: BuiltApp, url: string, types: readonly string[] = ['*']): Promise<Endpoint> =>
  call<Endpoint>(app, '/api/webhooks', json({ url, types }))

const deliveries = async (app: BuiltApp, id: string, query = ''): Promise<readonly Delivery[]> =>
  (await call<{ items: Delivery[] }>(app, `/api/webhooks/${id}/deliveries${query}`)).items

async function build(t: Test, options: BuildOptions = {}) {
  const app = await buildApp(t, options)
  const receiver = await WebhookReceiver.listen(t)
  return { app, receiver }
}

const verify = ({ text, headers }: Received, secret: string): unknown =>
  new Webhook(secret).verify(text, headers)

t.test('who is told of a call gets its events in order, signed, with the call', async (t) => {
  const { app, receiver } = await build(t)
  const endpoint = await add(app, receiver.url('/hook?token=s3cret'))
  t.match(endpoint, { state: 'enabled', types: ['*'], secret: /^whsec_[A-Za-z0-9+/]{43}=$/ })
  const { callId } = await app.control.begin({ from: '+4930555777' })
  app.emit('call.reviewed', callId, { status: 'problem', note: null })
  const received = await receiver.until(2)
  t.same(receiver.types(), ['call.created', 'call.reviewed'])
  for (const request of received) {
    t.same(verify(request, endpoint.secret), request.body)
    t.match(request, {
      path: '/hook?token=s3cret',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'voicegate/0.0.0-test',
        'webhook-id': request.body.id,
      },
      body: { call_id: callId, data: { call: { call_id: callId, from: '+4930555777' } } },
    })
    t.throws(() => verify({ ...request, text: `${request.text} ` }, endpoint.secret))
    t.throws(() => verify(request, `whsec_${Buffer.alloc(32).toString('base64')}`))
  }
  const [first, second] = received
  t.ok(Number(first?.body.id) < Number(second?.body.id), 'ids grow')
  await eventually(
    'both to be delivered',
    5000,
    async () => (await deliveries(app, endpoint.endpoint_id, '?state=delivered')).length === 2,
  )
  t.notMatch(app.logged(), /s3cret|555777|whsec_/, 'nothing of it is logged')
  const { body } = await app.metrics.render()
  t.match(body, 'voicegate_webhook_deliveries_total{result="delivered"} 2')
})

t.test('types choose; what happened before the endpoint is not told', async (t) => {
  const { app, receiver } = await build(t)
  const { callId } = await app.control.begin()
  await add(app, receiver.url(), ['call.reviewed'])
  app.emit('call.reviewed', callId, { status: 'problem', note: null })
  await app.control.begin()
  app.emit('call.reviewed', callId, { status: 'completed', note: null })
  await receiver.until(2)
  t.same(receiver.types(), ['call.reviewed', 'call.reviewed'])
})

t.test('a secret is shown once; a new one signs beside the old one', async (t) => {
  const { app, receiver } = await build(t)
  const endpoint = await add(app, receiver.url())
  const path = `/api/webhooks/${endpoint.endpoint_id}`
  const shown = JSON.stringify([await call(app, path), await call(app, '/api/webhooks')])
  t.notMatch(shown, /whsec_|"secret"/)
  const rotated = await call<{ secret: string; former_secret_until: string }>(
    app,
    `${path}/rotate-secret`,
    { method: 'POST' },
  )
  t.not(rotated.secret, endpoint.secret)
  t.ok(Math.abs(Date.parse(rotated.former_secret_until) - Date.now() - 86_400_000) < 10_000)
  await app.control.begin()
  const [request] = await receiver.until(1)
  if (!request) return t.fail('nothing came')
  t.equal(request.headers['webhook-signature']?.split(' ').length, 2)
  verify(request, endpoint.secret)
  verify(request, rotated.secret)
  return t.match(await call(app, path), { former_secret_until: rotated.former_secret_until })
})

t.test('a test is sent at once, to its endpoint alone, and tried once', async (t) => {
  const { app, receiver } = await build(t)
  const other = await WebhookReceiver.listen(t)
  await add(app, other.url())
  const { endpoint_id: id } = await add(app, receiver.url(), ['job.done'])
  receiver.answer = () => 500
  const sent = await call<Delivery>(app, `/api/webhooks/${id}/test`, { method: 'POST' })
  const [request] = await receiver.until(1)
  t.match(request?.body, { type: 'webhook.test', call_id: null, data: { endpoint_id: id } })
  await eventually('it to be given up', 5000, async () => {
    const [delivery] = await deliveries(app, id)
    return delivery?.state === 'dead'
  })
  t.match(await deliveries(app, id), [
    { delivery_id: sent.delivery_id, attempts: 1, last_status: 500, last_error: 'answered 500' },
  ])
  t.match(await call(app, `/api/webhooks/${id}`), { failures: 0, dead: 1, waiting: 0 })
  t.equal(other.received.length, 0)
  receiver.answer = () => 204
  const replay = json({ state: 'dead' })
  t.same(await call(app, `/api/webhooks/${id}/replay`, replay), { replayed: 1 })
  await receiver.until(2)
  t.equal(receiver.ids()[0], receiver.ids()[1])
})

t.test('replayed: one delivery, or every event since a time, under the same ids', async (t) => {
  const { app, receiver } = await build(t)
  const before = new Date(Date.now() - 1).toISOString()
  const { endpoint_id: id } = await add(app, receiver.url())
  for (let count = 0; count < 3; count += 1) await app.control.begin()
  await receiver.until(3)
  await eventually(
    'them to be delivered',
    5000,
    async () => (await deliveries(app, id, '?state=delivered')).length === 3,
  )
  const replay = (body: unknown) => call(app, `/api/webhooks/${id}/replay`, json(body))
  t.same(await replay({ from_date: before }), { replayed: null })
  const all = await receiver.until(6)
  t.same(new Set(all.slice(3).map(({ body }) => body.id)), new Set(receiver.ids().slice(0, 3)))
  t.equal((await deliveries(app, id)).length, 3, 'no second row')
  const [newest] = await deliveries(app, id)
  t.same(await replay({ delivery_id: newest?.delivery_id }), { replayed: 1 })
  await receiver.until(7)
  t.equal(receiver.ids()[6], newest?.event_id)
  const refused = [{}, { state: 'dead', from_date: before }, { state: 'waiting' }]
  for (const body of refused) t.rejects(replay(body), { code: 'REQUEST_INVALID' })
  t.rejects(replay({ from_date: '2999-01-01T00:00:00Z' }), { code: 'REQUEST_INVALID' })
  t.rejects(replay({ delivery_id: 'whd_0' }), { code: 'NOT_FOUND' })
})

t.test('deliveries are listed by pages, newest event first', async (t) => {
  const { app, receiver } = await build(t)
  const { endpoint_id: id } = await add(app, receiver.url())
  for (let count = 0; count < 5; count += 1) await app.control.begin()
  await receiver.until(5)
  const seen: string[] = []
  let cursor = ''
  do {
    const query = `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`
    const page = await call<{ items: Delivery[]; next_cursor: string | null }>(
      app,
      `/api/webhooks/${id}/deliveries${query}`,
    )
    t.ok(page.items.length <= 2)
    seen.push(...page.items.map(({ event_id: event }) => event))
    cursor = page.next_cursor ?? ''
  } while (cursor !== '')
  t.equal(seen.length, 5)
  t.same(
    seen,
    [...seen].sort((one, other) => Number(other) - Number(one)),
  )
})

t.test('disabled it is not told; enabled again it is told of what comes then', async (t) => {
  const { app, receiver } = await build(t)
  const { endpoint_id: id } = await add(app, receiver.url())
  const path = `/api/webhooks/${id}`
  t.match(await call(app, path, patch({ state: 'disabled' })), { state: 'disabled' })
  t.rejects(call(app, `${path}/test`, { method: 'POST' }), { code: 'STATE_CONFLICT' })
  await app.control.begin()
  t.match(await call(app, path, patch({ state: 'enabled', description: 'CRM' })), {
    state: 'enabled',
    description: 'CRM',
  })
  const { callId } = await app.control.begin()
  await receiver.until(1)
  t.equal(receiver.received[0]?.body.call_id, callId)
  t.equal((await app.request(path, { method: 'DELETE' })).status, 204)
  t.rejects(call(app, path), { code: 'NOT_FOUND' })
  t.rejects(call(app, `${path}/deliveries`), { code: 'NOT_FOUND' })
  await app.control.begin()
  t.equal(receiver.received.length, 1)
})

t.test('an endpoint inside our network is refused, and so is what is no endpoint', async (t) => {
  const { app } = await build(t, { config: { webhookAllowHosts: ['10.0.0.7:8080'] } })
  const refused = ['http://10.0.0.8/', 'https://169.254.169.254/', 'http://10.0.0.7/', 'x']
  for (const url of refused) t.rejects(add(app, url), { code: 'ENDPOINT_REFUSED' }, url)
  const { endpoint_id: id } = await add(app, 'http://10.0.0.7:8080/')
  const path = `/api/webhooks/${id}`
  const toInside = patch({ url: 'https://[::ffff:10.0.0.1]/?t=1' })
  await t.rejects(call(app, path, toInside), {
    code: 'ENDPOINT_REFUSED',
    errors: [{ field: 'url' }],
  })
  for (const body of [
    {},
    { types: [] },
    { types: ['x'] },
    { types: ['webhook.test'] },
    { state: 'failing' },
    { secret: 'x' },
  ])
    await t.rejects(call(app, path, patch(body)), { code: 'REQUEST_INVALID' }, JSON.stringify(body))
  await t.rejects(call(app, path, patch({ types: ['*', 'x'] })), { errors: [{ field: 'types.1' }] })
  t.match(await call(app, path), { url: 'http://10.0.0.7:8080/' })
})

t.test('there are fifty at most', async (t) => {
  const { app, receiver } = await build(t)
  const added = Array.from({ length: 50 }, () => add(app, receiver.url(), ['job.done']))
  await Promise.all(added)
  await t.rejects(add(app, receiver.url()), { code: 'STATE_CONFLICT' })
})

t.test('every change is in the audit log, without addresses and secrets', async (t) => {
  const { app, receiver } = await build(t)
  const { endpoint_id: id } = await add(app, receiver.url('/?token=s3cret'))
  const path = `/api/webhooks/${id}`
  await call(app, path, patch({ url: receiver.url('/?token=0ther') }))
  await call(app, `${path}/rotate-secret`, { method: 'POST' })
  await call(app, `${path}/test`, { method: 'POST' })
  await call(app, `${path}/replay`, json({ state: 'dead' }))
  await call(app, '/api/secrets/rotate', { method: 'POST' })
  await app.request(path, { method: 'DELETE' })
  const { items } = await call<{ items: { action: string; target: string }[] }>(app, '/api/audit')
  t.same(items.map(({ action }) => action).reverse(), [
    'webhook.created',
    'webhook.changed',
    'webhook.secret_rotated',
    'webhook.tested',
    'webhook.replayed',
    'secrets.rotated',
    'webhook.deleted',
  ])
  t.notMatch(JSON.stringify(items), /token|s3cret|0ther|whsec_|127\.0\.0\.1/)
})

t.test('secrets: what is kept, by which key, and their rotation', async (t) => {
  const { app, receiver } = await build(t)
  await add(app, receiver.url())
  t.match(await call(app, '/api/secrets'), {
    active_key_id: 'rehearsal',
    secrets: 1,
    by_key: [{ key_id: 'rehearsal', secrets: 1 }],
    unopened: [],
  })
})
