// Every route of the application × everybody who may ask, generated from the application's own list of routes.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { ListedRoute } from '../../../control-api/plugins/route-list.ts'
import { buildApp, json, type BuiltApp } from '../../support/build-app.ts'

const KEY = 'k'.repeat(32)
/** Fewer wrong keys from one address than lock it. */
const WRONG_FROM_ONE_ADDRESS = 9
/** Tripwire: a list that lost its routes would pass everything. */
const AT_LEAST = 90

/** Not built, and served all the same once it is. */
const WITH_CONSOLE = { consoleDirectory: join(import.meta.dirname, 'no-such-folder') }

/** Open to everybody, and why: a route that is not in here needs a key. */
const OPEN: Readonly<Record<string, string>> = {
  'GET /health': 'liveness, asked by machines that have no key; says nothing but the version',
  'GET /api/health': 'the same',
  'GET /ready': 'the same; names of checks alone',
  'GET /openapi.json': 'documents what is public anyway',
  'GET /docs': 'the same',
  'GET /docs/json': 'the same',
  'GET /docs/yaml': 'the same',
  'GET /docs/static/*': 'files of Swagger UI',
  'GET /docs/static/index.html': 'files of Swagger UI',
  'GET /docs/static/swagger-initializer.js': 'files of Swagger UI',
  'GET /': 'the console: a page without data in it',
  'GET /console/assets/*': 'its scripts and styles, without data in them',
  'POST /api/session': 'signing in: the key is in the body',
  'POST /webhook/voice': 'Twilio signs it',
  'POST /webhook/consent': 'Twilio signs it',
  'POST /webhook/order': 'Twilio signs it',
  'POST /webhook/order_confirm': 'Twilio signs it',
  'POST /webhook/help': 'Twilio signs it',
  'POST /webhook/status': 'Twilio signs it',
  'GET /twilio/stream': 'a token that is good once',
  'POST /api/webhook/voximplant': 'the scenario of an application signs it',
  'POST /api/webhook/voximplant/token': 'the same',
  'POST /webhooks/elevenlabs': 'ElevenLabs signs it',
  'POST /webhooks/d-id/:token': 'a token in its address',
  'POST /webhooks/heygen': 'HeyGen signs it',
  'GET /webhooks/heygen': 'HeyGen looks whether there is anybody',
  'OPTIONS /webhooks/heygen': 'the same',
}

/** Who comes in where. Written out, so that it does not follow from what it tests. */
const COMES_IN: Readonly<Record<string, readonly string[]>> = {
  metrics: ['metrics', 'viewer', 'operator', 'admin'],
  viewer: ['viewer', 'operator', 'admin'],
  operator: ['operator', 'admin'],
  admin: ['admin'],
}
const ROLES = ['metrics', 'viewer', 'operator', 'admin'] as const

interface Sender {
  readonly name: string
  readonly key?: string
  readonly role?: (typeof ROLES)[number]
}

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly detail: string | undefined
}

async function keyOf(app: BuiltApp, body: object): Promise<{ key: string; key_id: string }> {
  const made = await fetch(
    `http://127.0.0.1:${app.api.address.port}/api/keys`,
    json(body, { authorization: `Bearer ${KEY}` }),
  )
  if (made.status !== 201) throw new Error(`no key: ${made.status} ${await made.text()}`)
  return (await made.json()) as { key: string; key_id: string }
}

/** Beyond loopback, so that /metrics needs a key too. */
async function closedApp(t: Test): Promise<{ app: BuiltApp; senders: readonly Sender[] }> {
  const access = { requireKey: true, apiKey: KEY, rehearsal: false, httpHost: '0.0.0.0' }
  const config = { ...access, ...WITH_CONSOLE }
  const app = await buildApp(t, { config })
  const byRole = await Promise.all(
    ROLES.map(async (role) => ({ name: role, role, key: (await keyOf(app, { role })).key })),
  )
  const soon = new Date(app.clock.now() + 100).toISOString()
  const expired = await keyOf(app, { role: 'admin', expires_at: soon })
  const revoked = await keyOf(app, { role: 'admin' })
  const method = 'DELETE'
  const headers = { authorization: `Bearer ${KEY}` }
  const keys = `http://127.0.0.1:${app.api.address.port}/api/keys`
  t.equal((await fetch(`${keys}/${revoked.key_id}`, { method, headers })).status, 204)
  await sleep(120)
  const known = byRole[3]?.key ?? ''
  const senders: Sender[] = [
    { name: 'no key' },
    { name: 'an unknown key', key: 'w'.repeat(32) },
    { name: 'a known id with another secret', key: `${known.slice(0, -43)}${'A'.repeat(43)}` },
    { name: 'a revoked key', key: revoked.key },
    { name: 'an expired key', key: expired.key },
    ...byRole,
    { name: 'API_KEY', key: KEY, role: 'admin' },
  ]
  return { app, senders }
}

