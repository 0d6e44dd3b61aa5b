import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import type { Worker } from 'node:worker_threads'
import t from 'tap'
import { buildApp, freshDataDir, json, sample, type BuiltApp } from '../support/build-app.ts'
import { eventually } from '../support/process.ts'

const KEY = 'k'.repeat(32)
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

/** A request with a Host header of our choosing, which fetch does not allow. */
function ask(app: BuiltApp, path: string, headers: Record<string, string>, method = 'GET') {
  const { host, port } = app.api.address
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = httpRequest({ host, port, path, method, headers }, (answer: IncomingMessage) => {
      let body = ''
      answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

t.test('odd Authorization headers do not come in', async (t) => {
  const app = await buildApp(t, { config: { requireKey: true, apiKey: KEY } })
  const headers = [
    `Basic ${KEY}`,
    KEY,
    'Bearer',
    'Bearer ',
    `Bearer ${KEY} ${KEY}`,
    `Bearer ${KEY}x`,
  ]
  for (const authorization of headers) {
    const response = await app.request('/api/calls', { headers: { authorization } })
    t.equal(response.status, 401, authorization.slice(0, 8))
    t.equal(response.headers.get('www-authenticate'), 'Bearer')
    const isEmpty = authorization.trim() === 'Bearer'
    const detail = isEmpty ? /ends behind "Bearer", without a key/ : /./
    t.match(await response.json(), { code: 'UNAUTHENTICATED', detail })
  }
  t.notMatch(app.logged(), KEY, 'no key in the log')
})

t.test('/metrics needs a key beyond loopback', async (t) => {
  const app = await buildApp(t, { config: { requireKey: true, apiKey: KEY, httpHost: '0.0.0.0' } })
  const url = `http://127.0.0.1:${app.api.address.port}/metrics`
  t.equal((await fetch(url)).status, 401)
  t.equal((await fetch(url, { headers: bearer(KEY) })).status, 200)
})

t.test('/metrics needs a key when a proxy on this machine asks', async (t) => {
  const app = await buildApp(t, { config: { requireKey: true, apiKey: KEY } })
  t.equal((await app.request('/metrics')).status, 200)
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
    const headers = { [name]: '203.0.113.7' }
    t.equal((await app.request('/metrics', { headers })).status, 401, name)
  }
})

t.test('a key is made on the first start, shown once and stored hashed', async (t) => {
  const dataDir = await freshDataDir(t)
  const config = { requireKey: true, rehearsal: false }
  const first = await buildApp(t, { dataDir, config })
  const key = first.api.generatedKey ?? ''
  t.match(key, /^vg_[a-z]{12}_[\w-]{43}$/)
  t.equal((await first.request('/api/calls', { headers: bearer(key) })).status, 200)
  t.notMatch(first.logged(), key, 'never in the log')
  await first.close()
  const second = await buildApp(t, { dataDir, config })
  t.equal(second.api.generatedKey, undefined, 'not shown again')
  t.equal((await second.request('/api/calls', { headers: bearer(key) })).status, 200)
  t.equal((await second.request('/api/calls', { headers: bearer(`${key}x`) })).status, 401)
  t.notMatch(second.logged(), key)
})

t.test('only the hosts we serve are served', async (t) => {
  const app = await buildApp(t, { config: { publicUrl: 'https://calls.example.com/base' } })
  const { port } = app.api.address
  const served = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, 'calls.example.com']
  for (const host of [...served, 'LOCALHOST', 'localhost:18000']) {
    t.equal((await ask(app, '/health', { host })).status, 200, host)
  }
  const foreign = ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1']
  for (const host of [...foreign, 'evil@localhost', 'localhost/x']) {
    const answer = await ask(app, '/health', { host })
    t.equal(answer.status, 403, host)
    t.match(JSON.parse(answer.body), { code: 'HOST_NOT_SERVED' })
  }
})

t.test('two Host headers are refused', async (t) => {
  const app = await buildApp(t)
  const { host, port } = app.api.address
  const status = async (hosts: readonly string[]) => {
    const socket = connect(port, host)
    const lines = ['GET /health HTTP/1.1', ...hosts, 'Connection: close', '', '']
    socket.end(lines.join('\r\n'))
    return /^HTTP\/1.1 (\d+)/.exec(await text(socket))?.[1]
  }
  t.equal(await status([`Host: ${host}`]), '200')
  t.equal(await status([`Host: ${host}`, 'Host: evil.example']), '400')
  t.equal(await status(['HOST: evil.example', `host: ${host}`]), '400')
  t.equal(await status([`Host: ${host}`, `Host: ${host}`]), '400')
})

t.test('on every address, any address of ours is served, no foreign name', async (t) => {
  const app = await buildApp(t, { config: { httpHost: '0.0.0.0' } })
  t.equal((await ask(app, '/health', { host: '192.0.2.7:8000' })).status, 200)
  t.equal((await ask(app, '/health', { host: 'evil.example' })).status, 403)
})

t.test('a page of another origin cannot act', async (t) => {
  const app = await buildApp(t, { config: { publicUrl: 'https://calls.example.com' } })
  const { port } = app.api.address
  const ask = (origin: string) =>
    app.request('/api/calls', json({ phone_number: '+4930123456' }, { origin }))
  const post = async (origin: string) => (await ask(origin)).status
  for (const origin of ['https://evil.example', 'null', 'http://localhost:3000', 'x']) {
    const response = await ask(origin)
    t.equal(response.status, 403, origin)
    t.match(await response.json(), { code: 'ORIGIN_NOT_ALLOWED' })
  }
  t.equal(app.control.requests.length, 0)
  t.equal(await post(`http://127.0.0.1:${port}`), 202, 'our own page')
  t.equal(await post('https://calls.example.com'), 202, 'our page through PUBLIC_URL')
  const read = await app.request('/api/calls', { headers: { origin: 'https://evil.example' } })
  t.equal(
    read.status,
    200,
    'reading changes nothing, and the browser keeps the answer from the page',
  )
  t.equal(read.headers.get('access-control-allow-origin'), null)
})

t.test('answers carry strict headers', async (t) => {
  const app = await buildApp(t)
  for (const path of ['/', '/api/calls', '/docs', '/nowhere', '/api/calls/%zz']) {
    const { headers } = await app.request(path)
    t.match(headers.get('content-security-policy'), /default-src 'none'/, path)
    t.match(headers.get('content-security-policy'), /frame-ancestors 'none'/, path)
    t.equal(headers.get('x-content-type-options'), 'nosniff', path)
  }
})

t.test('/ready follows the process and the gateway, /health does not', async (t) => {
  const app = await buildApp(t)
  const ready = async () => {
    const response = await app.request('/ready')
    return { http: response.status, ...((await response.json()) as object) }
  }
  t.match(await ready(), { http: 200, status: 'ready' })
  app.api.setReady('starting')
  t.match(await ready(), { http: 503, status: 'starting' })
  app.api.setReady('draining')
  t.match(await ready(), { http: 503, status: 'draining' })
  t.equal((await app.request('/health')).status, 200)
  app.api.setReady('ready')
  app.control.connected = false
  const away = { http: 503, status: 'failing', checks: [{ ok: true }, { name: 'sip', ok: false }] }
  t.match(await ready(), away, 'the SIP server is away')
  app.control.connected = true
  t.match(await ready(), { http: 200 }, 'and back')
  const lone = await buildApp(t, { gateway: false })
  const answer = await lone.request('/ready')
  t.equal(answer.status, 503)
  t.match(await answer.json(), { status: 'failing', checks: [{ ok: true }, { ok: false }] })
})

t.test('the metrics say what /ready says', async (t) => {
  const app = await buildApp(t)
  const said = async () => [
    await sample(app.metrics, 'component_up{component="database"}'),
    await sample(app.metrics, 'component_up{component="sip-server"}'),
    await sample(app.metrics, 'draining'),
  ]
  t.same(await said(), [1, 1, 0])
  app.control.connected = false
  t.same(await said(), [1, 0, 0])
  app.control.connected = true
  app.api.setReady('draining')
  t.same(await said(), [1, 1, 1])
})

t.test('a lost database thread is told to main, and /ready says so', async (t) => {
  const started = once(process, 'worker') as Promise<[Worker]>
  const app = await buildApp(t)
  const [worker] = await started
  const told: string[] = []
  app.api.onFailure((reason) => told.push(reason))
  t.equal(told.length, 0)
  await worker.terminate()
  t.equal(told.length, 1)
  t.match(told[0], /database/)
  const ready = await app.request('/ready')
  t.equal(ready.status, 503)
  t.match(await ready.json(), { status: 'failing', checks: [{ name: 'database', ok: false }] })
  await Promise.all(Array.from({ length: 50 }, () => app.request('/ready')))
  const said = app.logged().match(/the database does not work/g)?.length
  t.equal(said, 1, 'said once, however often it is asked')
  await t.rejects(app.control.begin(), { code: 'DATABASE_UNAVAILABLE' })
})

t.test('a database that can be read but takes no write is not ready', async (t) => {
  const app = await buildApp(t)
  const other = new DatabaseSync(join(app.dataDir, 'voicegate.sqlite'), { timeout: 5000 })
  t.teardown(() => other.close())
  // What a full disk does too: reads are answered, the next call is not.
  other.exec('BEGIN IMMEDIATE')
  const ready = await app.request('/ready')
  t.equal(ready.status, 503)
  t.match(await ready.json(), { status: 'failing', checks: [{ name: 'database', ok: false }] })
  t.equal(await sample(app.metrics, 'component_up{component="database"}'), 0)
  other.exec('ROLLBACK')
  await eventually('it to take writes again', 5000, async () => {
    return (await app.request('/ready')).status === 200
  })
  t.match(app.logged(), /the database does not work[^]*the database works again/)
})

t.test('/openapi.json describes what is built, and only that', async (t) => {
  const app = await buildApp(t)
  const { paths } = (await (await app.request('/openapi.json')).json()) as {
    paths: Record<string, object>
  }
  const built = app.api
    .routes()
    .filter(({ method }) => method !== 'HEAD')
    .map(({ url }) => url.replace(/:(\w+)/g, '{$1}'))
    .filter((url) => !/^\/(docs|console|openapi\.json$|$)/.test(url))
  t.ok(built.length > 20)
  t.same(Object.keys(paths).sort(), [...new Set(built)].sort())
})

t.test('a taken port: a free one in rehearsal, else a clear error', async (t) => {
  const first = await buildApp(t)
  const httpPort = first.api.address.port
  const second = await buildApp(t, { config: { httpPort, freePortWhenBusy: true } })
  t.not(second.api.address.port, httpPort)
  await t.rejects(buildApp(t, { config: { httpPort } }), {
    code: 'CONFIGURATION_INVALID',
    message: /port is taken/,
  })
})
