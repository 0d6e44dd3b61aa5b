// What strangers and slow readers can take of a TCP transport: connections, memory, time.
import t from 'tap'
import { FailureCallbacks } from '../../../../../gateway/embedded/transport/stream/failure-callbacks.ts'
import { ConnectionQuota } from '../../../../../gateway/embedded/transport/stream/connection-quota.ts'
import { answerCalls, dial, eventually, openStreamRig, request, sleep } from './stream-rig.ts'

t.test('connections in all, and from one address', async (t) => {
  const rig = await openStreamRig(t, {
    limits: { maxConnections: 5, maxConnectionsPerAddress: 3 },
  })
  const { local } = rig.transport
  const kept = await Promise.all([dial(t, local), dial(t, local), dial(t, local)])
  await eventually('three', 3_000, () => rig.transport.connectionCount === 3)
  const fourth = await dial(t, local)
  await fourth.waitForClose()
  t.strictSame([...rig.dropped], [['connections-of-one-address', 1]])
  t.notOk(kept.some(({ closed }) => closed))
  const server = await answerCalls(t, '127.0.0.1')
  const other = await answerCalls(t, '127.0.0.1')
  for (const { peer } of [server, other, await answerCalls(t)])
    rig.transport.send(Buffer.from(request()), peer, rig.onFailed)
  await eventually('the refusal', 3_000, () => rig.failures.length === 1)
  t.strictSame(rig.failures, ['Too Many Connections'])
  t.equal(rig.dropped.get('connections-full'), 1)
  await eventually('the others', 3_000, () => server.lines.length + other.lines.length === 2)
  t.equal(rig.transport.connectionCount, 5)
  kept[0].socket.destroy()
  await eventually('a place', 3_000, () => rig.transport.connectionCount === 4)
  await dial(t, local)
  await eventually('its taker', 3_000, () => rig.transport.connectionCount === 5)
  const full = await dial(t, { ...local, localAddress: '127.0.0.2' })
  await full.waitForClose()
  t.equal(rig.dropped.get('connections-full'), 2)
  for (const { socket } of server.lines) socket.destroy()
  await eventually('another place', 3_000, () => rig.transport.connectionCount === 4)
  rig.transport.send(Buffer.from(request()), server.peer, rig.onFailed)
  await eventually('its taker', 3_000, () => server.lines.length === 2)
  t.equal(rig.dropped.get('connections-full'), 2)
})

t.test('a tenth is kept for those we open, and several transports may share a quota', async (t) => {
  const quota = new ConnectionQuota(10, 100)
  const take = (address: string) => quota.takeInbound(address, () => t.fail('too young to lose it'))
  const places = Array.from({ length: 9 }, () => take('192.0.2.1'))
  t.notOk(places.some((place) => typeof place === 'string'))
  t.equal(take('192.0.2.2'), 'connections-full')
  t.equal(quota.takeOutbound(), undefined)
  t.equal(quota.takeOutbound(), 'connections-full')
  quota.releaseOutbound()
  const [first] = places
  if (typeof first === 'object') {
    first.release()
    first.release()
  }
  t.type(take('192.0.2.2'), 'object')
  t.equal(take('192.0.2.3'), 'connections-full', 'released once')
  const shared = new ConnectionQuota(2, 100)
  const one = await openStreamRig(t, { quota: shared })
  const two = await openStreamRig(t, { quota: shared })
  await dial(t, one.transport.local)
  await dial(t, two.transport.local)
  await eventually('both', 3_000, () => two.transport.connectionCount === 1)
  await (await dial(t, one.transport.local)).waitForClose()
  t.equal(one.dropped.get('connections-full'), 1)
})

