import t from 'tap'
import { AppError } from '../../core/errors/index.ts'
import { buildApp, eventually, freshDataDir, json } from '../support/build-app.ts'

const NUMBER = '+4930123456'
const withKey = (body: unknown, key = 'order-7') => json(body, { 'idempotency-key': key })

t.test('the same key and body give the same answer and one call', async (t) => {
  const app = await buildApp(t)
  const first = await app.request('/api/calls', withKey({ phone_number: NUMBER, language: 'de' }))
  const second = await app.request('/api/calls', withKey({ language: 'de', phone_number: NUMBER }))
  t.equal(first.headers.get('idempotent-replayed'), null)
  t.equal(second.headers.get('idempotent-replayed'), 'true')
  t.equal(second.status, 202)
  t.equal(await second.text(), await first.text())
  t.equal(app.control.requests.length, 1)
  await app.request('/api/calls', withKey({ phone_number: NUMBER }, 'order-8'))
  t.equal(app.control.requests.length, 2, 'another key, another call')
})

t.test('another body under the same key is refused', async (t) => {
  const app = await buildApp(t)
  await app.request('/api/calls', withKey({ phone_number: NUMBER }))
  const other = await app.request('/api/calls', withKey({ phone_number: '+4930123457' }))
  t.equal(other.status, 422)
  t.match(await other.json(), { code: 'IDEMPOTENCY_MISMATCH' })
  t.equal(app.control.requests.length, 1)
})

t.test('while the first runs, the second is told to wait', async (t) => {
  const app = await buildApp(t)
  const gate = Promise.withResolvers<unknown>()
  app.control.hold = gate.promise
  const first = app.request('/api/calls', withKey({ phone_number: NUMBER }))
  await eventually('the gateway is asked', async () => app.control.requests.length === 1)
  const second = await app.request('/api/calls', withKey({ phone_number: NUMBER }))
  t.equal(second.status, 409)
  t.match(await second.json(), { code: 'CONFLICT' })
  gate.resolve(undefined)
  t.equal((await first).status, 202)
})

t.test('fifty at once place one call, by either address', async (t) => {
  const app = await buildApp(t)
  const gate = Promise.withResolvers<unknown>()
  app.control.hold = gate.promise
  const all = Array.from({ length: 50 }, (_, index) => {
    const path = index % 2 === 0 ? '/api/calls' : '/api/calls/start'
    return app.request(path, withKey({ phone_number: NUMBER }))
  })
  await Promise.race(all)
  gate.resolve(undefined)
  const answers = await Promise.all(all)
  t.equal(app.control.requests.length, 1)
  t.ok(answers.every(({ status }) => status === 202 || status === 409))
  const first = answers.filter(
    ({ status, headers }) => status === 202 && headers.get('idempotent-replayed') === null,
  )
  t.equal(first.length, 1)
  const later = await Promise.all(
    Array.from({ length: 50 }, () => app.request('/api/calls', withKey({ phone_number: NUMBER }))),
  )
  t.ok(
    later.every(({ status }) => status === 202),
    'afterwards each is told the same',
  )
  t.equal(new Set(await Promise.all(later.map((one) => one.text()))).size, 1)
  t.equal(app.control.requests.length, 1)
  const { items } = (await (await app.request('/api/calls')).json()) as { items: unknown[] }
  t.equal(items.length, 1)
})

t.test('a key is its sender’s own, and of one route', async (t) => {
  const apiKey = 'a-key-of-more-than-thirty-two-characters'
  const app = await buildApp(t, { config: { requireKey: true, apiKey } })
  const send = (key: string, path = '/api/calls', body: unknown = { phone_number: NUMBER }) =>
    app.request(path, json(body, { authorization: `Bearer ${key}`, 'idempotency-key': 'k' }))
  t.equal((await send(apiKey)).status, 202)
  const made = await app.request(
    '/api/keys',
    json({ role: 'operator', name: 'other' }, { authorization: `Bearer ${apiKey}` }),
  )
  const { key } = (await made.json()) as { key: string }
  const other = await send(key)
  t.equal(other.status, 202)
  t.equal(other.headers.get('idempotent-replayed'), null)
  t.equal(app.control.requests.length, 2, 'another sender, another call')
  const { callId } = await app.control.begin()
  const transfer = await send(key, `/api/calls/${callId}/transfer`, { to: NUMBER })
  t.equal(transfer.status, 202, 'another route, another request')
  t.equal(app.control.transfers.length, 1)
})

