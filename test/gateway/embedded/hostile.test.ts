// What a stranger may send to stop the server, to lose a call in it, or to fill its memory.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { Counters } from '../../../gateway/embedded/counters.ts'
import { guarded, reportFaultsTo } from '../../../gateway/embedded/fault-sink.ts'
import { Gate } from '../../../gateway/embedded/gate/gate.ts'
import { InboundMessages } from '../../../gateway/embedded/inbound-messages.ts'
import { completeConfig } from '../../../gateway/embedded/server-options.ts'
import { Timer } from '../../../gateway/embedded/timer.ts'
import { TransactionLayer } from '../../../gateway/embedded/transaction/transaction-layer.ts'
import { openUdpTransport } from '../../../gateway/embedded/transport/udp-transport.ts'
import { connectApp, delay, openRig, routesSettle, type Any } from './harness.ts'
import { answeringRig, call, tagIn } from './inbound-call.ts'
import { newCallId, requestText, SDP, SipPeer } from './sip-peer.ts'

const LOOPBACK = { protocol: 'udp', host: '127.0.0.1', port: 0 } as const

t.test('a datagram from port 0 is dropped: nobody can be answered there', async (t) => {
  const config = completeConfig({ listen: [LOOPBACK] }, '')
  const counters = new Counters()
  const transactions = new TransactionLayer({ ...config, counters })
  const messages = new InboundMessages({
    ...{ transactions, counters, limits: config.limits },
    gate: new Gate(config.limits),
  })
  const errors: Error[] = []
  const transport = await openUdpTransport({
    ...LOOPBACK,
    advertise: undefined,
    onMessage: () => undefined,
    onError: (error) => errors.push(error),
  })
  t.teardown(() => transport.close())
  const peer = await SipPeer.open(t)
  const bytes = Buffer.from(requestText({ method: 'INFO', target: 'sip:a@b', peer, toTag: 'x' }))
  messages.receive(bytes, { address: '127.0.0.1', port: 0 }, transport)
  const stats = counters.snapshot({
    connections: 0,
    transactions: transactions.size,
    dialogs: 0,
    clients: 0,
  })
  t.match(stats, { dropped: { 'source-port-zero': 1 }, transactions: 0, requestsReceived: 0 })
  t.same(errors, [])
})

t.test('sending never throws, wherever to', async (t) => {
  const errors: Error[] = []
  const transport = await openUdpTransport({
    ...LOOPBACK,
    advertise: undefined,
    onMessage: () => undefined,
    onError: (error) => errors.push(error),
  })
  t.teardown(() => transport.close())
  const ports = [0, -1, 65_536, 99_999_999, 1.5, Number.NaN, Number.POSITIVE_INFINITY]
  const hosts = ['', ' ', '::1', '[::1]', '127.0.0.1.', '999.1.1.1', 'no such', '\0', '127.0.0.1\0']
  const peers = [
    ...ports.map((port) => ({ address: '127.0.0.1', port })),
    ...hosts.map((address) => ({ address, port: 9 })),
    { address: '255.255.255.255', port: 9 },
  ]
  for (const peer of peers) {
    t.doesNotThrow(() => transport.send(Buffer.from('x'), peer), JSON.stringify(peer))
    t.type(await transport.isRefused(peer), 'boolean', `asked about ${JSON.stringify(peer)}`)
  }
  await delay(30)
  t.equal(errors.length, peers.length, 'each is reported')
  t.doesNotThrow(() => transport.send(Buffer.alloc(70_000), { address: '127.0.0.1', port: 9 }))
})

t.test('a timer that runs into a defect is reported, and the others go on', async (t) => {
  const faults: unknown[] = []
  reportFaultsTo((error) => faults.push(error))
  const defect = new Error('a defect')
  new Timer().start(1, () => {
    throw defect
  })
  const next = Promise.withResolvers<string>()
  new Timer().start(1, () => next.resolve('ran'))
  t.equal(await next.promise, 'ran')
  guarded(() => {
    throw defect
  })
  t.same(faults, [defect, defect])
})

t.test('the thread outlives a defect nobody guarded', async (t) => {
  const entry = new URL('../../../gateway/embedded/thread.ts', import.meta.url)
  const worker = new Worker(entry, { workerData: completeConfig({ listen: [LOOPBACK] }, 's') })
  t.teardown(() => worker.terminate())
  let ended = false
  worker.on('exit', () => (ended = true))
  const next = async (): Promise<Any> => (await once(worker, 'message'))[0]
  t.match(await next(), { kind: 'listening' })
  // Its own handler of messages trips over this one.
  worker.postMessage(null)
  t.match(await next(), { kind: 'fault', text: /TypeError/ })
  worker.postMessage({ kind: 'stats', id: 1 })
  t.match(await next(), { kind: 'stats', id: 1 })
  t.equal(ended, false)
  worker.postMessage({ kind: 'close' })
  await once(worker, 'exit')
})

t.test('too large: 513 when the headers are not, else dropped without a look', async (t) => {
  const rig = await openRig(t)
  const peer = await SipPeer.open(t)
  const parts = { method: 'OPTIONS', target: rig.target, peer }
  const huge = `X-Huge: ${'a'.repeat(40_000)}`
  peer.send(requestText({ ...parts, headers: [huge] }), rig.address)
  peer.send(`SIP/2.0 200 OK\r\n${huge}\r\n\r\n`, rig.address)
  peer.send(requestText({ ...parts, body: 'x'.repeat(40_000) }), rig.address)
  await peer.wait('513 OPTIONS')
  t.match(await rig.sip.stats(), {
    dropped: { 'too-large': 2 },
    rejected: { '513 too-large': 1 },
    responsesReceived: 0,
  })
})

