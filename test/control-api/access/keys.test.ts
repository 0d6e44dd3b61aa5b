import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openAuditLog } from '../../../control-api/access/audit-log.ts'
import { openDatabase } from '../../../control-api/db/database.ts'
import { hashOf } from '../../../control-api/access/api-key.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { buildApp, freshDataDir, type BuiltApp } from '../../support/build-app.ts'

const API_KEY = 'k'.repeat(32)
const KEY_FORM = /^vg_([a-z]{12})_([\w-]{43})$/

interface Key {
  readonly key_id: string
  readonly key: string
  readonly role: string
  readonly state: string
  readonly last_used_at: string | null
}
interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** Asks as whoever has the key. */
function asks(app: BuiltApp, key: string) {
  return async (method: string, path: string, body?: object): Promise<Answer> => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    }
    const sent = body ? { body: JSON.stringify(body) } : {}
    const response = await app.request(path, { method, headers, ...sent })
    const text = await response.text()
    const parsed = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>
    return { status: response.status, body: parsed }
  }
}

async function withApiKey(t: Test) {
  const app = await buildApp(t, { config: { requireKey: true, apiKey: API_KEY, rehearsal: false } })
  const admin = asks(app, API_KEY)
  const make = async (body: object): Promise<Key> => {
    const made = await admin('POST', '/api/keys', body)
    t.equal(made.status, 201)
    return made.body as unknown as Key
  }
  return { app, admin, make }
}

t.test('a key is shown once, stored hashed, and does what its role may', async (t) => {
  const { app, admin, make } = await withApiKey(t)
  const budget = { calls_per_second: 0.5, calls_per_day: 10, prefixes: ['+49'], trunks: ['exolve'] }
  const made = await make({ role: 'operator', name: 'shop', budget })
  const [, id, secret] = KEY_FORM.exec(made.key) ?? []
  t.equal(id, made.key_id)
  t.equal(Buffer.from(secret ?? '', 'base64url').length, 32, '256 bits')
  t.match(made, { role: 'operator', name: 'shop', state: 'active', budget, last_used_at: null })
  const list = await admin('GET', '/api/keys')
  const one = await admin('GET', `/api/keys/${made.key_id}`)
  t.notMatch(JSON.stringify([list, one]), secret ?? 'none', 'never again')
  t.match(one.body, { key_id: made.key_id, budget, expires_at: null, revoked_at: null })
  t.match((list.body as { items: Key[] }).items, [{ key_id: made.key_id }])
  const operator = asks(app, made.key)
  t.equal((await operator('GET', '/api/calls')).status, 200)
  t.equal((await operator('POST', '/api/calls', { phone_number: '+4930123456' })).status, 202)
  t.match(await operator('GET', '/api/keys'), {
    status: 403,
    body: { code: 'FORBIDDEN', detail: /role admin/ },
  })
  const used = (await admin('GET', `/api/keys/${made.key_id}`)).body as unknown as Key
  t.ok(used.last_used_at, 'its use was noted')
  await app.close()
  const database = await openDatabase(createLogger('silent'), { dataDir: app.dataDir })
  t.teardown(() => database.close())
  const row = await database.query
    .selectFrom('api_keys')
    .selectAll()
    .where('id', '=', made.key_id)
    .executeTakeFirstOrThrow()
  t.equal(row.secret_hash, hashOf(made.key).toString('hex'))
  t.ok(row.last_used_at)
  t.notMatch(JSON.stringify(row) + app.logged(), secret ?? 'none')
})

t.test('a revoked, rotated or expired key is worth nothing from then on', async (t) => {
  const { app, admin, make } = await withApiKey(t)
  const [revoked, rotated, expiring] = [
    await make({ role: 'viewer' }),
    await make({ role: 'viewer' }),
    await make({ role: 'viewer', expires_at: new Date(app.clock.now() + 150).toISOString() }),
  ]
  const get = async ({ key }: { readonly key: string }) => asks(app, key)('GET', '/api/calls')
  for (const key of [revoked, rotated, expiring]) t.equal((await get(key)).status, 200)
  t.equal((await admin('DELETE', `/api/keys/${revoked.key_id}`)).status, 204)
  t.match(await get(revoked), { status: 401, body: { detail: /revoked/ } })
  t.equal((await admin('DELETE', `/api/keys/${revoked.key_id}`)).status, 204, 'twice is once')
  t.match(await admin('PATCH', `/api/keys/${revoked.key_id}`, { role: 'admin' }), {
    status: 409,
    body: { code: 'STATE_CONFLICT' },
  })
  const fresh = (await admin('POST', `/api/keys/${rotated.key_id}/rotate`)).body as unknown as Key
  t.equal(fresh.key_id, rotated.key_id)
  t.equal((await get(rotated)).status, 401)
  t.equal((await get(fresh)).status, 200)
  await sleep(160)
  t.match(await get(expiring), { status: 401, body: { detail: /expired/ } })
  t.match(await admin('GET', `/api/keys/${expiring.key_id}`), { body: { state: 'expired' } })
  const later = new Date(app.clock.now() + 60_000).toISOString()
  t.equal((await admin('PATCH', `/api/keys/${expiring.key_id}`, { expires_at: later })).status, 200)
  t.equal((await get(expiring)).status, 200, 'given more time')
  t.equal((await admin('DELETE', '/api/keys/nobody')).status, 404)
})

