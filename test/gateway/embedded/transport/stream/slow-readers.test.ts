// What waits for readers that do not read: over one connection, and over all of them together.
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import type { Connection } from '../../../../../gateway/embedded/transport/stream/connection.ts'
import { ConnectionQuota } from '../../../../../gateway/embedded/transport/stream/connection-quota.ts'
import {
  MAX_INBOUND_UNSENT_BYTES,
  MAX_UNSENT_BYTES,
  UnsentBudget,
  type Reader,
} from '../../../../../gateway/embedded/transport/stream/unsent-budget.ts'
import type { Peer } from '../../../../../gateway/embedded/transport/transport.ts'
import { makeCertificates, opensslOptions, pemOf } from '../../../../support/certificates.ts'
import { answerCalls, dial, eventually, openStreamRig, request, sleep } from './stream-rig.ts'

const MIB = 1024 * 1024
const LARGE = Buffer.alloc(64 * 1024, 'x')
/** Far more than the system itself takes for a connection on loopback. */
const ENOUGH_BYTES = 64 * MIB

/** Remembers what waited for whom when it was last noted. */
class WatchedBudget extends UnsentBudget {
  readonly #connections = new Map<number, Reader>()

  override note(reader: Connection): void {
    this.#connections.set(reader.peer.port, reader)
    super.note(reader)
  }

  of({ port }: Peer): number {
    return this.#connections.get(port)?.unsentBytes ?? 0
  }
}

/** Readers that do not read, ours and theirs, and a way to give each of them something to leave unread. */
async function openDeafRig(t: Test, inbound: number, maxUnsentBytes?: number) {
  const budget = new WatchedBudget(maxUnsentBytes)
  const quota = Object.assign(new ConnectionQuota(100, 100), { unsent: budget })
  const rig = await openStreamRig(t, { quota })
  const server = await answerCalls(t)
  rig.transport.send(Buffer.from(request()), server.peer)
  await eventually('ours', 3_000, () => server.lines.length === 1)
  server.lines[0]!.socket.pause()
  for (let index = 0; index < inbound; index += 1) {
    const line = await dial(t, rig.transport.local)
    line.socket.pause()
    line.socket.write(request())
  }
  await eventually('theirs', 3_000, () => rig.messages.length === inbound)
  const fill = async (peer: Peer, bytes: number): Promise<void> => {
    for (let sent = 0; budget.of(peer) < bytes && sent < ENOUGH_BYTES; sent += LARGE.length) {
      rig.transport.send(LARGE, peer, rig.onFailed)
      if (budget.of(peer) > 0) await sleep(1)
    }
  }
  return { ...rig, budget, fill, ours: server.peer, theirs: rig.messages.map(({ from }) => from) }
}

t.test('an inbound one may leave less unread than one that we opened', async (t) => {
  const { transport, dropped, failures, budget, fill, ours, theirs } = await openDeafRig(t, 2)
  const [greedy, modest] = theirs
  await fill(modest!, MAX_INBOUND_UNSENT_BYTES - 2 * LARGE.length)
  await fill(ours, MIB)
  await fill(greedy!, MIB)
  t.strictSame([...dropped], [], 'a burst is no sign')
  t.equal(transport.connectionCount, 3)
  await eventually('the end of one', 3_000, () => transport.connectionCount === 2)
  t.strictSame([...dropped], [['slow-reader', 1]])
  t.strictSame(new Set(failures), new Set(['Connection Overloaded']))
  t.notOk(transport.isConnected(greedy!))
  await sleep(1_100)
  t.ok(transport.isConnected(modest!) && transport.isConnected(ours))
  t.ok(budget.of(ours) >= MIB && budget.of(modest!) > 0, 'which still wait')
})

t.test('no connection may leave more than 4 MiB, not for a moment', async (t) => {
  const { transport, dropped, failures, fill, ours, theirs } = await openDeafRig(t, 1)
  for (const peer of [ours, theirs[0]!]) {
    await fill(peer, MAX_UNSENT_BYTES - LARGE.length)
    t.equal(transport.isConnected(peer), true)
    // No further: it would open another one.
    for (let more = 0; more < 9 && transport.isConnected(peer); more += 1)
      transport.send(LARGE, peer)
  }
  t.equal(dropped.get('slow-reader'), 2)
  await eventually('their end', 3_000, () => transport.connectionCount === 0)
  t.strictSame(new Set(failures), new Set(['Connection Overloaded']))
})