t.test(
  'a message that does not come to its end, and a connection that never says a thing',
  async (t) => {
    const rig = await openStreamRig(t, { messageDeadlineMs: 300 })
    const { local } = rig.transport
    const good = await dial(t, local)
    const pinging = await dial(t, local)
    const [silent, head, body] = [await dial(t, local), await dial(t, local), await dial(t, local)]
    const started = performance.now()
    const dripping = setInterval(() => {
      if (!head.closed) head.socket.write('X: y\r\n')
      if (!body.closed) body.socket.write('x')
      good.socket.write(request())
    }, 20)
    t.teardown(() => clearInterval(dripping))
    pinging.socket.write('\r\n\r\n')
    head.socket.write('OPTIONS sip:a@b SIP/2.0\r\n')
    body.socket.write(request().replace('Content-Length: 0', 'Content-Length: 9000'))
    await Promise.all([silent, head, body].map((line) => line.waitForClose()))
    t.ok(performance.now() - started >= 290)
    t.strictSame(
      new Map(rig.dropped),
      new Map([
        ['no-message', 1],
        ['incomplete-message', 2],
      ]),
    )
    await sleep(400)
    t.notOk(good.closed || pinging.closed)
    t.equal(rig.transport.connectionCount, 2)
  },
)

t.test('the deadline is each message’s own', async (t) => {
  const rig = await openStreamRig(t, { messageDeadlineMs: 600 })
  const line = await dial(t, rig.transport.local)
  // Never between two messages, and none of them late.
  const texts = Array.from({ length: 8 }, () => request('v=0\r\n'))
  line.socket.write(texts[0]!.slice(0, 30))
  for (const [index, text] of texts.entries()) {
    await sleep(150)
    line.socket.write(text.slice(30) + (texts[index + 1] ?? '').slice(0, 30))
  }
  await eventually('all', 3_000, () => rig.messages.length === 8)
  t.notOk(line.closed)
  t.strictSame([...rig.dropped], [])
})

t.test('callbacks are forgotten in time, and called once', async (t) => {
  const callbacks = new FailureCallbacks(400)
  const heard: string[] = []
  callbacks.add((why) => heard.push(`old ${why}`))
  await sleep(200)
  callbacks.add((why) => {
    heard.push(`young ${why}`)
    callbacks.add(() => heard.push('added while telling'))
  })
  t.equal(callbacks.size, 2, 'kept for at least that long')
  await eventually('the end of the old one', 1_000, () => callbacks.size === 1)
  callbacks.failAll('x')
  callbacks.clear()
  callbacks.failAll('y')
  t.strictSame(heard, ['young x'])
  callbacks.add(() => undefined)
  await eventually('an idle one keeps none', 3_000, () => callbacks.size === 0)
})

t.test('connections come and go, and leave nothing behind', async (t) => {
  const rig = await openStreamRig(t)
  const server = await answerCalls(t)
  const running = (): number =>
    process.getActiveResourcesInfo().filter((name) => /Timeout|TCPSocketWrap/.test(name)).length
  const before = running()
  for (let round = 0; round < 10; round += 1) {
    const lines = await Promise.all(Array.from({ length: 40 }, () => dial(t, rig.transport.local)))
    for (const { socket } of lines) socket.write(`${request()}OPTIONS sip:half`)
    rig.transport.send(Buffer.from(request()), server.peer, rig.onFailed)
    const all = (round + 1) * 40
    await eventually('the requests', 5_000, () => rig.messages.length === all)
    await eventually('ours', 5_000, () => server.lines.length === round + 1)
    for (const { socket } of [...lines, ...server.lines]) socket.resetAndDestroy()
    await eventually('their end', 5_000, () => rig.transport.connectionCount === 0)
  }
  t.equal(rig.failures.length, 10)
  // The pause of `eventually` itself may be one of them.
  await eventually('the baseline', 3_000, () => running() <= before + 1)
  const { host, port } = rig.transport.local
  await dial(t, { host, port })
  await eventually('one more', 3_000, () => rig.transport.connectionCount === 1)
  t.strictSame([...rig.dropped], [])
})
