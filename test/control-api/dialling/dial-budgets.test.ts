// What a key may make ring: calls a second and a day, prefixes, trunks; for calls and for transfers.
import t, { type Test } from 'tap'
import { epochMs } from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { openDatabase } from '../../../control-api/db/database.ts'
import { DialBudgets } from '../../../control-api/dialling/dial-budgets.ts'
import { buildApp, freshDataDir, json } from '../../support/build-app.ts'

const NUMBER = '+4930123456'
const NOON = Date.parse('2026-11-21T12:00:00Z')
const API_KEY = 'a-key-of-more-than-thirty-two-characters'
const ADMIN = { authorization: `Bearer ${API_KEY}` }
type Body = Record<string, unknown>

async function budgetsAt(t: Test, start = NOON) {
  const database = await openDatabase(createLogger('silent'), { dataDir: await freshDataDir(t) })
  t.teardown(() => database.close())
  const time = { now: start }
  const clock = { now: () => epochMs(time.now), anchor: undefined } as never
  const fresh = () => new DialBudgets(database, clock)
  return { time, budgets: fresh(), fresh, database }
}

t.test('so many a day, however many ask at once, whatever is restarted', async (t) => {
  const { budgets, fresh, time, database } = await budgetsAt(t)
  const by = { keyId: 'k', budget: { callsPerDay: 10 } }
  const asked = await Promise.allSettled(
    Array.from({ length: 50 }, () => budgets.reserve(by, { to: NUMBER })),
  )
  const got = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  t.equal(got.length, 10)
  await t.rejects(fresh().reserve(by, { to: NUMBER }), {
    code: 'DIAL_BUDGET_SPENT',
    message: /as many calls as it may in a day/,
    retryAfterSeconds: 12 * 3600,
  })
  await fresh().reserve({ ...by, keyId: 'other' }, { to: NUMBER })
  await got[0]?.giveBack()
  const last = await fresh().reserve(by, { to: NUMBER })
  await t.rejects(budgets.reserve(by, { to: NUMBER }), { code: 'DIAL_BUDGET_SPENT' })
  time.now += 12 * 3600_000
  await budgets.reserve(by, { to: NUMBER })
  await last.giveBack()
  const rows = await database.query.selectFrom('dial_usage').selectAll().orderBy('day').execute()
  t.same(
    rows.filter(({ key_id }) => key_id === 'k').map(({ day, calls }) => [day, calls]),
    [['2026-11-22', 1]],
    'yesterday is forgotten, and gives nothing back today',
  )
})

t.test('so many a second', async (t) => {
  const { budgets, time } = await budgetsAt(t)
  const by = { keyId: 'k', budget: { callsPerSecond: 2 } }
  const reserve = () => budgets.reserve(by, { to: NUMBER })
  await reserve()
  await reserve()
  const message = /as many calls as it may in a second/
  await t.rejects(reserve(), { code: 'DIAL_BUDGET_SPENT', message, retryAfterSeconds: 1 })
  await budgets.reserve({ ...by, keyId: 'other' }, { to: NUMBER })
  time.now += 500
  await reserve()
  await t.rejects(reserve(), { code: 'DIAL_BUDGET_SPENT' })
  const slow = { keyId: 'slow', budget: { callsPerSecond: 0.1 } }
  await budgets.reserve(slow, { to: NUMBER })
  await t.rejects(budgets.reserve(slow, { to: NUMBER }), {
    code: 'DIAL_BUDGET_SPENT',
    retryAfterSeconds: 10,
  })
})

