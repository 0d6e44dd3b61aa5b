// A call that reached nobody is dialled again: once for each attempt, whatever is restarted, and never who declined.
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import {
  epochMs,
  termination,
  type CallId,
  type Termination,
} from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { idOfAttempt } from '../../../control-api/dialling/next-attempt.ts'
import { buildApp, eventually, freshDataDir, json, type BuiltApp } from '../../support/build-app.ts'

const NUMBER = '+4930123456'
const RETRY = { attempts: 2, after_seconds: 60, on: ['busy', 'no-answer', 'failed'] }
const BUSY = termination('client_error', 'busy', 'callee', 486)
type Body = Record<string, unknown>

const place = async (app: BuiltApp, body: Body = {}, headers: Record<string, string> = {}) => {
  const whole = { phone_number: NUMBER, retry: RETRY, ...body }
  const response = await app.request('/api/calls', json(whole, headers))
  const call = (await response.json()) as Body
  return { status: response.status, call, callId: call['call_id'] as CallId }
}

const view = async (app: BuiltApp, callId: CallId, headers: Record<string, string> = {}) =>
  (await (await app.request(`/api/calls/${callId}`, { headers })).json()) as Body

/** It ended so long ago that the next attempt is due after `inMs`. */
function end(app: BuiltApp, callId: CallId, ending: Termination = BUSY, inMs = 0): number {
  const at = app.clock.now() - RETRY.after_seconds * 1000 + inMs
  app.control.live.delete(callId)
  app.emit('call.ended', callId, { termination: ending }, epochMs(at))
  return at + RETRY.after_seconds * 1000
}

const dialled = (app: BuiltApp, count: number) =>
  eventually(`${count} dials`, async () => app.control.requests.length >= count)

/** What a thief of the disk would read. */
function kept(dataDir: string): { readonly requests: number; readonly jobs: number } {
  const database = new DatabaseSync(join(dataDir, 'voicegate.sqlite'), { readOnly: true })
  const count = (what: string): number =>
    Number(database.prepare(`select count(*) as n from ${what}`).get()?.['n'])
  const counts = {
    requests: count('call_requests'),
    jobs: count("jobs where kind = 'call.redial'"),
  }
  database.close()
  return counts
}

const nothingIsKept = (app: BuiltApp) =>
  eventually('nothing is kept', async () => {
    const { requests, jobs } = kept(app.dataDir)
    return requests === 0 && jobs === 0
  })

t.test('busy twice: two more attempts, each a call of its own, and then no more', async (t) => {
  const app = await buildApp(t)
  const { callId } = await place(app, { metadata: { order: 7 }, language: 'de' })
  const due = end(app, callId)
  await dialled(app, 2)
  const second = idOfAttempt(callId, 2, epochMs(due))
  t.match(app.control.requests[1], {
    callId: second,
    to: NUMBER,
    retry: { of: callId, attempt: 2 },
    placedBy: 'rehearsal',
    agent: { agentId: 'agent_default', language: 'de' },
  })
  await eventually('it is said', async () => (await view(app, callId))['next_attempt_at'] === null)
  t.match(await view(app, second), {
    attempt: 2,
    retry_of: callId,
    metadata: { order: 7 },
    agent: { agent_id: 'agent_default' },
  })
  const third = idOfAttempt(callId, 3, epochMs(end(app, second)))
  await dialled(app, 3)
  t.match(app.control.requests[2], { callId: third, retry: { of: callId, attempt: 3 } })
  end(app, third)
  await nothingIsKept(app)
  t.equal(app.control.requests.length, 3)
  t.match(await view(app, third), { attempt: 3, next_attempt_at: null, outcome: 'busy' })
})

t.test('a call says when it is tried again', async (t) => {
  const app = await buildApp(t)
  const { callId, call } = await place(app)
  t.match(call, { attempt: 1, retry_of: null, next_attempt_at: null })
  const due = end(app, callId, BUSY, 30_000)
  await eventually('it is written', async () => (await view(app, callId))['status'] === 'ended')
  t.equal((await view(app, callId))['next_attempt_at'], new Date(due).toISOString())
  t.same(kept(app.dataDir), { requests: 1, jobs: 1 })
})

