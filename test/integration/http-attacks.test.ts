// Attacks on the HTTP server, byte by byte: each is refused as it should be and counted, costs no memory, and leaves
// a server that answers.
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { buildApp, eventually, type BuiltApp } from '../support/build-app.ts'
import { answersOn, openRaw, rawRequest, type RawAnswer } from '../support/raw-http.ts'

const HOST = 'Host: localhost\r\n'
const SEARCH = `POST /api/calls/search HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n`
const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const get = (path: string, headers = HOST): string => `GET ${path} HTTP/1.1\r\n${headers}\r\n`

/** What is sent, what is answered (none: it is only hung up), and under which reason it counts. */
type Attack = readonly [
  name: string,
  bytes: string | Buffer,
  answer: readonly [status: number, code: string] | undefined,
  reason?: string,
]

const BAD = [400, 'REQUEST_INVALID'] as const
const TOO_LARGE = [413, 'PAYLOAD_TOO_LARGE'] as const
const NOT_FOUND = [404, 'NOT_FOUND'] as const
const HEADERS = [431, 'HEADERS_TOO_LARGE'] as const
const NOT_SERVED = [403, 'HOST_NOT_SERVED'] as const
const UNREADABLE = [415, 'UNSUPPORTED_MEDIA_TYPE'] as const

/** A smuggled request stands behind each: it must not be answered. */
const SMUGGLED = get('/health')
const BOTH = `Content-Length: 2\r\n${CHUNKED}\r\n2\r\n{}\r\n0\r\n\r\n${SMUGGLED}`
const smuggling: readonly Attack[] = [
  ['length and chunked', `${SEARCH}${BOTH}`, BAD, 'malformed'],
  ['two lengths', `${SEARCH}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}${SMUGGLED}`, BAD],
  ['a list of lengths', `${SEARCH}Content-Length: 2, 2\r\n\r\n{}${SMUGGLED}`, BAD, 'malformed'],
  ['a length with a sign', `${SEARCH}Content-Length: +2\r\n\r\n{}${SMUGGLED}`, BAD, 'malformed'],
  ['a negative length', `${SEARCH}Content-Length: -1\r\n\r\n{}`, BAD, 'malformed'],
  ['a length of twenty digits', `${SEARCH}Content-Length: ${'9'.repeat(20)}\r\n\r\n{}`, BAD],
  ['a space before the colon', `${SEARCH}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, BAD],
  ['nearly chunked', `${SEARCH}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, BAD, 'malformed'],
  ['packed and chunked', `${SEARCH}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, BAD],
  ['chunked not last', `${SEARCH}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, BAD],
  [
    'chunked in HTTP/1.0',
    `POST /api/calls/search HTTP/1.0\r\n${HOST}${CHUNKED}\r\n0\r\n\r\n${SMUGGLED}`,
    BAD,
    'malformed',
  ],
  ['a chunk of no size', `${SEARCH}${CHUNKED}\r\nzz\r\n{}\r\n0\r\n\r\n`, BAD, 'malformed'],
  ['chunks that end in LF', `${SEARCH}${CHUNKED}\r\n2\n{}\n0\n\n${SMUGGLED}`, BAD, 'malformed'],
  ['a folded header', `GET /health HTTP/1.1\r\n${HOST}X-A: b\r\n c\r\n\r\n`, BAD, 'malformed'],
  ['lines that end in LF', 'GET /health HTTP/1.1\nHost: localhost\n\n', BAD, 'malformed'],
  ['a CR in a header', get('/health', `${HOST}X-A: b\rc\r\n`), BAD, 'malformed'],
  ['a NUL in a header', get('/health', `${HOST}X-A: b\0c\r\n`), BAD, 'malformed'],
]

