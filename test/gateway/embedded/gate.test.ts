// The gate on the wire: who gets no word, who gets 403, and that those who are known hear nothing of the others.
import { connect } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import type { GateOptions } from '../../../gateway/embedded/index.ts'
import { connectApp, delay, openRig, routesSettle, type Any, type Rig } from './harness.ts'
import { call, tagIn } from './inbound-call.ts'
import { requestText, SipPeer, type RequestParts } from './sip-peer.ts'

const KNOWN_HOST = '127.0.0.1'
const STRANGE_HOST = '127.0.0.2'

const gateFor = (strangers: GateOptions['strangers']): GateOptions => ({
  known: [KNOWN_HOST],
  strangers,
})

async function guardedRig(t: Test, strangers: GateOptions['strangers']) {
  // Callers of the test have many addresses; the server has one, which all of them reach.
  const rig = await openRig(t, {
    listen: [
      { protocol: 'udp', host: KNOWN_HOST, port: 0 },
      { protocol: 'tcp', host: KNOWN_HOST, port: 0 },
    ],
    gate: gateFor(strangers),
  })
  const srf = await connectApp(t, rig)
  srf.options((_req: Any, res: Any) => void res.send(200))
  await routesSettle()
  const known = await SipPeer.open(t, KNOWN_HOST)
  const stranger = await SipPeer.open(t, STRANGE_HOST)
  return { rig, srf, known, stranger, ask: asker(rig) }
}

const asker =
  ({ target, address }: Rig) =>
  (peer: SipPeer, more: Partial<RequestParts> = {}, change = (text: string) => text): void =>
    peer.send(change(requestText({ method: 'OPTIONS', target, peer, ...more })), address)

/** Everything that was sent before was read when this is answered. */
const settled = async (known: SipPeer, ask: ReturnType<typeof asker>): Promise<void> => {
  const before = known.count('200 OPTIONS')
  ask(known)
  await known.wait('200 OPTIONS', before + 1)
}

t.test('drop: a stranger hears nothing, whatever it sends', async (t) => {
  const { rig, known, stranger, ask } = await guardedRig(t, 'drop')
  ask(stranger)
  ask(stranger, { method: 'INVITE' })
  ask(stranger, { method: 'REGISTER' })
  ask(stranger, { method: 'CANCEL' })
  ask(stranger, { method: 'ACK' })
  ask(stranger, {}, (text) => text.replace('CSeq: 1', 'CSeq: x'))
  ask(stranger, {}, (text) => text.replace('SIP/2.0\r\nVia', 'SIP/3.0\r\nVia'))
  ask(stranger, { method: 'INVITE', body: 'x'.repeat(40_000) })
  await settled(known, ask)
  t.same(stranger.received, [])
  const { dropped, rejected } = await rig.sip.stats()
  t.match(dropped, { stranger: 8 })
  t.same(rejected, {})
})

t.test('refuse: 403, five times a second, and no transaction is kept', async (t) => {
  const { rig, known, stranger, ask } = await guardedRig(t, 'refuse')
  for (let n = 0; n < 30; n += 1) ask(stranger, { method: n % 2 === 0 ? 'INVITE' : 'OPTIONS' })
  await settled(known, ask)
  const { dropped, rejected, transactions } = await rig.sip.stats()
  const told = stranger.received.length
  t.ok(told >= 5 && told <= 6, `${told} were told`)
  t.ok(stranger.received.every(({ what }) => what.startsWith('403 ')))
  t.same(rejected, { '403 stranger': told })
  t.same(dropped, { stranger: 30 - told })
  t.equal(transactions, 0)
})

t.test('ask: the application decides, but scanners never reach it', async (t) => {
  const { rig, known, stranger, ask } = await guardedRig(t, 'ask')
  ask(stranger)
  await stranger.wait('200 OPTIONS')
  for (const peer of [known, stranger]) ask(peer, { headers: ['User-Agent: friendly-scanner'] })
  ask(stranger, {}, (text) => text.replace('From: <', 'From: "sipvicious" <'))
  await settled(known, ask)
  t.equal(stranger.received.length, 1)
  t.equal(known.received.length, 1)
  t.same((await rig.sip.stats()).dropped, { scanner: 3 })
})