t.test('what a key may do changes at once; what is not named stays', async (t) => {
  const { app, admin, make } = await withApiKey(t)
  const made = await make({ role: 'viewer', name: 'n', budget: { calls_per_day: 1 } })
  const change = async (body: object) => admin('PATCH', `/api/keys/${made.key_id}`, body)
  t.match(await change({ role: 'admin' }), {
    body: { role: 'admin', name: 'n', budget: { calls_per_day: 1 } },
  })
  t.equal((await asks(app, made.key)('GET', '/api/keys')).status, 200)
  t.match(await change({ role: 'metrics', budget: null }), { body: { budget: null } })
  t.equal((await asks(app, made.key)('GET', '/api/calls')).status, 403)
  t.equal((await asks(app, made.key)('GET', '/metrics')).status, 200)
  const invalid = [
    {},
    { role: 'root' },
    { expires_at: '2020-01-01T00:00:00Z' },
    { expires_at: 'x' },
    { budget: { calls_per_second: 0 } },
    { budget: { prefixes: ['0049'] } },
    { secret_hash: 'x' },
    { name: '' },
  ]
  for (const body of invalid) {
    const answer = await change(body)
    t.match(answer, { status: 400, body: { code: 'REQUEST_INVALID' } }, JSON.stringify(body))
  }
})

t.test('the last way in of an administrator stays', async (t) => {
  const app = await buildApp(t, { config: { requireKey: true, rehearsal: false } })
  const first = app.api.generatedKey ?? ''
  const id = KEY_FORM.exec(first)?.[1] ?? ''
  const admin = asks(app, first)
  const conflict = { status: 409, body: { code: 'STATE_CONFLICT' } }
  const expires_at = new Date(app.clock.now() + 60_000).toISOString()
  t.match(await admin('DELETE', `/api/keys/${id}`), conflict)
  t.match(await admin('PATCH', `/api/keys/${id}`, { role: 'viewer' }), conflict)
  t.match(await admin('PATCH', `/api/keys/${id}`, { expires_at }), conflict)
  t.equal((await admin('PATCH', `/api/keys/${id}`, { name: 'mine' })).status, 200)
  await admin('POST', '/api/keys', { role: 'operator' })
  await admin('POST', '/api/keys', { role: 'admin', expires_at })
  t.match(await admin('DELETE', `/api/keys/${id}`), conflict, 'the other one will end')
  const second = (await admin('POST', '/api/keys', { role: 'admin' })).body as unknown as Key
  // Each by the other, at the same moment: one of them stays.
  const both = await Promise.all([
    admin('DELETE', `/api/keys/${second.key_id}`),
    asks(app, second.key)('DELETE', `/api/keys/${id}`),
  ])
  const [done, refused] = both.map(({ status }) => status).toSorted((one, other) => one - other)
  t.equal(done, 204)
  t.ok(refused === 409 || refused === 401, 'it finds itself the last, or gone already', { refused })
})

t.test('API_KEY and the keys of earlier starts, old ones too, go on', async (t) => {
  const dataDir = await freshDataDir(t)
  const old = `vg_${'o'.repeat(21)}_${'p'.repeat(21)}`
  const database = await openDatabase(createLogger('silent'), { dataDir })
  const row = {
    role: 'admin',
    name: null,
    budget: null,
    created_at: 1,
    last_used_at: null,
  } as const
  const secret_hash = hashOf(old).toString('hex')
  const kept = {
    id: 'key_0123456789abcdef',
    ...row,
    secret_hash,
    expires_at: null,
    revoked_at: null,
  }
  await database.write([database.query.insertInto('api_keys').values(kept)])
  await database.close()
  const first = await buildApp(t, { dataDir, config: { requireKey: true, rehearsal: false } })
  t.equal(first.api.generatedKey, undefined)
  const admin = asks(first, old)
  t.equal((await admin('GET', '/api/keys')).status, 200)
  t.equal((await asks(first, `${old}x`)('GET', '/api/keys')).status, 401)
  await first.close()
  const apiKey = API_KEY
  const second = await buildApp(t, { dataDir, config: { requireKey: true, apiKey } })
  for (const key of [old, API_KEY])
    t.equal((await asks(second, key)('GET', '/api/keys')).status, 200)
  const made = await asks(second, API_KEY)('POST', `/api/keys/${kept.id}/rotate`)
  t.equal((await asks(second, old)('GET', '/api/keys')).status, 401)
  const { key } = made.body as unknown as Key
  t.equal((await asks(second, key)('GET', '/api/keys')).status, 200, 'in the new form')
  t.equal((await asks(second, API_KEY)('DELETE', `/api/keys/${kept.id}`)).status, 204)
})

