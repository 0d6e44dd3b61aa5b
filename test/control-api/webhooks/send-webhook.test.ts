// One attempt over real sockets: where it connects, how long it waits, what it does not follow.
import t, { type Test } from 'tap'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { sendWebhook, type SendOptions } from '../../../control-api/webhooks/send-webhook.ts'
import { ms } from '../../../core/contracts/index.ts'
import { makeCertificates, opensslOptions, pemOf } from '../../support/certificates.ts'
import { freeTcpPort } from '../../support/process.ts'
import { WebhookReceiver } from '../../support/webhook-receiver.ts'

const OPTIONS: SendOptions = {
  connectTimeout: ms(500),
  totalTimeout: ms(600),
  signal: new AbortController().signal,
}
const HERE = ['127.0.0.1']
const BODY = JSON.stringify({ id: '1' })

const send = (url: string, options: Partial<SendOptions> = {}, addresses = HERE) =>
  sendWebhook(
    { url: new URL(url), addresses, headers: { 'content-type': 'application/json' }, body: BODY },
    { ...OPTIONS, ...options },
  )

/** A server that says what the test wants, byte by byte. */
async function rawServer(t: Test, onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/`
}

t.test('a name is connected to at the addresses that were checked, asked of nobody', async (t) => {
  const receiver = await WebhookReceiver.listen(t)
  const url = `http://no-such-name.invalid:${receiver.port}/hook?token=1`
  t.same(await send(url), { kind: 'answered', status: 200 })
  t.match(receiver.received, [
    { path: '/hook?token=1', headers: { host: `no-such-name.invalid:${receiver.port}` } },
  ])
  t.match(await send(url, {}, ['127.0.0.9']), { kind: 'failed', why: 'nobody listens there' })
})

t.test('a redirect is an answer, not a way: nothing is sent to where it points', async (t) => {
  const inside = await WebhookReceiver.listen(t)
  for (const location of [inside.url(), 'http://169.254.169.254/latest/meta-data/', '/other'])
    for (const status of [301, 302, 307, 308]) {
      const receiver = await WebhookReceiver.listen(t)
      receiver.answer = () => ({ status, headers: { location } })
      t.same(await send(receiver.url()), { kind: 'answered', status })
      t.equal(receiver.received.length, 1)
    }
  t.equal(inside.received.length, 0)
})

t.test(
  'TLS: the certificate must be of the name, by an authority we know',
  opensslOptions,
  async (t) => {
    const made = makeCertificates(t, ['hooks.test'])
    const ca = pemOf(made.ca)
    const serve = async (files: { cert: string; key: string }) =>
      WebhookReceiver.listen(t, { cert: pemOf(files.cert), key: pemOf(files.key) })
    const good = await serve(made.good)
    t.same(await send(`https://hooks.test:${good.port}/`, { ca }), {
      kind: 'answered',
      status: 200,
    })
    t.match(await send(`https://hooks.test:${good.port}/`), { kind: 'failed' }, 'unknown authority')
    t.match(await send(`https://elsewhere.test:${good.port}/`, { ca }), {
      kind: 'failed',
      why: /ERR_TLS_CERT_ALTNAME_INVALID/,
    })
    for (const files of [made.expired, made.selfSigned, made.otherName]) {
      const bad = await serve(files)
      t.match(await send(`https://hooks.test:${bad.port}/`, { ca }), { kind: 'failed' })
      t.equal(bad.received.length, 0)
    }
  },
)

t.test('whoever does not answer, or drips, is left in time', async (t) => {
  const waits = async (url: string, why: RegExp) => {
    const began = performance.now()
    t.match(await send(url), { kind: 'failed', why }, String(why))
    t.ok(performance.now() - began < 1500)
  }
  await waits(await rawServer(t, () => undefined), /no answer within 600 ms|no answer in time/)
  const drip = await rawServer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write('x-y: z\r\n'), 50)
    socket.on('close', () => clearInterval(timer))
  })
  await waits(drip, /no answer within 600 ms|no answer in time/)
  await waits(await rawServer(t, (socket) => socket.destroy()), /cut/)
  await waits(await rawServer(t, (socket) => socket.end('SSH-2.0-x\r\n')), /broke off|HPE_/)
  const flood = await rawServer(t, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${`x-y: ${'z'.repeat(1000)}\r\n`.repeat(40)}\r\n`)
  })
  await waits(flood, /HEADERS_OVERFLOW/)
  await waits(`http://127.0.0.1:${await freeTcpPort()}/`, /nobody listens/)
})

t.test('the status counts, whatever becomes of the body: endless, slow, cut, a bomb', async (t) => {
  const answered = async (url: string) => {
    const began = performance.now()
    t.same(await send(url), { kind: 'answered', status: 200 })
    t.ok(performance.now() - began < 1200)
  }
  let sent = 0
  const endless = await rawServer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 9999999999\r\n\r\n')
    const more = (): void => {
      while (socket.writable && socket.write(Buffer.alloc(16_384))) sent += 16_384
    }
    socket.on('drain', more)
    more()
  })
  await answered(endless)
  t.ok(sent < 30_000_000, `little of it was taken: ${sent} bytes`)
  await answered(
    await rawServer(t, (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nx')),
  )
  await answered(
    await rawServer(t, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nx')),
  )
})

t.test('broken off, it ends at once', async (t) => {
  const url = await rawServer(t, () => undefined)
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  const began = performance.now()
  t.match(await send(url, { signal: stop.signal }), { kind: 'failed', why: /we stop/ })
  t.ok(performance.now() - began < 400)
})