const sizes: readonly Attack[] = [
  ['a body too long', `${SEARCH}Content-Length: 70000\r\n\r\n{"text":"`, TOO_LARGE, 'size'],
  [
    'chunks too many',
    `${SEARCH}${CHUNKED}\r\n${`2000\r\n${'a'.repeat(0x2000)}\r\n`.repeat(20)}`,
    TOO_LARGE,
    'size',
  ],
  [
    'a chunk extension too long',
    `${SEARCH}${CHUNKED}\r\n2;a=${'b'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
    TOO_LARGE,
    'size',
  ],
  ['a header too long', get('/health', `${HOST}X-A: ${'b'.repeat(17_000)}\r\n`), HEADERS, 'header'],
  ['headers too many', get('/health', HOST + 'X-A: b\r\n'.repeat(101)), HEADERS, 'header'],
  ['more headers than Node reads', get('/health', HOST + 'a:b\r\n'.repeat(2500)), HEADERS],
  ['a cookie too long', get('/health', `${HOST}Cookie: ${'a=b; '.repeat(4000)}\r\n`), HEADERS],
  ['cookies too many', get('/health', HOST + 'Cookie: a=b\r\n'.repeat(200)), HEADERS, 'header'],
  ['a path too long', get(`/${'a'.repeat(17_000)}`), HEADERS, 'header'],
  ['a parameter too long', get(`/api/calls/${'a'.repeat(500)}`), BAD],
  ['a query too long', get(`/api/calls?text=${'a'.repeat(15_000)}`), BAD],
  ['ten thousand levels', get(`/${'a/'.repeat(5000)}`), NOT_FOUND],
]

const bomb = Buffer.alloc(8 * 1024 * 1024)
const packed = (name: string, body: Buffer): Attack => [
  `a bomb of ${name}`,
  Buffer.concat([
    Buffer.from(`${SEARCH}Content-Encoding: ${name}\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]),
  UNREADABLE,
  'encoding',
]
const bombs: readonly Attack[] = [
  packed('gzip', gzipSync(bomb)),
  packed('br', brotliCompressSync(bomb)),
  packed('deflate', deflateSync(bomb)),
  packed('gzip, gzip', gzipSync(gzipSync(bomb))),
]

const paths: readonly Attack[] = [
  ...[
    '/%2e%2e/%2e%2e/package.json',
    '/console/../../package.json',
    '/console/..%2f..%2fpackage.json',
    '/docs/static/..%2f..%2fpackage.json',
    '//health',
    '/./health',
    '/;/health',
    '/health;x',
    '/health%00',
    '/%00',
    '/health/',
    '/HEALTH',
    '/health%20',
    '/api/calls/%2e%2e%2fkeys',
    '/api/calls/..;/keys',
    '/x%0d%0aSet-Cookie:%20a=b',
  ].map((path) => [path, get(path), NOT_FOUND] as const),
  ...[
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/docs/static/..\\..\\package.json',
    '/health%',
  ].map((path) => [path, get(path), BAD] as const),
  ['a path that is no UTF-8', get('/%c0%ae%c0%ae/'), BAD],
  ['bytes that are no ASCII', Buffer.from(get('/caf\u00e9'), 'latin1'), BAD, 'malformed'],
  ['no path', `GET  HTTP/1.1\r\n${HOST}\r\n`, BAD, 'malformed'],
]

const hosts: readonly Attack[] = [
  ['no host', 'GET /health HTTP/1.1\r\n\r\n', BAD, 'malformed'],
  ['no host in HTTP/1.0', 'GET /health HTTP/1.0\r\n\r\n', NOT_SERVED, 'host'],
  ['two hosts', get('/health', `${HOST}Host: evil.example\r\n`), BAD],
  ...[
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'localhost/evil.example',
    'evil.example\t',
    '192.0.2.1',
    '',
  ].map(
    (host) => [`Host: ${host}`, get('/health', `Host: ${host}\r\n`), NOT_SERVED, 'host'] as const,
  ),
  [
    'a forwarded host',
    get('/health', 'Host: evil.example\r\nX-Forwarded-Host: localhost\r\n'),
    NOT_SERVED,
    'host',
  ],
  ['another host in the address', get('http://evil.example/health'), BAD, 'malformed'],
]

const languages: readonly Attack[] = [
  ['TRACE', `TRACE /health HTTP/1.1\r\n${HOST}\r\n`, NOT_FOUND],
  ['CONNECT', `CONNECT example.com:443 HTTP/1.1\r\n${HOST}\r\n`, undefined],
  ['a method nobody knows', `FOO /health HTTP/1.1\r\n${HOST}\r\n`, BAD, 'malformed'],
  ['HTTP/0.9', 'GET /health\r\n\r\n', BAD, 'malformed'],
  ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', BAD, 'malformed'],
  ['HTTP/9.9', `GET /health HTTP/9.9\r\n${HOST}\r\n`, BAD, 'malformed'],
  ['TLS', Buffer.from('16030100d5010000d10303', 'hex'), BAD, 'malformed'],
  ['SIP', `OPTIONS sip:a@localhost SIP/2.0\r\n${HOST}\r\n`, BAD, 'malformed'],
]

const GROUPS: Readonly<Record<string, readonly Attack[]>> = {
  'requests that two readers would cut in two ways': smuggling,
  'too much of everything': sizes,
  'packed bodies': bombs,
  'tricks in the path': paths,
  'names that are not ours, by DNS rebinding or otherwise': hosts,
  'other methods and other protocols': languages,
}