t.test('a queue for a connection that does not stand yet is bounded too', async (t) => {
  const rig = await openStreamRig(t, { protocol: 'tls' })
  const deaf = await answerCalls(t)
  const large = Buffer.alloc(MIB, 'x')
  for (let copy = 0; copy < 5; copy += 1) rig.transport.send(large, deaf.peer, rig.onFailed)
  await eventually('the refusals', 1_000, () => rig.failures.length === 5)
  t.strictSame(new Set(rig.failures), new Set(['Connection Overloaded']))
  t.strictSame([...rig.dropped], [['slow-reader', 1]])
  const budget = new ConnectionQuota(10, 10, { maxUnsentBytes: MIB })
  const small = await openStreamRig(t, { protocol: 'tls', quota: budget })
  for (let copy = 0; copy < 2; copy += 1) small.transport.send(large, deaf.peer, small.onFailed)
  await eventually('the refusals', 1_000, () => small.failures.length === 2)
  t.strictSame(
    [...small.dropped],
    [['slow-reader', 1]],
    'what they may leave together counts here too',
  )
})

t.test('together they may leave so much, and then the worst are cut', async (t) => {
  const { transport, dropped, budget, fill, ours, theirs } = await openDeafRig(t, 10, MIB)
  await fill(ours, 3 * LARGE.length)
  for (const peer of theirs) await fill(peer, 3 * LARGE.length)
  const cut = dropped.get('slow-reader') ?? 0
  t.ok(cut >= 5 && cut <= 9, `${cut} were cut`)
  t.ok(transport.isConnected(ours), 'ours has used less of what it may')
  const left = [ours, ...theirs].filter((peer) => transport.isConnected(peer))
  t.equal(left.length, 11 - cut)
  const waiting = left.reduce((sum, peer) => sum + budget.of(peer), 0)
  t.ok(waiting <= MIB, `${waiting} bytes wait`)
})

t.test('what was sent after all is not counted', async (t) => {
  const cut: Reader[] = []
  const reader = (maxUnsentBytes: number) => {
    const one = { unsentBytes: 0, maxUnsentBytes, overload: () => cut.push(one) }
    return one
  }
  const budget = new UnsentBudget(100)
  const [carrier, one, two] = [reader(400), reader(50), reader(50)]
  for (const each of [carrier, one, two]) {
    each.unsentBytes = 33
    budget.note(each)
  }
  one.unsentBytes = 0
  carrier.unsentBytes = 66
  budget.note(carrier)
  t.strictSame(cut, [], '99, whatever was noted last')
  two.unsentBytes = 35
  budget.note(two)
  t.equal(cut[0], two, 'the largest share of its own, not the most bytes')
  t.equal(cut.length, 1)
  budget.forget(carrier)
  one.unsentBytes = 50
  budget.note(one)
  const late = reader(50)
  late.unsentBytes = 50
  budget.note(late)
  t.equal(cut.length, 1, 'who is gone leaves nothing')
})

t.test(
  'who reads is answered, however much is asked at once, over TLS',
  opensslOptions,
  async (t) => {
    const { good } = makeCertificates(t)
    const answer = `SIP/2.0 200 OK\r\nX: ${'y'.repeat(400)}\r\nContent-Length: 0\r\n\r\n`
    const tls = { cert: pemOf(good.cert), key: pemOf(good.key) }
    let peak = 0
    const quota = new ConnectionQuota(10, 10)
    const note = quota.unsent.note.bind(quota.unsent)
    quota.unsent.note = (reader) => {
      peak = Math.max(peak, reader.unsentBytes)
      note(reader)
    }
    const rig = await openStreamRig(t, { protocol: 'tls', quota, tls, answer: () => answer })
    const { host, port } = rig.transport.local
    const socket = connectTls({ host, port, rejectUnauthorized: false })
    t.teardown(() => socket.destroy())
    let received = 0
    socket.on('data', (chunk: Buffer) => (received += chunk.length))
    socket.write(Array.from({ length: 5_000 }, () => request()).join(''))
    await eventually('all answers', 10_000, () => received === 5_000 * answer.length)
    t.ok(peak > MAX_INBOUND_UNSENT_BYTES, `${peak} bytes waited for a moment`)
    t.strictSame([...rig.dropped], [])
  },
)