/** From an address of our choosing: all of 127/8 is ours on Linux. */
function ask(port: number, route: ListedRoute, sender: Sender, localAddress: string) {
  const path = route.url.replace(/:\w+|\*/g, 'x')
  const headers = sender.key === undefined ? {} : { authorization: `Bearer ${sender.key}` }
  const { method } = route
  return new Promise<Answer>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers, localAddress, agent: false }
    const sent = httpRequest({ ...options, timeout: 5000 }, (answer: IncomingMessage) => {
      const status = answer.statusCode ?? 0
      if (status < 400) answer.destroy()
      if (status < 400) resolve({ status, code: undefined, detail: undefined })
      else
        text(answer).then((body) => {
          const problem = (body === '' ? {} : JSON.parse(body)) as {
            code?: string
            detail?: string
          }
          resolve({ status, code: problem.code, detail: problem.detail })
        }, reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer: ${method} ${path}`)))
    sent.on('error', reject)
    sent.end()
  })
}

/** What is wrong with an answer, if anything. */
function wrongWith(route: ListedRoute, sender: Sender, answer: Answer): string | undefined {
  const { access } = route
  const said = `${answer.status} ${answer.code ?? ''}`
  const hasBody = route.method !== 'HEAD'
  const isRefusal = (status: number, code: string): boolean =>
    answer.status === status && (!hasBody || answer.code === code)
  if (access !== 'open' && sender.role === undefined)
    return isRefusal(401, 'UNAUTHENTICATED') ? undefined : `401 expected: ${said}`
  if (access !== 'open' && !COMES_IN[access]?.includes(sender.role ?? '')) {
    const isNamed = !hasBody || answer.detail?.includes(`role ${access}`) === true
    return isRefusal(403, 'FORBIDDEN') && isNamed ? undefined : `403 expected: ${said}`
  }
  const isRefused =
    ['UNAUTHENTICATED', 'FORBIDDEN', 'LOCKED_OUT', 'TOO_MANY_REQUESTS'].includes(
      answer.code ?? '',
    ) ||
    (!hasBody && [401, 403, 429].includes(answer.status))
  const isBroken = answer.status === 500
  return isRefused || isBroken ? `to come in expected: ${said}` : undefined
}

t.test('every route × no key, wrong, revoked and expired ones, every role', async (t) => {
  const { app, senders } = await closedApp(t)
  const { port } = app.api.address
  const routes = app.api.routes()
  t.ok(routes.length >= AT_LEAST, 'the list is whole', { routes: routes.length })
  await Promise.all(
    senders.map(async (sender, column) => {
      const wrong: string[] = []
      for (const [row, route] of routes.entries()) {
        const group = Math.floor(row / WRONG_FROM_ONE_ADDRESS)
        const answer = await ask(port, route, sender, `127.1.${column}.${group + 1}`)
        const why = wrongWith(route, sender, answer)
        if (why !== undefined) wrong.push(`${route.method} ${route.url} (${route.access}): ${why}`)
      }
      t.same(wrong, [], sender.name)
    }),
  )
})

t.test('what is open to everybody is meant to be', async (t) => {
  const app = await buildApp(t, { config: WITH_CONSOLE })
  const named = (route: ListedRoute): string => `${route.method} ${route.url}`
  const routes = app.api.routes().filter(({ method }) => method !== 'HEAD')
  const open = routes.filter(({ access }) => access === 'open').map(named)
  t.same(open.toSorted(), Object.keys(OPEN).toSorted())
  const documented = Object.keys((app.api.describe() as { paths: object }).paths)
  const listed = new Set(routes.map(({ url }) => url.replace(/:(\w+)/g, '{$1}')))
  t.same(
    documented.filter((path) => !listed.has(path)),
    [],
    'what is documented is in the list',
  )
})

t.test(
  'who acts by a GET, or reads by a POST, says so; administration is the admins’',
  async (t) => {
    const app = await buildApp(t)
    const accessTo = (method: string, url: string) =>
      app.api.routes().find((route) => route.method === method && route.url === url)?.access
    t.equal(accessTo('POST', '/api/calls/search'), 'viewer')
    t.equal(accessTo('POST', '/api/v1/ai/animation/status'), 'viewer')
    t.equal(accessTo('GET', '/api/calls/:call_id/debug'), 'admin')
    t.equal(accessTo('POST', '/api/calls'), 'operator')
    for (const url of ['/api/keys', '/api/keys/:key_id', '/api/audit'])
      t.equal(accessTo('GET', url), 'admin', url)
  },
)

t.test('in rehearsal nothing needs a key, whatever is sent', async (t) => {
  const app = await buildApp(t)
  for (const route of app.api.routes()) {
    for (const sender of [{ name: 'no key' }, { name: 'any key', key: KEY }]) {
      const answer = await ask(app.api.address.port, route, sender, '127.0.0.1')
      const isRefused = ['UNAUTHENTICATED', 'FORBIDDEN'].includes(answer.code ?? '')
      if (isRefused) t.fail(`${route.method} ${route.url} with ${sender.name}`, answer)
    }
  }
})