t.test('the structured form and the bare one are one key', async (t) => {
  const app = await buildApp(t)
  const first = await app.request('/api/calls', withKey({ phone_number: NUMBER }, '"order-7"'))
  const bare = await app.request('/api/calls', withKey({ phone_number: NUMBER }, 'order-7'))
  t.equal(await bare.text(), await first.text())
  const quoted = withKey({ phone_number: NUMBER }, '"two words, \\"quoted\\" \\\\"')
  t.equal((await app.request('/api/calls', quoted)).status, 202)
  t.equal(app.control.requests.length, 2)
})

t.test('a refused request frees its key; after a defect the call is placed once', async (t) => {
  const app = await buildApp(t)
  app.control.failure = new AppError('CAPACITY_EXHAUSTED', 'full')
  t.equal((await app.request('/api/calls', withKey({ phone_number: NUMBER }))).status, 503)
  app.control.failure = undefined
  t.equal((await app.request('/api/calls', withKey({ phone_number: NUMBER }))).status, 202)
  app.control.failure = new TypeError('boom')
  t.equal((await app.request('/api/calls', withKey({ phone_number: NUMBER }, 'k2'))).status, 500)
  app.control.failure = undefined
  const repeat = await app.request('/api/calls', withKey({ phone_number: NUMBER }, 'k2'))
  t.equal(repeat.status, 202)
  const [, , failed, again] = app.control.requests
  t.equal(again?.callId, failed?.callId, 'under the id that was decided first')
  t.match(await repeat.json(), { call_id: failed?.callId ?? '' })
  t.equal(app.control.requests.length, 4)
})

t.test('a repeat finds the call that the first request placed before it broke off', async (t) => {
  const app = await buildApp(t)
  const originate = app.control.originate.bind(app.control)
  app.control.originate = async (request) => {
    await originate(request)
    throw new TypeError('boom')
  }
  t.equal((await app.request('/api/calls', withKey({ phone_number: NUMBER }))).status, 500)
  const repeat = await app.request('/api/calls', withKey({ phone_number: NUMBER }))
  t.equal(repeat.status, 202)
  t.match(await repeat.json(), { call_id: app.control.requests[0]?.callId ?? '' })
  t.equal(app.control.requests.length, 1)
})

t.test('while the first is still at it, a repeat waits', async (t) => {
  const app = await buildApp(t)
  app.control.failure = new AppError('TIMED_OUT', 'the gateway did not answer')
  t.equal((await app.request('/api/calls', withKey({ phone_number: NUMBER }))).status, 504)
  app.control.failure = new AppError('STATE_CONFLICT', 'a call of this id is live')
  for (const time of ['first', 'second']) {
    const repeat = await app.request('/api/calls', withKey({ phone_number: NUMBER }))
    t.equal(repeat.status, 409, time)
    t.match(await repeat.json(), { code: 'CONFLICT' })
  }
  app.control.failure = undefined
  t.equal((await app.request('/api/calls', withKey({ phone_number: NUMBER }))).status, 202)
  t.equal(new Set(app.control.requests.map(({ callId }) => callId)).size, 1)
})

t.test('answers outlive a restart; an interrupted request is carried on', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await buildApp(t, { dataDir })
  const first = await before.request('/api/calls', withKey({ phone_number: NUMBER }))
  const gate = Promise.withResolvers<unknown>()
  before.control.hold = gate.promise
  const cut = t.rejects(
    before.request('/api/calls', withKey({ phone_number: NUMBER }, 'interrupted')),
    'its connection is cut when the process stops',
  )
  await eventually('the gateway is asked', async () => before.control.requests.length === 2)
  await before.close()
  await cut
  gate.reject(new AppError('DRAINING', 'too late for anybody'))
  const after = await buildApp(t, { dataDir })
  const replay = await after.request('/api/calls', withKey({ phone_number: NUMBER }))
  t.equal(await replay.text(), await first.text())
  const again = await after.request('/api/calls', withKey({ phone_number: NUMBER }, 'interrupted'))
  t.equal(again.status, 202)
  const [first1, interrupted] = before.control.requests
  t.not(first1?.callId, interrupted?.callId)
  t.same(
    after.control.requests.map(({ callId }) => callId),
    [interrupted?.callId],
    'placed under the id that was decided before the restart',
  )
})

t.test('a key has 1 to 255 visible characters', async (t) => {
  const app = await buildApp(t)
  for (const key of ['x'.repeat(256), 'two words', '', '""', '"a', '"a"b', '"a\\b"', '"a", "b"']) {
    const response = await app.request('/api/calls', withKey({ phone_number: NUMBER }, key))
    t.match(await response.json(), { status: 400, errors: [{ field: 'Idempotency-Key' }] })
  }
  const longest = withKey({ phone_number: NUMBER }, 'x'.repeat(255))
  t.equal((await app.request('/api/calls', longest)).status, 202)
})