t.test('a node whose administrators are all gone makes a key at its next start', async (t) => {
  const dataDir = await freshDataDir(t)
  const config = { requireKey: true, rehearsal: false }
  const first = await buildApp(t, { dataDir, config })
  const key = first.api.generatedKey ?? ''
  await first.close()
  const database = await openDatabase(createLogger('silent'), { dataDir })
  await database.write([database.query.updateTable('api_keys').set({ expires_at: 1 })])
  await database.close()
  const second = await buildApp(t, { dataDir, config })
  t.match(second.api.generatedKey, KEY_FORM)
  t.equal((await asks(second, key)('GET', '/api/keys')).status, 401)
})

t.test('keys are listed page by page', async (t) => {
  const { admin, make } = await withApiKey(t)
  const made: string[] = []
  for (let at = 0; at < 5; at++) made.unshift((await make({ role: 'viewer' })).key_id)
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `&cursor=${cursor}`
    const page = (await admin('GET', `/api/keys?limit=2${more}`)).body
    seen.push(...(page['items'] as Key[]).map(({ key_id: id }) => id))
    cursor = page['next_cursor'] as string | null
  }
  t.same(seen, made)
  t.match(await admin('GET', '/api/keys?cursor=x'), { status: 400 })
})

t.test('every change stands in the audit log, without a secret', async (t) => {
  const { admin, make } = await withApiKey(t)
  const made = await make({ role: 'viewer', name: 'Anna +4930123456' })
  await admin('PATCH', `/api/keys/${made.key_id}`, { role: 'admin' })
  const rotated = (await admin('POST', `/api/keys/${made.key_id}/rotate`)).body as unknown as Key
  await admin('DELETE', `/api/keys/${made.key_id}`)
  const audit = await admin('GET', '/api/audit')
  const actions = (answer: Answer) =>
    (answer.body['items'] as { action: string }[]).map(({ action }) => action)
  t.same(actions(audit), ['key.revoked', 'key.rotated', 'key.changed', 'key.created'])
  t.match(audit.body, { items: [{ key_id: 'bootstrap', target: made.key_id }] })
  const text = JSON.stringify(audit)
  for (const secret of [made.key, rotated.key, 'Anna']) t.notMatch(text, secret)
  t.same(actions(await admin('GET', '/api/audit?action=key.rotated')), ['key.rotated'])
  t.same(actions(await admin('GET', '/api/audit?key_id=nobody')), [])
  t.same(actions(await admin('GET', '/api/audit?to_date=2020-01-01')), [])
  t.equal(actions(await admin('GET', '/api/audit?from_date=2020-01-01')).length, 4)
  const first = await admin('GET', '/api/audit?limit=3&key_id=bootstrap')
  const rest = `/api/audit?limit=3&key_id=bootstrap&cursor=${String(first.body['next_cursor'])}`
  t.same(actions(await admin('GET', rest)), ['key.created'])
  t.equal((await admin('GET', rest.replace('bootstrap', 'x'))).status, 400, 'other filters')
})

t.test('the audit log finds its lines by index', async (t) => {
  const database = await openDatabase(createLogger('silent'), { dataDir: await freshDataDir(t) })
  t.teardown(() => database.close())
  const audit = await openAuditLog(database, createClock())
  t.ok(audit)
  const { sql } = await import('kysely')
  for (const column of ['action', 'key_id']) {
    const plan = await sql<{ detail: string }>`EXPLAIN QUERY PLAN
      SELECT * FROM audit_log WHERE ${sql.ref(column)} = 'x' ORDER BY position DESC LIMIT 10`.execute(
      database.query,
    )
    const details = plan.rows.map(({ detail }) => detail).join()
    t.match(details, `audit_log_${column}`)
    t.notMatch(details, 'TEMP B-TREE')
  }
})

t.test('in rehearsal a key of ours is what it is, so that roles can be tried', async (t) => {
  const app = await buildApp(t)
  const anybody = asks(app, 'anything')
  t.match(await anybody('GET', '/api/session'), { body: { key_id: 'rehearsal', role: 'admin' } })
  const made = (await anybody('POST', '/api/keys', { role: 'viewer' })).body as unknown as Key
  t.equal((await asks(app, made.key)('GET', '/api/keys')).status, 403)
  t.equal((await anybody('DELETE', `/api/keys/${made.key_id}`)).status, 204)
  t.equal((await asks(app, made.key)('GET', '/api/calls')).status, 401)
})