t.test('whoever declined, was called off or does not exist is not rung again', async (t) => {
  const app = await buildApp(t)
  const endings: readonly Termination[] = [
    termination('client_error', 'declined', 'callee', 603),
    termination('client_error', 'canceled', 'api'),
    termination('client_error', 'rejected', 'carrier', 404),
  ]
  for (const ending of endings) {
    const { callId } = await place(app)
    end(app, callId, ending)
  }
  const { callId } = await place(app)
  app.emit('sip.failed', callId, { sipStatus: 480, q850Cause: 21 })
  end(app, callId, termination('client_error', 'no-answer', 'callee', 480))
  await nothingIsKept(app)
  t.equal(app.control.requests.length, 4)
})

t.test('a refused request leaves nothing that would dial', async (t) => {
  const app = await buildApp(t)
  app.control.failure = new AppError('CAPACITY_EXHAUSTED', 'full')
  t.equal((await place(app)).status, 503)
  t.same(kept(app.dataDir), { requests: 0, jobs: 0 })
  app.control.failure = undefined
  // Recorded, and then refused: the one who asked was told that there is no call.
  const originate = app.control.originate.bind(app.control)
  app.control.originate = async (request) => {
    const { callId } = await originate(request)
    end(app, callId, termination('server_error', 'sip-server-lost', 'gateway'))
    throw new AppError('SIP_UNAVAILABLE', 'it went away')
  }
  t.equal((await place(app)).status, 503)
  app.control.originate = originate
  await sleep(1500)
  t.equal(app.control.requests.length, 2)
  t.equal(kept(app.dataDir).requests, 0)
})

t.test('cancel-retry: before the end, and after it', async (t) => {
  const app = await buildApp(t)
  const cancel = (callId: CallId) =>
    app.request(`/api/calls/${callId}/cancel-retry`, { method: 'POST' })
  const early = await place(app)
  t.equal((await cancel(early.callId)).status, 200)
  end(app, early.callId)
  const late = await place(app)
  end(app, late.callId, BUSY, 2000)
  await eventually('it ended', async () => (await view(app, late.callId))['status'] === 'ended')
  const answer = await cancel(late.callId)
  t.match(await answer.json(), { call_id: late.callId, next_attempt_at: null })
  const again = await cancel(late.callId)
  t.equal(again.status, 409)
  t.match(await again.json(), { code: 'STATE_CONFLICT' })
  t.equal((await cancel((await place(app, { retry: undefined })).callId)).status, 409)
  t.equal((await cancel('call_x' as CallId)).status, 404)
  await nothingIsKept(app)
  t.equal(app.control.requests.length, 3)
})

t.test(
  'what stands in the way for a moment is waited for; what will not go away is not',
  async (t) => {
    const app = await buildApp(t)
    const { callId } = await place(app)
    app.control.failure = new AppError('AGENT_SLOTS_TAKEN', 'full', { retryAfterSeconds: 0.3 })
    end(app, callId)
    await dialled(app, 3)
    app.control.failure = undefined
    await dialled(app, 4)
    const ids = new Set(app.control.requests.slice(1).map((request) => request.callId))
    t.equal(ids.size, 1, 'one attempt, under one id')
    const second = [...ids][0] as CallId
    app.control.failure = new AppError('NUMBER_NOT_ALLOWED', 'not any more')
    end(app, second)
    await nothingIsKept(app)
    t.equal((await view(app, second))['next_attempt_at'], null)
    t.match(app.logged(), /a call is not dialled again/)
    t.notMatch(app.logged(), NUMBER.slice(1))
  },
)

