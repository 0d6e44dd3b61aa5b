import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { addressGroup, LockOut } from '../../../control-api/access/lock-out.ts'
import { buildApp, json, sample, type BuiltApp } from '../../support/build-app.ts'

const API_KEY = 'k'.repeat(32)
const config = { requireKey: true, apiKey: API_KEY, rehearsal: false }

interface Answer {
  readonly status: number
  readonly code?: string | undefined
  readonly retryAfter: number
}

/** From an address of our choosing. */
function ask(
  app: BuiltApp,
  localAddress: string,
  headers: Record<string, string>,
  path = '/api/calls',
): Promise<Answer> {
  const { host, port } = app.api.address
  return new Promise((resolve, reject) => {
    const options = { host, port, path, localAddress, headers, agent: false }
    const sent = httpRequest(options, (answer: IncomingMessage) => {
      text(answer).then((body) => {
        const { code } = JSON.parse(body) as { code?: string }
        const retryAfter = Number(answer.headers['retry-after'] ?? 0)
        resolve({ status: answer.statusCode ?? 0, code, retryAfter })
      }, reject)
    })
    sent.on('error', reject)
    sent.end()
  })
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

t.test('ten wrong keys in a minute lock an address, but no key of ours', async (t) => {
  const app = await buildApp(t, { config })
  const made = await app.request('/api/keys', json({ role: 'viewer' }, bearer(API_KEY)))
  const { key } = (await made.json()) as { key: string }
  const attacker = '127.2.0.1'
  for (let at = 0; at < 10; at++) {
    const answer = await ask(app, attacker, bearer(`w${at}`.padEnd(32, 'x')))
    t.match(answer, { status: 401, code: 'UNAUTHENTICATED' })
  }
  const locked = await ask(app, attacker, bearer('w'.repeat(32)))
  t.match(locked, { status: 429, code: 'LOCKED_OUT' })
  t.ok(locked.retryAfter > 50 && locked.retryAfter <= 60, 'a minute', locked)
  t.equal(
    (await ask(app, attacker, bearer(API_KEY))).status,
    429,
    'API_KEY may be guessed: it waits',
  )
  t.equal((await ask(app, attacker, bearer(key))).status, 200, 'a neighbour’s key comes in')
  t.equal((await ask(app, attacker, {})).status, 401, 'no key is no guess')
  t.equal((await ask(app, attacker, {}, '/health')).status, 200)
  t.equal((await ask(app, '127.2.0.2', bearer(API_KEY))).status, 200, 'from elsewhere')
  const wrong = bearer('w'.repeat(32))
  for (let at = 0; at < 10; at++) await ask(app, '127.2.0.2', wrong)
  t.equal((await ask(app, '127.2.0.2', wrong)).status, 429)
  t.equal((await ask(app, '127.2.0.2', bearer(API_KEY))).status, 200, 'where it came in before')
  const forwarded = { ...bearer(API_KEY), 'x-forwarded-for': '198.51.100.7' }
  t.equal((await ask(app, attacker, forwarded)).status, 429, 'the socket’s address counts')
  t.ok((await sample(app.metrics, 'http_refused_total{reason="lockout"}')) >= 3)
  t.match(app.logged(), 'is locked')
  t.notMatch(app.logged(), attacker)
})

t.test('signing in counts as well', async (t) => {
  const app = await buildApp(t, { config })
  const statuses: number[] = []
  for (let at = 0; at < 11; at++) {
    const response = await app.request('/api/session', json({ key: `wrong ${at}` }))
    statuses.push(response.status)
  }
  t.same(statuses, [...Array<number>(10).fill(401), 429])
})

t.test('behind a trusted proxy each caller is one', async (t) => {
  const app = await buildApp(t, { config: { ...config, trustedProxies: ['127.0.0.0/8'] } })
  const from = (address: string) => ({ 'x-forwarded-for': address })
  for (let at = 0; at < 10; at++)
    await ask(app, '127.0.0.1', { ...bearer('w'.repeat(32)), ...from('198.51.100.7') })
  const status = async (address: string) =>
    (await ask(app, '127.0.0.1', { ...bearer(API_KEY), ...from(address) })).status
  t.equal(await status('198.51.100.7'), 429)
  t.equal(await status('198.51.100.8'), 200)
  t.equal(await status('203.0.113.9, 198.51.100.7'), 429, 'what it says itself is not believed')
})

t.test('each lock is longer than the one before, up to a quarter of an hour', (t) => {
  let now = 1_000_000
  const lockOut = new LockOut({ now: () => now })
  const lock = (address: string): number => {
    for (let at = 0; at < 9; at++) t.notOk(lockOut.wrongKey(address))
    t.ok(lockOut.wrongKey(address))
    return lockOut.secondsLeft(address)
  }
  for (const seconds of [60, 120, 240, 480, 900, 900]) {
    t.equal(lock('192.0.2.1'), seconds)
    now += seconds * 1000
    t.equal(lockOut.secondsLeft('192.0.2.1'), 0)
  }
  now += 61 * 60_000
  t.equal(lock('192.0.2.1'), 60, 'forgiven')
  for (let at = 0; at < 100; at++) {
    lockOut.wrongKey('192.0.2.2')
    now += 7000
  }
  t.equal(lockOut.secondsLeft('192.0.2.2'), 0, 'a few a minute are mistakes')
  t.end()
})

t.test('IPv6 by network, IPv4 in IPv6 as IPv4; only so many are remembered', (t) => {
  const lockOut = new LockOut({ now: () => 1_000_000 })
  for (let at = 0; at < 10; at++) lockOut.wrongKey(`2001:db8:1:2::${at}`)
  t.equal(lockOut.secondsLeft('2001:db8:1:2:ffff::1'), 60)
  t.equal(lockOut.secondsLeft('2001:db8:1:3::1'), 0)
  for (let at = 0; at < 10; at++) lockOut.wrongKey('::ffff:192.0.2.9')
  t.equal(lockOut.secondsLeft('192.0.2.9'), 60)
  for (let at = 0; at < 10_000; at++)
    lockOut.wrongKey(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
  t.equal(lockOut.secondsLeft('192.0.2.9'), 0, 'forgotten')
  t.end()
})

t.test('another port, or another word, is not another address', (t) => {
  for (const address of [
    '192.0.2.9',
    '192.0.2.9:49152',
    '::ffff:192.0.2.9',
    '[::ffff:192.0.2.9]:5',
  ])
    t.equal(addressGroup(address), '192.0.2.9', address)
  const network = addressGroup('2001:db8:1:2::1')
  for (const address of ['2001:db8:1:2::7', '[2001:db8:1:2::7]', '[2001:db8:1:2::7]:443'])
    t.equal(addressGroup(address), network, address)
  const words = ['', 'unknown', '_hidden', 'a'.repeat(9000), '192.0.2.9:x', '[192', '1.2.3.4.5']
  for (const word of words) t.equal(addressGroup(word), 'unknown', word.slice(0, 20))
  t.type(addressGroup('fe80::1%eth0'), 'string', 'a zone is no error')
  t.end()
})

t.test('one key may not ask too often, nor an address without one', async (t) => {
  const app = await buildApp(t, { config: { ...config, requestsPerSecond: 5 } })
  const made = await app.request('/api/keys', json({ role: 'viewer' }, bearer(API_KEY)))
  const { key } = (await made.json()) as { key: string }
  const burst = async (headers: Record<string, string>, path = '/api/session') => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const answer = await app.request(path, { headers })
        const { code } = (await answer.json()) as { code?: string }
        return { status: answer.status, code, retryAfter: answer.headers.get('retry-after') }
      }),
    )
    return answers.filter(({ status }) => status === 429)
  }
  const refused = await burst(bearer(key))
  t.ok(refused.length > 0, 'some are refused', { refused: refused.length })
  t.match(refused[0], { code: 'TOO_MANY_REQUESTS', retryAfter: '1' })
  const other = await app.request('/api/calls', { headers: bearer(API_KEY) })
  t.equal(other.status, 200, 'others are not')
  for (const path of ['/api/session', '/health', '/nowhere'])
    t.ok((await burst({}, path)).length > 0, `without a key: ${path}`)
  t.ok((await sample(app.metrics, 'http_refused_total{reason="rate"}')) > 0)
  const rehearsal = await buildApp(t, { config: { requestsPerSecond: 5 } })
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => rehearsal.request('/api/session')),
  )
  const isAnswered = answers.every(({ status }) => status === 200)
  t.ok(isAnswered, 'a rehearsal is on loopback')
})
