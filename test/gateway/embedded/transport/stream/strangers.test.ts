// Whose place a newcomer gets when all are taken, how long a stranger may be silent, and who is no stranger any more.
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { MessageTrace } from '../../../../../gateway/embedded/trace/message-trace.ts'
import { TracedTransport } from '../../../../../gateway/embedded/trace/traced-transport.ts'
import { ConnectionQuota } from '../../../../../gateway/embedded/transport/stream/connection-quota.ts'
import { makeCertificates, opensslOptions, pemOf } from '../../../../support/certificates.ts'
import {
  answerCalls,
  dial,
  eventually,
  Line,
  openStreamRig,
  request,
  sleep,
  type StreamRig,
} from './stream-rig.ts'

const OK = 'SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'
const DISPLACE_AFTER_MS = 400

/** One that sent a request and was answered. */
async function ask(t: Test, { transport }: StreamRig, localAddress = '127.0.0.1') {
  const line = await dial(t, { ...transport.local, localAddress })
  line.socket.write(request())
  await line.waitFor(OK)
  return { line, peer: { address: localAddress, port: line.socket.localPort ?? 0 } }
}

t.test('90 silent connections from 9 addresses do not keep a tenth address out', async (t) => {
  const quota = new ConnectionQuota(100, 10, { displaceAfterMs: DISPLACE_AFTER_MS })
  const rig = await openStreamRig(t, { quota, answer: () => OK })
  const strangers: Line[] = []
  for (let index = 0; index < 90; index += 1)
    strangers.push((await ask(t, rig, `127.0.0.${String(2 + (index % 9))}`)).line)
  await sleep(DISPLACE_AFTER_MS)
  for (let index = 0; index < 10; index += 1) await ask(t, rig, '127.0.0.11')
  await eventually('their places', 3_000, () => rig.transport.connectionCount === 90)
  t.strictSame([...rig.dropped], [['connection-displaced', 10]])
  t.strictSame(
    strangers.map(({ closed }) => closed),
    strangers.map((_, index) => index < 10),
    'those silent longest',
  )
  const eleventh = await dial(t, { ...rig.transport.local, localAddress: '127.0.0.11' })
  await eleventh.waitForClose()
  t.equal(rig.dropped.get('connections-of-one-address'), 1, 'who has enough displaces nobody')
  t.equal(rig.dropped.get('connection-displaced'), 10)
})

t.test('who proved useful, who came just now, and those we opened keep their places', async (t) => {
  const quota = new ConnectionQuota(5, 10, { displaceAfterMs: DISPLACE_AFTER_MS })
  const rig = await openStreamRig(t, { quota, answer: () => OK })
  const server = await answerCalls(t)
  rig.transport.send(Buffer.from(request()), server.peer)
  await eventually('ours', 3_000, () => rig.transport.connectionCount === 1)
  const useful = await ask(t, rig)
  const [talks, silent] = [await ask(t, rig), await ask(t, rig)]
  const late = await ask(t, rig)
  new TracedTransport(rig.transport, new MessageTrace(65_536)).keep(useful.peer)
  rig.transport.keep(server.peer)
  rig.transport.keep({ address: '127.0.0.1', port: 1 })
  await (await dial(t, rig.transport.local)).waitForClose()
  t.strictSame([...rig.dropped], [['connections-full', 1]], 'all of them came just now')
  await sleep(DISPLACE_AFTER_MS)
  talks.line.socket.write(request())
  await eventually('it', 3_000, () => rig.messages.length === 5)
  const next = [await ask(t, rig)]
  await silent.line.waitForClose()
  next.push(await ask(t, rig))
  await late.line.waitForClose()
  t.notOk(talks.line.closed, 'who spoke last goes last')
  next.push(await ask(t, rig))
  await talks.line.waitForClose()
  t.equal(rig.dropped.get('connection-displaced'), 3)
  await (await dial(t, rig.transport.local)).waitForClose()
  t.equal(rig.dropped.get('connections-full'), 2)
  t.notOk([useful, ...next].some(({ line }) => line.closed))
  t.equal(server.lines[0]?.closed, false)
  useful.line.socket.write(request())
  await eventually('its answer', 3_000, () => useful.line.text === OK + OK)
})

t.test(
  'over TLS too: during the handshake, after it, and until it is kept',
  opensslOptions,
  async (t) => {
    const { good } = makeCertificates(t)
    const quota = new ConnectionQuota(1, 10, { displaceAfterMs: 100 })
    const tls = { cert: pemOf(good.cert), key: pemOf(good.key) }
    const rig = await openStreamRig(t, { protocol: 'tls', quota, tls, answer: () => OK })
    const mute = await dial(t, rig.transport.local)
    const call = async (): Promise<Line> => {
      await sleep(150)
      const line = new Line(t, connectTls({ ...rig.transport.local, rejectUnauthorized: false }))
      line.socket.write(request())
      await eventually('an answer or an end', 3_000, () => line.closed || line.text === OK)
      return line
    }
    const first = await call()
    t.ok(mute.closed)
    t.notOk(first.closed)
    const second = await call()
    await first.waitForClose()
    t.notOk(second.closed)
    t.equal(rig.dropped.get('connection-displaced'), 2)
    rig.transport.keep(rig.messages[1]!.from)
    t.ok((await call()).closed)
    t.equal(rig.dropped.get('connections-full'), 1)
    t.notOk(second.closed)
    t.equal(rig.transport.connectionCount, 1)
  },
)

t.test('a stranger may be silent for a short while, others for long', async (t) => {
  const timers = { strangerIdleMs: 400, idleMs: 1_600 }
  const rig = await openStreamRig(t, { timers, answer: () => OK })
  const server = await answerCalls(t)
  rig.transport.send(Buffer.from(request()), server.peer)
  const [silent, talks, useful] = [await ask(t, rig), await ask(t, rig), await ask(t, rig)]
  const started = performance.now()
  rig.transport.keep(useful.peer)
  const talking = setInterval(() => talks.line.socket.write('\r\n\r\n'), 100)
  t.teardown(() => clearInterval(talking))
  await silent.line.waitForClose()
  t.ok(performance.now() - started > 300)
  t.ok(performance.now() - started < 1_200)
  await sleep(500)
  t.notOk(talks.line.closed || useful.line.closed)
  t.equal(server.lines[0]?.closed, false)
  await useful.line.waitForClose()
  t.ok(performance.now() - started > 1_500)
  t.strictSame([...rig.dropped], [])
})

t.test('a /64 counts as one address, an IPv4 address as itself', (t) => {
  for (const [one, same, other] of [
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:3::1'],
    ['2001:db8::1', '2001:db8:0:0:1::', '2001:db8:0:1::1'],
    ['2001:db8:0:2::', '2001:db8:0:2:1:2:3:4', '2001:db8::2:1:2:3'],
    ['::1', '::2', '0:0:0:1::1'],
    ['fe80::1%eth0', 'fe80::2%eth0', 'fe80:0:0:1::1%eth0'],
    ['192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1', '::ffff:192.0.2.2'],
  ] as const) {
    const quota = new ConnectionQuota(100, 1)
    const take = (address: string) => quota.takeInbound(address, () => undefined)
    const place = take(one)
    t.type(place, 'object')
    t.equal(take(same), 'connections-of-one-address', `${one} and ${same}`)
    t.type(take(other), 'object', `${one} and ${other}`)
    if (typeof place === 'object') place.release()
    t.type(take(same), 'object', 'released')
  }
  t.end()
})