t.test('a flood of one address is dropped unread, and nobody else waits', async (t) => {
  const { rig, known, stranger, ask } = await guardedRig(t, 'ask')
  const startedAt = performance.now()
  for (let n = 0; n < 1_000; n += 1) ask(stranger)
  ask(stranger, { callId: 'never-read' })
  await settled(known, ask)
  await delay(50)
  const tookMs = performance.now() - startedAt
  const answered = stranger.received.length
  const most = 100 + 50 * (tookMs / 1000 + 0.1)
  t.ok(answered >= 100 && answered <= most, `${answered} of 1000 in ${tookMs.toFixed(0)} ms`)
  const { dropped, requestsReceived } = await rig.sip.stats()
  t.equal(dropped['rate'], 1_001 - answered)
  t.equal(requestsReceived, answered + 1, 'the rest was not parsed')
  t.same((await rig.sip.trace('never-read')).messages, [], 'nor does it fill the trace')
})

t.test('over TCP it is the address that counts, not the connection', async (t) => {
  const { rig, known, ask } = await guardedRig(t, 'ask')
  const port = rig.sip.addresses[1]?.port ?? 0
  const peer = await SipPeer.open(t, STRANGE_HOST)
  const one = requestText({ method: 'OPTIONS', target: rig.target, peer }).replace('UDP', 'TCP')
  let read = 0
  for (let line = 0; line < 3; line += 1) {
    const socket = connect({ host: KNOWN_HOST, port, localAddress: STRANGE_HOST })
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    socket.on('data', (bytes) => (read += bytes.toString().split('SIP/2.0 200').length - 1))
    const unique = (n: number): string =>
      one.replace(/branch=\S+/, `branch=z9hG4bK${line}-${n}`).replace(/Call-ID: /, `$&${line}${n}`)
    socket.write(Array.from({ length: 100 }, (_, n) => unique(n)).join(''))
  }
  await delay(200)
  await settled(known, ask)
  t.ok(read >= 100 && read <= 130, `${read} of 300 were answered`)
  t.equal((await rig.sip.stats()).dropped['rate'], 300 - read)
})

t.test('a call that was taken goes on when its caller is a stranger from now on', async (t) => {
  const { rig, srf, known } = await guardedRig(t, 'drop')
  const ended: string[] = []
  const answerNext: Any[] = []
  srf.invite((req: Any, res: Any) => {
    req.on('cancel', () => ended.push('canceled'))
    answerNext.push([req, res])
  })
  await routesSettle()
  const talking = call(known, rig)
  const ringing = call(known, rig)
  await known.wait('100 INVITE', 2)
  const dialog = await srf.createUAS(...answerNext[0], { localSdp: 'v=0\r\n' })
  dialog.on('destroy', () => ended.push('hung up'))
  const toTag = tagIn(await known.wait('200 INVITE'))
  talking.within('ACK', 1, toTag)
  rig.sip.guard({ known: [], strangers: 'drop' })
  const later = await SipPeer.open(t, '127.0.0.3')
  asker(rig)(later)
  known.send(ringing.invite, rig.address)
  ringing.within('CANCEL', 1, undefined, ringing.branch)
  await known.wait('487 INVITE')
  talking.within('BYE', 2, toTag)
  await known.wait('200 BYE')
  t.same(ended, ['canceled', 'hung up'])
  t.same(later.received, [])
})

t.test('whom we asked something may ask back, until the gate opens for all', async (t) => {
  const { rig, srf, known, stranger, ask } = await guardedRig(t, 'drop')
  srf.request(`sip:x@${stranger.hostPort}`, { method: 'OPTIONS' }, () => undefined)
  stranger.reply(await stranger.wait('OPTIONS'), '200 OK', { tag: 'x' })
  ask(stranger)
  await stranger.wait('200 OPTIONS')
  const other = await SipPeer.open(t, '127.0.0.4')
  ask(other)
  await settled(known, ask)
  t.same(other.received, [])
  rig.sip.guard(gateFor('ask'))
  ask(other)
  await other.wait('200 OPTIONS')
})

t.test('a wrong address is told to whoever set it', async (t) => {
  const rig = await openRig(t)
  const gate: GateOptions = { known: ['sip.example.test'], strangers: 'drop' }
  t.throws(() => rig.sip.guard(gate), { code: 'EINVAL' })
  await t.rejects(openRig(t, { gate }), { code: 'EINVAL' })
})
