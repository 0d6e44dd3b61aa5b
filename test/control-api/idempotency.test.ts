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

t.test('ten at once place one call', async (t) => {
  const app = await buildApp(t)
  const all = await Promise.all(
    Array.from({ length: 10 }, () => app.request('/api/calls', withKey({ phone_number: NUMBER }))),
  )
  t.equal(app.control.requests.length, 1)
  t.ok(all.every(({ status }) => status === 202 || status === 409))
})

t.test('a refused request frees its key; a defect does not', async (t) => {
  const app = await buildApp(t)
  app.control.failure = new AppError('CAPACITY_EXHAUSTED', 'full')
  t.equal((await app.request('/api/calls', withKey({ phone_number: NUMBER }))).status, 503)
  app.control.failure = undefined
  t.equal((await app.request('/api/calls', withKey({ phone_number: NUMBER }))).status, 202)
  app.control.failure = new TypeError('boom')
  t.equal((await app.request('/api/calls', withKey({ phone_number: NUMBER }, 'k2'))).status, 500)
  app.control.failure = undefined
  const repeat = await app.request('/api/calls', withKey({ phone_number: NUMBER }, 'k2'))
  t.match(await repeat.json(), { code: 'INTERNAL', what_to_do: /GET \/api\/calls/ })
  t.equal(repeat.headers.get('idempotent-replayed'), 'true')
  t.equal(app.control.requests.length, 3, 'it is not run again')
})

t.test('answers outlive a restart; an interrupted request is not run again', async (t) => {
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
  t.equal(again.status, 500)
  t.match(again.headers.get('content-type'), /problem\+json/)
  t.equal(after.control.requests.length, 0)
})

t.test('a key has 1 to 255 visible characters', async (t) => {
  const app = await buildApp(t)
  for (const key of ['x'.repeat(256), 'two words', '']) {
    const response = await app.request('/api/calls', withKey({ phone_number: NUMBER }, key))
    t.match(await response.json(), { status: 400, errors: [{ field: 'Idempotency-Key' }] })
  }
  const longest = withKey({ phone_number: NUMBER }, 'x'.repeat(255))
  t.equal((await app.request('/api/calls', longest)).status, 202)
})