t.test('what an answer would have to repeat is too large for one: 513 at once', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  srf.invite((_request: Any, response: Any) => void response.send(486))
  await routesSettle()
  const peer = await SipPeer.open(t)
  const parts = { method: 'INVITE', target: rig.target, peer }
  const named = (chars: number): string => {
    const text = requestText({ ...parts, callId: newCallId(), body: SDP })
    return text.replace('From: ', `From: "${'a'.repeat(chars)}" `)
  }
  peer.send(named(2000), rig.address)
  await peer.wait('513 INVITE')
  peer.send(named(1500), rig.address)
  await peer.wait('486 INVITE')
})

t.test(
  'an id that answered once is not answered again; a refused call may be repeated',
  async (t) => {
    const rig = await openRig(t)
    const srf = await connectApp(t, rig)
    const statuses = [401, 200]
    srf.invite((req: Any, res: Any) => {
      if (statuses.shift() === 401) res.send(401)
      else srf.createUAS(req, res, { localSdp: SDP }).catch(() => undefined)
    })
    await routesSettle()
    const peer = await SipPeer.open(t)
    const callId = newCallId()
    const invite = (seq: number): void => {
      const parts = { method: 'INVITE', target: rig.target, peer, callId, seq, body: SDP }
      peer.send(requestText(parts), rig.address)
    }
    const within = (method: string, seq: number, toTag: string): void => {
      const parts = { method, target: rig.target, peer, callId, seq, toTag }
      peer.send(requestText(parts), rig.address)
    }
    invite(1)
    await peer.wait('401 INVITE')
    invite(2)
    const answered = await peer.wait('200 INVITE')
    within('ACK', 2, tagIn(answered))
    invite(3)
    await peer.wait('482 INVITE')
    within('BYE', 4, tagIn(answered))
    await peer.wait('200 BYE')
    invite(11)
    await peer.wait('482 INVITE', 2)
    t.match(await rig.sip.stats(), { dialogs: 0, rejected: { '482 dialog-exists': 2 } })
  },
)

t.test('nor is a second call of an id that still waits for the application', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  let seen = 0
  srf.invite(() => (seen += 1))
  await routesSettle()
  const peer = await SipPeer.open(t)
  const parts = { method: 'INVITE', target: rig.target, peer, callId: newCallId(), body: SDP }
  peer.send(requestText({ ...parts, seq: 1 }), rig.address)
  await peer.wait('100 INVITE')
  peer.send(requestText({ ...parts, seq: 2 }), rig.address)
  await peer.wait('482 INVITE')
  t.equal(seen, 1)
})

t.test('what unanswered requests keep is bounded in bytes; an answer frees them', async (t) => {
  const rig = await openRig(t, { limits: { maxTransactionBytes: 125_000 } })
  const srf = await connectApp(t, rig)
  let answering = false
  const waiting: Any[] = []
  srf.message((_req: Any, res: Any) => {
    if (answering) res.send(200)
    else waiting.push(res)
  })
  await routesSettle()
  const peer = await SipPeer.open(t)
  const send = async (what: string, nth: number): Promise<void> => {
    const parts = { method: 'MESSAGE', target: rig.target, peer, body: 'x'.repeat(10_000) }
    peer.send(requestText(parts), rig.address)
    if (what !== '') await peer.wait(what, nth)
  }
  for (let count = 0; count < 15; count += 1) await send('', 0)
  await peer.wait('503 MESSAGE', 5)
  t.equal(waiting.length, 10)
  t.match(await rig.sip.stats(), { rejected: { '503 transactions-full': 5 }, transactions: 10 })
  answering = true
  for (const res of waiting) res.send(200)
  await peer.wait('200 MESSAGE', 10)
  for (let count = 11; count <= 60; count += 1) await send('200 MESSAGE', count)
  t.match(await rig.sip.stats(), { rejected: { '503 transactions-full': 5 }, transactions: 60 })
})

t.test('a caller that can never be reached again', async (t) => {
  const { rig, peer } = await answeringRig(t, (dialog) => {
    setTimeout(() => void dialog.destroy().catch(() => undefined), 30)
  })
  const ways = [
    'Record-Route: <sip:127.0.0.1:0;lr>',
    'Record-Route: <sip:[::1]:5060;lr>',
    'Record-Route: <sip:255.255.255.255;lr>',
    'Record-Route: <sip:x;maddr=;lr>',
    'Record-Route: nonsense',
  ]
  for (const [index, way] of ways.entries()) {
    const { within, callId } = call(peer, rig, { headers: [way] })
    const answers = () =>
      peer.received.filter((m) => m.what === '200 INVITE' && m.headers.get('Call-ID') === callId)
    while (answers().length === 0) await delay(5)
    within('ACK', 1, tagIn(answers()[0]!))
    t.pass(`${index}: ${way}`)
  }
  const deadline = performance.now() + 4_000
  while ((await rig.sip.stats()).dialogs > 0 && performance.now() < deadline) await delay(20)
  t.equal((await rig.sip.stats()).dialogs, 0)
})