for (const [group, attacks] of Object.entries(GROUPS))
  t.test(group, async (t) => {
    const app = await buildApp(t)
    for (const [name, bytes, answer, reason] of attacks) {
      const before = await refusals(app)
      const { answers, closed } = await rawRequest(t, app.api.address, bytes, 30)
      if (answer === undefined) t.same({ answers, closed }, { answers: [], closed: true }, name)
      else isRefused(t, answers, answer, name)
      const after = await refusals(app)
      if (reason !== undefined)
        t.ok(count(after, reason) > count(before, reason), `${name}: counted`)
    }
    await answersStill(t, app)
  })

function isRefused(
  t: Test,
  answers: readonly RawAnswer[],
  [status, code]: readonly [number, string],
  name: string,
): void {
  const [first] = answers
  t.equal(first?.status, status, name)
  t.match(first?.headers['content-type'], 'application/problem+json', name)
  t.match(JSON.parse(first?.body ?? '{}'), { status, code }, name)
  t.notOk(first?.headers['set-cookie'], name)
  t.notOk(
    answers.some((one) => one.status < 400),
    `${name}: nothing behind it is answered`,
  )
}

t.test('a key cannot be done without by writing the path otherwise', async (t) => {
  const config = { requireKey: true, apiKey: 'k'.repeat(32), rehearsal: false }
  const app = await buildApp(t, { config })
  const ways = ['', '/', '//', '?', '?x', '#x', ';x', '%20', '/.', '/x/..', '%2f']
  const heads = [
    '/api/calls',
    '//api/calls',
    '/api//calls',
    '/API/calls',
    '/api/%63alls',
    '/./api/calls',
  ]
  const asked = heads.flatMap((head) => ways.map((way) => get(head + way)))
  asked.push(get('http://localhost/api/calls'), `HEAD /api/calls HTTP/1.1\r\n${HOST}\r\n`)
  for (const bytes of asked) {
    const [answer] = (await rawRequest(t, app.api.address, bytes, 10)).answers
    t.ok(
      [400, 401, 404].includes(answer?.status ?? 0),
      `${bytes.split('\r', 1)[0]}: ${answer?.status}`,
    )
  }
})

/** Short ones, so that the test need not wait; the same code as with the usual ones. */
const SHORT = { headersMs: 300, requestMs: 600, checkEveryMs: 50, idleMs: 500 }

t.test('whoever is slow is waited for a while, and no longer', async (t) => {
  const app = await buildApp(t, { config: { httpLimits: SHORT } })
  const SLOW = 40
  const beginnings = [
    '',
    'GET /health HTTP/1.1\r\nX-A: ',
    `${SEARCH}Content-Length: 5000\r\n\r\n{`,
    `${SEARCH}${CHUNKED}\r\n1000\r\n{`,
  ]
  const sockets = await Promise.all(Array.from({ length: SLOW }, () => openRaw(t, app.api.address)))
  const startedAt = performance.now()
  const read = sockets.map((socket) => answersOn(socket, 3000))
  for (const [at, socket] of sockets.entries()) socket.write(beginnings[at % 4] ?? '')
  const trickle = setInterval(() => {
    for (const [at, socket] of sockets.entries()) if (at % 4 !== 0) socket.write('a')
  }, 100)
  t.teardown(() => clearInterval(trickle))
  t.equal((await app.request('/health')).status, 200, 'others are answered meanwhile')
  const ends = await Promise.all(read)
  clearInterval(trickle)
  const took = performance.now() - startedAt
  t.ok(took < 2500, `all are gone after ${Math.round(took)} ms`)
  for (const { answers, closed } of ends) {
    t.ok(closed)
    isRefused(t, answers, [408, 'REQUEST_TOO_SLOW'], 'too slow')
  }
  t.equal(count(await refusals(app), 'timeout'), SLOW)
  await answersStill(t, app)
})

t.test('whoever asks for much and reads nothing is let go', async (t) => {
  const app = await buildApp(t, { config: { httpLimits: SHORT } })
  const socket = await openRaw(t, app.api.address)
  socket.pause()
  const asked = 200
  socket.write(get('/docs/static/swagger-ui-bundle.js').repeat(asked))
  // One more request, now and then: nobody reads it, until the connection is no more and it is refused by the kernel.
  const gone = heard(socket, 'error', 'close')
  const knocking = setInterval(() => socket.write(get('/health')), 250)
  await Promise.race([gone, sleep(20_000, undefined, { ref: false })])
  clearInterval(knocking)
  let bytes = 0
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
  socket.resume()
  await heard(socket, 'close')
  t.ok(bytes < asked * 1e6, `${Math.round(bytes / 1e6)} MB came of some ${asked * 1.4}`)
  await answersStill(t, app)
})