t.test(
  'a key that is revoked or demoted dials no more; its budget holds for what it dials again',
  async (t) => {
    const apiKey = 'a-key-of-more-than-thirty-two-characters'
    const admin = { authorization: `Bearer ${apiKey}` }
    const app = await buildApp(t, { config: { requireKey: true, apiKey }, headers: admin })
    const keyWith = async (budget: Body | null) => {
      const made = await app.request(
        '/api/keys',
        json({ role: 'operator', name: 'k', budget }, admin),
      )
      const { key, key_id: id } = (await made.json()) as { key: string; key_id: string }
      return { id, headers: { authorization: `Bearer ${key}` } }
    }
    const revoked = await keyWith(null)
    const first = await place(app, {}, revoked.headers)
    t.equal(first.status, 202)
    await app.request(`/api/keys/${revoked.id}`, { method: 'DELETE', headers: admin })
    end(app, first.callId)
    await nothingIsKept(app)
    t.equal(app.control.requests.length, 1)

    const demoted = await keyWith(null)
    const other = await place(app, {}, demoted.headers)
    const viewer = { ...json({ role: 'viewer' }, admin), method: 'PATCH' }
    t.equal((await app.request(`/api/keys/${demoted.id}`, viewer)).status, 200)
    end(app, other.callId)
    await nothingIsKept(app)
    t.equal(app.control.requests.length, 2, 'nor does one that may only look now')

    const poor = await keyWith({ calls_per_day: 2 })
    const paid = await place(app, {}, poor.headers)
    const due = end(app, paid.callId)
    await dialled(app, 4)
    t.equal(app.control.requests[3]?.placedBy, poor.id)
    const spent = await place(app, {}, poor.headers)
    t.equal(spent.status, 429)
    t.match(spent.call, { code: 'DIAL_BUDGET_SPENT' })
    end(app, idOfAttempt(paid.callId, 2, epochMs(due)))
    await nothingIsKept(app)
    t.equal(app.control.requests.length, 4, 'nobody is rung at midnight')
  },
)

const restart = async (t: Test, before: BuiltApp) => {
  await before.close()
  return buildApp(t, { dataDir: before.dataDir })
}

t.test('due while nobody was there: dialled by the next start, once', async (t) => {
  const before = await buildApp(t, { dataDir: await freshDataDir(t) })
  const { callId } = await place(before)
  const due = end(before, callId, BUSY, 600)
  await eventually('it ended', async () => (await view(before, callId))['status'] === 'ended')
  const after = await restart(t, before)
  await dialled(after, 1)
  t.equal(after.control.requests[0]?.callId, idOfAttempt(callId, 2, epochMs(due)))
  const last = await restart(t, after)
  await sleep(1200)
  t.equal(last.control.requests.length, 0)
})

t.test('a crash that cut the call off: its next attempt is due all the same', async (t) => {
  const before = await buildApp(t, { dataDir: await freshDataDir(t) })
  const { callId } = await place(before)
  const after = await restart(t, before)
  const call = await view(after, callId)
  t.match(call, { status: 'ended', termination: { reason: 'gateway-crashed' } })
  t.match(call['next_attempt_at'], /Z$/)
})

t.test('an hour too late is too late: nobody is rung in the night', async (t) => {
  const app = await buildApp(t)
  const { callId } = await place(app)
  end(app, callId, BUSY, -3_700_000)
  await nothingIsKept(app)
  t.equal(app.control.requests.length, 1)
})

t.test('policies that are none are refused by field', async (t) => {
  const app = await buildApp(t)
  const bad: readonly (readonly [Body, string])[] = [
    [{ ...RETRY, attempts: 0 }, 'retry.attempts'],
    [{ ...RETRY, attempts: 6 }, 'retry.attempts'],
    [{ ...RETRY, after_seconds: 59 }, 'retry.after_seconds'],
    [{ ...RETRY, after_seconds: 86_401 }, 'retry.after_seconds'],
    [{ ...RETRY, on: [] }, 'retry.on'],
    [{ ...RETRY, on: ['declined'] }, 'retry.on'],
    [{ ...RETRY, on: ['busy', 'busy'] }, 'retry.on'],
    [{ attempts: 1, on: ['busy'] }, 'retry.after_seconds'],
    [{ ...RETRY, until: 'never' }, 'retry.until'],
  ]
  for (const [retry, field] of bad) {
    const { status, call } = await place(app, { retry })
    t.equal(status, 400)
    const [error] = (call['errors'] ?? []) as { field: string }[]
    t.ok(error?.field.startsWith(field), `${field}: ${error?.field ?? 'none'}`)
  }
  const secret = await place(app, { dynamic_variables: { secret__token: 'x' } })
  t.match(secret.call, { code: 'REQUEST_INVALID', errors: [{ field: 'retry' }] })
  t.equal(app.control.requests.length, 0)
})
