import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { Sessions } from '../../../control-api/access/sessions.ts'
import { openAuditLog } from '../../../control-api/access/audit-log.ts'
import { openDatabase } from '../../../control-api/db/database.ts'
import { openKeyRing } from '../../../control-api/access/key-ring.ts'
import { epochMs } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { buildApp, freshDataDir, json, sample, type BuiltApp } from '../../support/build-app.ts'
import { migratedDataDir } from '../../support/data-folder.ts'

const API_KEY = 'k'.repeat(32)
const config = { requireKey: true, apiKey: API_KEY, rehearsal: false }
const asAdmin = { authorization: `Bearer ${API_KEY}` }

async function signIn(app: BuiltApp, key: string) {
  const response = await app.request('/api/session', json({ key }))
  const set = response.headers.get('set-cookie') ?? ''
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, set, cookie: set.split(';', 1)[0] ?? '', body }
}

async function makeKey(app: BuiltApp, role: string) {
  const made = await app.request('/api/keys', json({ role }, asAdmin))
  return (await made.json()) as { key: string; key_id: string }
}

async function signedIn(t: Test, role = 'operator') {
  const app = await buildApp(t, { config })
  const key = await makeKey(app, role)
  const session = await signIn(app, key.key)
  const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const response = await app.request(path, {
      method,
      headers: { cookie: session.cookie, ...headers },
    })
    const text = await response.text()
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
    return { status: response.status, body, set: response.headers.get('set-cookie') }
  }
  return { app, key, session, ask, own: { origin: app.url } }
}

t.test('signing in over a session ends it: the one before is out', async (t) => {
  const { app, session, ask } = await signedIn(t)
  const other = await makeKey(app, 'viewer')
  const headers = { cookie: session.cookie, origin: app.url }
  const second = await app.request('/api/session', json({ key: other.key }, headers))
  t.equal(second.status, 200)
  t.match(await second.json(), { key_id: other.key_id })
  t.equal((await ask('GET', '/api/session')).status, 401)
  const cookie = (second.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''
  const who = await app.request('/api/session', { headers: { cookie } })
  t.match(await who.json(), { key_id: other.key_id })
})

t.test('signing in gives a cookie that no script and no other site has', async (t) => {
  const { app, key, session, ask, own } = await signedIn(t)
  t.equal(session.status, 200)
  t.match(
    session.set,
    /^voicegate_session=[a-z]{12}\.[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
  )
  t.match(session.body, { key_id: key.key_id, role: 'operator', expires_at: String })
  t.notMatch(JSON.stringify(session), key.key, 'the key is not in it')
  t.match(await ask('GET', '/api/session'), {
    status: 200,
    body: { key_id: key.key_id, role: 'operator', expires_at: session.body['expires_at'] },
  })
  t.equal((await ask('GET', '/api/calls')).status, 200)
  t.equal((await ask('GET', '/api/keys')).status, 403, 'the role of its key')
  const out = await ask('DELETE', '/api/session', own)
  t.equal(out.status, 204)
  t.match(out.set, /^voicegate_session=;.*Expires=Thu, 01 Jan 1970/)
  t.match(await ask('GET', '/api/calls'), { status: 401, body: { detail: /sign in again/ } })
  const audit = await app.request('/api/audit?action=session.opened', { headers: asAdmin })
  t.match(await audit.json(), { items: [{ key_id: key.key_id }] })
  t.notMatch(app.logged(), session.cookie.split('.')[1] ?? 'none')
  t.notMatch(app.logged(), key.key)
})

t.test('behind https the cookie is for https and for this host alone', async (t) => {
  const app = await buildApp(t, { config: { ...config, publicUrl: 'https://calls.example.com' } })
  const { set, cookie } = await signIn(app, API_KEY)
  t.match(set, /^__Host-voicegate_session=/)
  t.match(set, /; Secure/)
  t.equal((await app.request('/api/session', { headers: { cookie } })).status, 200)
  const proxied = await buildApp(t, { config: { ...config, trustedProxies: ['127.0.0.1'] } })
  const over = async (app: BuiltApp, proto: string) =>
    (
      await app.request('/api/session', json({ key: API_KEY }, { 'x-forwarded-proto': proto }))
    ).headers.get('set-cookie')
  t.match(await over(proxied, 'https'), /; Secure/)
  t.notMatch(await over(proxied, 'http'), /; Secure/)
  const direct = await buildApp(t, { config })
  t.notMatch(await over(direct, 'https'), /; Secure/, 'believed from a trusted proxy alone')
})

t.test('no session for a wrong key, or for one that has no business in a console', async (t) => {
  const app = await buildApp(t, { config })
  const wrong = await signIn(app, 'w'.repeat(40))
  t.match(wrong, { status: 401, set: '', body: { code: 'UNAUTHENTICATED' } })
  t.notMatch(JSON.stringify(wrong.body), 'wwww')
  const { key } = await makeKey(app, 'metrics')
  t.match(await signIn(app, key), { status: 403, set: '', body: { code: 'FORBIDDEN' } })
  const foreign = json({ key: API_KEY }, { origin: 'https://evil.example' })
  t.equal(
    (await app.request('/api/session', foreign)).status,
    403,
    'nobody is signed in by a foreign page',
  )
})

t.test('a session acts from pages of ours alone', async (t) => {
  const { app, ask, own } = await signedIn(t)
  const act = async (headers: Record<string, string>) =>
    ask('POST', '/api/calls/call_x/hangup', headers)
  const refused = { status: 403, body: { code: 'ORIGIN_NOT_ALLOWED' } }
  t.equal((await act(own)).status, 404, 'it came in')
  t.equal((await act({ referer: `${app.url}/calls` })).status, 404)
  for (const headers of [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { referer: 'https://evil.example/' },
    { referer: 'x' },
    { ...own, 'sec-fetch-site': 'cross-site' },
    { ...own, 'sec-fetch-site': 'same-site' },
  ])
    t.match(await act(headers), refused, JSON.stringify(headers))
  t.equal((await act({ ...own, 'sec-fetch-site': 'same-origin' })).status, 404)
  t.equal((await act({ ...asAdmin })).status, 404, 'a key in the header wins, and needs no page')
  t.match(
    await act({ ...own, authorization: 'Bearer nonsense' }),
    { status: 401 },
    'wrong ones too',
  )
  t.ok((await sample(app.metrics, 'http_refused_total{reason="origin"}')) >= 8)
})

t.test('so does a WebSocket', async (t) => {
  const { app, session } = await signedIn(t, 'viewer')
  const { host, port } = app.api.address
  const upgrade = async (headers: Record<string, string>): Promise<number> => {
    const key = Buffer.alloc(16).toString('base64')
    const request = httpRequest({
      host,
      port,
      path: '/api/events',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
        ...headers,
      },
    })
    request.end()
    const answered = once(request, 'response') as Promise<[IncomingMessage]>
    const status = await Promise.race([
      answered.then(([{ statusCode }]) => statusCode ?? 0),
      once(request, 'upgrade').then(() => 101),
    ])
    request.destroy()
    return status
  }
  const { cookie } = session
  t.equal(await upgrade({}), 401)
  t.equal(await upgrade({ cookie }), 403, 'who does not say whence')
  t.equal(await upgrade({ cookie, origin: 'https://evil.example' }), 403)
  t.equal(await upgrade({ ...asAdmin, origin: 'https://evil.example' }), 403)
  t.notOk([401, 403].includes(await upgrade({ cookie, origin: app.url })))
  t.notOk([401, 403].includes(await upgrade(asAdmin)))
})

t.test('with its key a session ends', async (t) => {
  for (const [method, end] of [
    ['DELETE', ''],
    ['POST', '/rotate'],
  ] as const) {
    const { app, key, ask } = await signedIn(t)
    t.equal((await ask('GET', '/api/calls')).status, 200)
    await app.request(`/api/keys/${key.key_id}${end}`, { method, headers: asAdmin })
    t.equal((await ask('GET', '/api/calls')).status, 401, method)
  }
})

t.test('a session of API_KEY ends when another one is set', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await buildApp(t, { dataDir, config })
  const { cookie } = await signIn(first, API_KEY)
  await first.close()
  const again = await buildApp(t, { dataDir, config })
  const who = async (app: BuiltApp) =>
    (await app.request('/api/session', { headers: { cookie } })).status
  t.equal(await who(again), 200, 'it outlives a new start')
  await again.close()
  const other = await buildApp(t, { dataDir, config: { ...config, apiKey: 'o'.repeat(32) } })
  t.equal(await who(other), 401)
})