t.test('connections have a bound, and those beyond it are counted', async (t) => {
  const app = await buildApp(t, { config: { httpLimits: { maxConnections: 20 } } })
  const sockets = await Promise.all(Array.from({ length: 50 }, () => openRaw(t, app.api.address)))
  for (const socket of sockets) socket.resume()
  await eventually('the refusals', () =>
    Promise.resolve(sockets.filter(({ closed }) => closed).length >= 30),
  )
  t.equal(sockets.filter(({ closed }) => closed).length, 30)
  t.equal(count(await refusals(app), 'connections'), 30)
  for (const socket of sockets) socket.destroy()
  await answersStill(t, app)
})

t.test('one address does not take all connections, a proxy may', async (t) => {
  const httpLimits = { maxOfOneAddress: 5 }
  const app = await buildApp(t, { config: { httpLimits } })
  const open = (app: BuiltApp) =>
    Promise.all(Array.from({ length: 10 }, () => openRaw(t, app.api.address)))
  const sockets = await open(app)
  for (const socket of sockets) socket.resume()
  const isClosed = () => sockets.filter(({ closed }) => closed).length
  await eventually('the refusals', () => Promise.resolve(isClosed() >= 5))
  t.equal(isClosed(), 5)
  const { host, port } = app.api.address
  const other = connect({ host, port, localAddress: '127.2.0.9' })
  t.teardown(() => other.destroy())
  other.write(get('/health'))
  const { answers } = await answersOn(other, 150)
  t.match(answers, [{ status: 200 }], 'another address comes in')
  t.equal(count(await refusals(app), 'connections'), 5)
  for (const socket of sockets) socket.destroy()
  await answersStill(t, app)
  const trustedProxies = ['127.0.0.0/8']
  const behind = await buildApp(t, { config: { httpLimits, trustedProxies } })
  for (const socket of await open(behind)) {
    socket.write(get('/health'))
    t.match(await answersOn(socket, 50), { answers: [{ status: 200 }] })
  }
})

t.test('many requests on one connection are answered in their order', async (t) => {
  const app = await buildApp(t)
  const numbers = Array.from({ length: 500 }, (_, index) => index)
  const bytes = numbers.map((at) => get(at % 2 === 0 ? '/health' : `/n${at % 1000}`)).join('')
  const { answers } = await rawRequest(t, app.api.address, bytes, 300)
  t.same(
    answers.map(({ status }) => status),
    numbers.map((at) => (at % 2 === 0 ? 200 : 404)),
  )
})

t.test('none of it costs memory', async (t) => {
  const app = await buildApp(t)
  const MEGABYTE = Buffer.alloc(1024 * 1024, 'a')
  const flood = async (head: string): Promise<void> => {
    const socket = await openRaw(t, app.api.address)
    socket.resume()
    socket.write(head)
    for (let sent = 0; sent < 48 && !socket.destroyed && socket.writable; sent++)
      if (!socket.write(MEGABYTE)) await heard(socket, 'drain', 'close')
    socket.destroy()
  }
  const heads = [
    `${SEARCH}Content-Length: 500000000\r\n\r\n`,
    `${SEARCH}${CHUNKED}\r\n1dcd6500\r\n`,
    `GET /health HTTP/1.1\r\n${HOST}Content-Length: 500000000\r\n\r\n`,
    `POST /nowhere HTTP/1.1\r\n${HOST}Content-Length: 500000000\r\n\r\n`,
    `GET /health HTTP/1.1\r\n${HOST}X-A: `,
    'GET /',
  ]
  await Promise.all(heads.map(flood)) // Warm.
  const before = process.memoryUsage().rss
  for (let round = 0; round < 2; round++) await Promise.all(heads.map(flood))
  const grown = (process.memoryUsage().rss - before) / 2 ** 20
  t.ok(grown < 60, `${Math.round(grown)} MB more after 576 MB at most`)
  await answersStill(t, app)
})

/** An error is followed by the close. */
const heard = (socket: Socket, ...events: readonly string[]): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) socket.off(event, done)
      resolve()
    }
    for (const event of events) socket.on(event, done)
    if (socket.closed) done()
  })

async function answersStill(t: Test, app: BuiltApp): Promise<void> {
  await eventually('an answer', async () => {
    const answer = await app.request('/health').catch(() => undefined)
    return answer?.status === 200 && (await answer.json()) !== null
  })
  t.pass('it answers still')
}

async function refusals(app: BuiltApp): Promise<string> {
  return (await app.metrics.render()).body
}

const count = (page: string, reason: string): number =>
  Number(
    new RegExp(`^voicegate_http_refused_total\\{reason="${reason}"\\} (\\d+)`, 'm').exec(
      page,
    )?.[1] ?? 0,
  )
