// SIP over TLS: whom we believe and why not, whom a connection may be used for, handshakes that do not end.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import type { Peer } from '../../../../../gateway/embedded/transport/transport.ts'
import {
  makeCertificates,
  opensslOptions,
  pemOf,
  type CertificateFiles,
  type TestCertificates,
} from '../../../../support/certificates.ts'
import {
  answerCalls,
  dial,
  eventually,
  Line,
  openStreamRig,
  request,
  sleep,
  type AnsweringServer,
  type StreamRig,
} from './stream-rig.ts'

const OK = 'SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'
const DOMAIN = 'sip.example.test'

const pem = ({ cert, key }: CertificateFiles) => ({ cert: pemOf(cert), key: pemOf(key) })

t.test('TLS', opensslOptions, async (t) => {
  const certificates = makeCertificates(t, [DOMAIN, 'second.test'])
  const ca = pemOf(certificates.ca)

  await t.test('a server whose certificate is for the domain', async (t) => {
    const rig = await openStreamRig(t, { protocol: 'tls', tls: { ca } })
    const names: (string | false | null)[] = []
    const server = await answerTls(t, certificates.good, (socket) => names.push(socket.servername))
    const sent = Array.from({ length: 100 }, () => request())
    for (const text of sent)
      rig.transport.send(
        Buffer.from(text),
        { ...server.peer, domain: 'SIP.Example.test.' },
        rig.onFailed,
      )
    await eventually('all', 3_000, () => server.lines[0]?.text.length === sent.join('').length)
    t.equal(server.lines[0]?.text, sent.join(''))
    t.equal(server.lines.length, 1)
    t.strictSame(names, [DOMAIN], 'it was told whom we look for')
    server.lines[0]?.socket.write(OK)
    await eventually('the answer', 3_000, () => rig.messages.length === 1)
    t.match(rig.messages[0], { text: OK, from: server.peer })
    t.strictSame(rig.failures, [])
  })

  await t.test('each wrong certificate has its reason, and nothing is sent', async (t) => {
    for (const [which, domain, why] of [
      ['expired', DOMAIN, 'Certificate Has Expired'],
      ['otherName', DOMAIN, 'Certificate Is For Another Name'],
      ['otherName', undefined, 'Certificate Is For Another Name'],
      ['good', 'third.test', 'Certificate Is For Another Name'],
      ['good', '127.0.0.2', 'Certificate Is For Another Name'],
      ['selfSigned', DOMAIN, 'Certificate Not Trusted'],
    ] as const) {
      const rig = await openStreamRig(t, { protocol: 'tls', tls: { ca } })
      const server = await answerTls(t, certificates[which])
      for (let copy = 0; copy < 2; copy += 1) send(rig, server.peer, domain)
      await eventually('the refusals', 3_000, () => rig.failures.length === 2)
      t.strictSame(rig.failures, [why, why], `${which} for ${domain ?? 'the address'}`)
      await sleep(20)
      t.equal(server.lines.map(({ text }) => text).join(''), '')
      t.equal(rig.transport.connectionCount, 0)
    }
    const strict = await openStreamRig(t, { protocol: 'tls' })
    const server = await answerTls(t, certificates.good)
    send(strict, server.peer, DOMAIN)
    await eventually('the refusal', 3_000, () => strict.failures.length === 1)
    t.strictSame(strict.failures, ['Certificate Not Trusted'], 'not signed by the system’s own')
  })

  await t.test('what is no TLS server, or none at all', async (t) => {
    const rig = await openStreamRig(t, { protocol: 'tls', tls: { ca }, timers: { connectMs: 500 } })
    const plain = await answerCalls(t)
    send(rig, plain.peer, DOMAIN)
    await eventually('the connection', 3_000, () => plain.lines.length === 1)
    plain.lines[0]?.socket.write('SIP/2.0 400 Plain text please\r\n\r\n')
    await eventually('the failure', 3_000, () => rig.failures.length === 1)
    send(rig, plain.peer, DOMAIN)
    await eventually('the connection', 3_000, () => plain.lines.length === 2)
    plain.lines[1]?.socket.destroy()
    await eventually('the failure', 3_000, () => rig.failures.length === 2)
    send(rig, plain.peer, DOMAIN)
    await eventually('the deadline', 3_000, () => rig.failures.length === 3)
    const old = createTlsServer({
      ...pem(certificates.good),
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
    })
    send(rig, (await answerCalls(t, '127.0.0.1', old, 'secureConnection')).peer, DOMAIN)
    await eventually('the failure', 3_000, () => rig.failures.length === 4)
    send(rig, { address: '127.0.0.1', port: 9 }, DOMAIN)
    await eventually('the refusal', 3_000, () => rig.failures.length === 5)
    t.strictSame(rig.failures, [
      'TLS Handshake Failed',
      'TLS Handshake Failed',
      'Connection Timed Out',
      'TLS Handshake Failed',
      'Connection Refused',
    ])
    t.equal(rig.transport.connectionCount, 0)
  })

  await t.test('a domain gets a connection that was verified for it', async (t) => {
    const rig = await openStreamRig(t, { protocol: 'tls', tls: { ca } })
    const server = await answerTls(t, certificates.good)
    const arrived = (requests: number): Promise<unknown> =>
      eventually(`${requests} requests`, 3_000, () => {
        const all = server.lines.map(({ text }) => text).join('')
        return all.match(/OPTIONS/g)?.length === requests
      })
    send(rig, server.peer, DOMAIN)
    send(rig, server.peer, DOMAIN)
    await arrived(2)
    t.equal(server.lines.length, 1)
    send(rig, server.peer, 'second.test')
    await arrived(3)
    t.equal(server.lines.length, 2)
    rig.transport.reply(Buffer.from(OK), server.peer, 5061)
    send(rig, server.peer, undefined)
    await arrived(4)
    t.equal(server.lines.length, 2, 'without a domain any of them will do')
    send(rig, server.peer, 'third.test')
    await eventually('the refusal', 3_000, () => rig.failures.length === 1)
    t.strictSame(rig.failures, ['Certificate Is For Another Name'])
    t.equal(rig.transport.connectionCount, 2)
  })

  await t.test('an answer waits for no connection that may lead elsewhere', async (t) => {
    const rig = await openStreamRig(t, { protocol: 'tls', tls: { ca } })
    const server = await answerTls(t, certificates.good)
    send(rig, server.peer, 'third.test')
    rig.transport.reply(Buffer.from(OK), server.peer, server.peer.port)
    await eventually('the answer', 3_000, () => server.lines.some(({ text }) => text === OK))
    t.strictSame(rig.failures, ['Certificate Is For Another Name'])
  })

  await t.test('callers in: requests, answers, and never a request for a domain', async (t) => {
    const tls = { ca, ...pem(certificates.good) }
    const rig = await openStreamRig(t, { protocol: 'tls', tls, answer: () => OK })
    const caller = await dialTls(t, rig, ca)
    t.ok(caller.authorized)
    const line = new Line(t, caller)
    const text = request('v=0\r\n')
    for (const byte of text) caller.write(byte)
    await line.waitFor(OK)
    t.match(rig.messages, [{ text, from: { port: caller.localPort } }])
    const { from } = rig.messages[0]!
    const bye = request()
    rig.transport.send(Buffer.from(bye), from)
    await line.waitFor(bye)
    rig.transport.send(Buffer.from(request()), { ...from, domain: DOMAIN }, rig.onFailed)
    await eventually('the refusal', 3_000, () => rig.failures.length === 1)
    t.strictSame(rig.failures, ['Connection Refused'])
    t.equal(line.text, OK + bye)
    caller.end()
    await eventually('its end', 3_000, () => rig.transport.connectionCount === 0)
  })

  await t.test('a handshake that does not end, or is none', async (t) => {
    const tls = pem(certificates.good)
    const rig = await openStreamRig(t, {
      protocol: 'tls',
      tls,
      timers: { connectMs: 600 },
      limits: { maxConnectionsPerAddress: 2 },
    })
    const { local } = rig.transport
    const silent = await dial(t, local)
    const dripping = await dial(t, local)
    const hello = Buffer.from('16030100ff010000fb0303', 'hex')
    let sent = 0
    const drip = setInterval(() => {
      if (!dripping.closed) dripping.socket.write(Buffer.of(hello[sent++] ?? 0))
    }, 20)
    t.teardown(() => clearInterval(drip))
    await (await dial(t, local)).waitForClose()
    t.equal(rig.dropped.get('connections-of-one-address'), 1, 'they count')
    await Promise.all([silent.waitForClose(), dripping.waitForClose()])
    t.equal(rig.dropped.get('tls-handshake-timeout'), 2)
    const plain = await dial(t, local)
    plain.socket.write(request())
    await plain.waitForClose()
    t.equal(rig.dropped.get('tls-handshake-failed'), 1)
    const old = connectTls({
      ...local,
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await once(old, 'error')
    const failed = (): boolean => rig.dropped.get('tls-handshake-failed') === 2
    await eventually('the end of TLS 1.1', 3_000, failed)
    const good = await dialTls(t, rig, ca)
    await eventually('a good one', 3_000, () => rig.transport.connectionCount === 1)
    await rig.transport.close()
    await eventually('all gone', 3_000, () => good.closed)
    t.strictSame(rig.messages, [])
    const patient = await openStreamRig(t, { protocol: 'tls', tls, timers: { connectMs: 30_000 } })
    const shaking = await dial(t, patient.transport.local)
    await sleep(50)
    await patient.transport.close()
    await shaking.waitForClose()
  })

  await t.test('broken records after the handshake end the connection', async (t) => {
    const rig = await openStreamRig(t, { protocol: 'tls', tls: pem(certificates.good) })
    const far = connect(rig.transport.local)
    const relay = createServer((near) => {
      near.pipe(far)
      far.pipe(near)
      near.on('error', () => far.destroy())
    })
    t.teardown(() => far.destroy())
    const { peer } = await answerCalls(t, '127.0.0.1', relay)
    const caller = connectTls({ host: peer.address, port: peer.port, ca, servername: DOMAIN })
    t.teardown(() => caller.destroy())
    caller.on('error', () => {
      // The alert that answers what follows.
    })
    await once(caller, 'secureConnect')
    await eventually('the handshake', 3_000, () => rig.transport.connectionCount === 1)
    far.write('OPTIONS sip:plain SIP/2.0\r\n\r\n')
    await eventually('its end', 3_000, () => rig.transport.connectionCount === 0)
    t.strictSame(rig.messages, [])
  })

  await t.test('without a certificate it only calls out', async (t) => {
    const rig = await openStreamRig(t, { protocol: 'tls', tls: { ca } })
    t.strictSame(rig.transport.local, { host: '127.0.0.1', port: 5061 })
    const named = await openStreamRig(t, { protocol: 'tls', tls: { ca }, port: 5071 })
    t.equal(named.transport.local.port, 5071)
    const server = await answerTls(t, certificates.good)
    send(rig, server.peer, DOMAIN)
    await eventually('the call', 3_000, () => server.lines.length === 1)
    await rig.transport.close()
    await server.lines[0]!.waitForClose()
  })

  await t.test('a certificate that is none, or lacks its key', async (t) => {
    const { cert, key } = pem(certificates.good)
    const open = (tls: object) => openStreamRig(t, { protocol: 'tls', tls })
    await t.rejects(open({ cert }), { code: 'ERR_INVALID_ARG_VALUE' })
    await t.rejects(open({ cert: 'x', key }), { code: /^ERR_OSSL/ })
    await t.rejects(open({ cert, key: pem(certificates.expired).key }), { code: /^ERR_OSSL/ })
  })

  await t.test('a domain that no handshake can carry', async (t) => {
    const rig = await openStreamRig(t, { protocol: 'tls', tls: { ca } })
    const server = await answerTls(t, certificates.good)
    const domains = ['', ' ', '*', 'a'.repeat(300), '\0', 'ä.test', '127.0.0.1.', '[::1]']
    for (const domain of domains) send(rig, server.peer, domain)
    await eventually('the refusals', 3_000, () => rig.failures.length >= domains.length - 1)
    t.equal(
      server.lines
        .map(({ text }) => text)
        .join('')
        .match(/OPTIONS/g)?.length ?? 0,
      1,
    )
    t.comment(rig.failures.join(' | '))
  })
})

function send(rig: StreamRig, peer: Peer, domain: string | undefined): void {
  const to = domain === undefined ? peer : { ...peer, domain }
  rig.transport.send(Buffer.from(request()), to, rig.onFailed)
}

function answerTls(
  t: Test,
  certificate: TestCertificates['good'],
  onConnection: (socket: TLSSocket) => unknown = () => undefined,
): Promise<AnsweringServer> {
  const server = createTlsServer(pem(certificate))
  server.on('secureConnection', onConnection)
  return answerCalls(t, '127.0.0.1', server, 'secureConnection')
}

async function dialTls(t: Test, rig: StreamRig, ca: string): Promise<TLSSocket> {
  const socket = connectTls({ ...rig.transport.local, ca, servername: DOMAIN })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}