t.test('a session ends unused after an hour, used after twelve', async (t) => {
  const logger = createLogger('silent')
  const database = await openDatabase(logger, { dataDir: await migratedDataDir(t) })
  t.teardown(() => database.close())
  let now = 1_700_000_000_000
  const clock = { now: () => epochMs(now), anchor: { wallMs: 0, monotonicNs: 0n } }
  const audit = await openAuditLog(database, clock)
  const keys = await openKeyRing({ database, clock, logger }, { requireKey: true, apiKey: API_KEY })
  const sessions = new Sessions({ database, clock, logger, keys, audit })
  const identified = keys.identify(API_KEY)
  if (identified.kind !== 'good') throw new Error('the key is not known')
  const minute = 60_000
  const idle = await sessions.open(identified.key)
  const used = await sessions.open(identified.key)
  now += 40 * minute
  t.ok(await sessions.find(used.cookie))
  now += 40 * minute
  t.notOk(await sessions.find(idle.cookie))
  for (let at = 80; at < 12 * 60; at += 40) {
    t.ok(await sessions.find(used.cookie), `after ${at} minutes`)
    now += 40 * minute
  }
  t.notOk(await sessions.find(used.cookie))
  t.notOk(await sessions.find(`${used.cookie.slice(0, -1)}!`))
  await sessions.open(identified.key)
  const { left } = await database.query
    .selectFrom('sessions')
    .select(({ fn }) => fn.countAll<number>().as('left'))
    .executeTakeFirstOrThrow()
  t.equal(left, 1, 'what is over is swept away')
  for (let at = 0; at < 60; at++) await sessions.open(identified.key)
  const kept = await database.query.selectFrom('sessions').select('id_hash').execute()
  t.equal(kept.length, 50, 'of one key no more than fifty')
})