t.test('numbers and trunks', async (t) => {
  const { budgets } = await budgetsAt(t)
  const by = { keyId: 'k', budget: { prefixes: ['+49', '+4420'], trunks: ['one'], callsPerDay: 3 } }
  const refused = { code: 'DIAL_NOT_ALLOWED' }
  await budgets.reserve(by, { to: NUMBER })
  await budgets.reserve(by, { to: '+442071234567', trunk: 'one' })
  await t.rejects(budgets.reserve(by, { to: '+441611234567' }), refused)
  await t.rejects(budgets.reserve(by, { to: NUMBER, trunk: 'two' }), refused)
  await budgets.reserve(by, { to: NUMBER })
  await t.rejects(
    budgets.reserve(by, { to: NUMBER }),
    { code: 'DIAL_BUDGET_SPENT' },
    'those cost nothing',
  )
  const none = { keyId: 'none', budget: { prefixes: [] } }
  await t.rejects(budgets.reserve(none, { to: NUMBER }), refused)
})

async function keyWith(t: Test, budget: Body) {
  const app = await buildApp(t, { config: { requireKey: true, apiKey: API_KEY }, headers: ADMIN })
  const made = await app.request('/api/keys', json({ role: 'operator', budget }, ADMIN))
  t.equal(made.status, 201)
  const { key, key_id: id } = (await made.json()) as { key: string; key_id: string }
  const post = async (path: string, body: Body) => {
    const response = await app.request(path, json(body, { authorization: `Bearer ${key}` }))
    const { status, headers } = response
    return { status, retryAfter: headers.get('retry-after'), body: (await response.json()) as Body }
  }
  return {
    app,
    post,
    id,
    call: (body: Body = {}) => post('/api/calls', { phone_number: NUMBER, ...body }),
  }
}

t.test(
  'over HTTP: 403 and 429, by key; the gateway hears which trunks and whose call',
  async (t) => {
    const { app, call, id } = await keyWith(t, {
      calls_per_day: 2,
      prefixes: ['+49'],
      trunks: ['rehearsal'],
    })
    t.match(await call({ phone_number: '+442071234567' }), {
      status: 403,
      body: { code: 'DIAL_NOT_ALLOWED' },
    })
    t.match(await call({ trunk: 'exolve' }), { status: 403, body: { code: 'DIAL_NOT_ALLOWED' } })
    t.equal(app.control.requests.length, 0)
    t.equal((await call()).status, 202)
    t.match(app.control.requests[0], { placedBy: id, allowedTrunks: ['rehearsal'] })
    app.control.failure = new AppError('CAPACITY_EXHAUSTED', 'full')
    t.equal((await call()).status, 503, 'nothing was dialled, and nothing is counted')
    app.control.failure = undefined
    t.equal((await call()).status, 202)
    const spent = await call()
    t.match(spent, { status: 429, body: { code: 'DIAL_BUDGET_SPENT' } })
    t.ok(Number(spent.retryAfter) > 0)
    const free = await app.request('/api/calls', json({ phone_number: NUMBER }, ADMIN))
    t.equal(free.status, 202, 'the budget of one key is no other’s')
  },
)

t.test('a transfer lets a phone ring too', async (t) => {
  const { app, post, id } = await keyWith(t, {
    calls_per_day: 1,
    prefixes: ['+49'],
    trunks: ['rehearsal'],
  })
  const { callId } = await app.control.begin()
  const transfer = (to: string) => post(`/api/calls/${callId}/transfer`, { to })
  t.match(await transfer('+442071234567'), { status: 403, body: { code: 'DIAL_NOT_ALLOWED' } })
  t.equal(app.control.transfers.length, 0)
  app.control.transferRefusal = 'not-answered'
  t.equal((await transfer(NUMBER)).status, 409)
  app.control.transferRefusal = new AppError('NO_TRUNK', 'none')
  t.equal((await transfer(NUMBER)).status, 503)
  app.control.transferRefusal = undefined
  t.equal((await transfer(NUMBER)).status, 202, 'what did not ring was not counted')
  t.match(app.control.transfers.at(-1), {
    request: { to: NUMBER, by: 'api', allowedTrunks: ['rehearsal'] },
  })
  t.match(await transfer(NUMBER), { status: 429, body: { code: 'DIAL_BUDGET_SPENT' } })
  const log = await app.request('/api/audit', { headers: ADMIN })
  t.match(
    await log.text(),
    new RegExp(`call.transfer_requested.*${id}|${id}.*call.transfer_requested`),
  )
})
