// The gate on the wire: who gets no word, who gets 403, and that those who are known hear nothing of the others.
import { connect } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import type { GateOptions } from '../../../gateway/embedded/index.ts'
import {
  connectApp,
  delay,
  GIVE_UP_MS,
  openRig,
  routesSettle,
  type Any,
  type Rig,
} from './harness.ts'
import { eventually } from '../../support/process.ts'
import { call, tagIn } from './inbound-call.ts'
import { newBranch, newCallId, requestText, SipPeer, type RequestParts } from './sip-peer.ts'

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

const TAGGED_METHODS = 'INVITE BYE CANCEL ACK REGISTER OPTIONS NOTIFY UPDATE REFER INFO PRACK FOO'

t.test('a made-up To tag opens no gate', async (t) => {
  for (const [strangers, told] of [
    ['drop', []],
    ['refuse', Array.from({ length: 5 }, () => '481')],
  ] as const) {
    const { rig, known, stranger, ask } = await guardedRig(t, strangers)
    const scanner = ['User-Agent: friendly-scanner']
    ask(stranger, { toTag: 'x', headers: scanner })
    ask(known, { toTag: 'x', headers: scanner })
    for (const method of TAGGED_METHODS.split(' ')) ask(stranger, { method, toTag: 'x' })
    ask(stranger, { method: 'INVITE', toTag: 'x', body: 'x'.repeat(40_000) })
    ask(stranger, { toTag: 'x' }, (text) => text.replace('CSeq: 1', 'CSeq: x'))
    await settled(known, ask)
    const statuses = stranger.received.map(({ what }) => what.slice(0, 3))
    t.same(statuses, told, strangers)
    t.same(known.received.length, 1, 'a scanner gets no word from anywhere')
    const { transactions, dropped } = await rig.sip.stats()
    t.equal(transactions, 0)
    t.match(dropped, { scanner: 2, stranger: 14 - told.length })
  }
})

t.test('refuse: 403, five times a second, and no transaction is kept', async (t) => {
  const { rig, known, stranger, ask } = await guardedRig(t, 'refuse')
  const startedAt = performance.now()
  for (let n = 0; n < 30; n += 1) ask(stranger, { method: n % 2 === 0 ? 'INVITE' : 'OPTIONS' })
  await settled(known, ask)
  const most = 5 + 5 * ((performance.now() - startedAt) / 1000 + 0.1)
  const { dropped, rejected, transactions } = await rig.sip.stats()
  const told = stranger.received.length
  t.ok(told >= 5 && told <= most, `${told} were told`)
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

t.test('ask: a forged address is sent one challenge, not a dozen', async (t) => {
  const { rig, srf, known, stranger, ask } = await guardedRig(t, 'ask')
  let status = 401
  let patienceMs = 0
  srf.invite(async (_req: Any, res: Any) => {
    await delay(patienceMs)
    res.send(status)
  })
  await routesSettle()
  for (status of [401, 403, 407]) {
    ask(stranger, { method: 'INVITE' })
    await stranger.wait(`${status} INVITE`)
  }
  await delay(GIVE_UP_MS / 2)
  t.same(
    stranger.received.map(({ what }) => what),
    ['401 INVITE', '403 INVITE', '407 INVITE'],
  )
  t.equal((await rig.sip.stats()).transactions, 0, 'nothing is kept')
  const again = { method: 'INVITE', branch: newBranch(), callId: newCallId() }
  for (const nth of [2, 3]) {
    ask(stranger, again)
    await stranger.wait('407 INVITE', nth)
  }
  patienceMs = 250
  ask(stranger, { method: 'INVITE' })
  await stranger.wait('100 INVITE')
  await stranger.wait('407 INVITE', 5)
  t.pass('after a 100 the INVITE would not come again: the answer does')
  patienceMs = 0
  const before = known.received.length
  ask(known, { method: 'INVITE' })
  await known.wait('407 INVITE', 3)
  t.equal(known.received[before]?.what, '100 INVITE', 'a carrier’s INVITE is answered as ever')
})

t.test('a flood of one address is dropped unread, and nobody else waits', async (t) => {
  const { rig, known, stranger, ask } = await guardedRig(t, 'ask')
  const startedAt = performance.now()
  const callIds = Array.from({ length: 1_000 }, (_, n) => `flood-${n}`)
  for (const callId of callIds) ask(stranger, { callId })
  await settled(known, ask)
  await delay(50)
  const tookMs = performance.now() - startedAt
  const answered = stranger.received.length
  const most = 100 + 50 * (tookMs / 1000 + 0.1)
  t.ok(answered >= 100 && answered <= most, `${answered} of 1000 in ${tookMs.toFixed(0)} ms`)
  const { dropped, requestsReceived } = await rig.sip.stats()
  t.equal(dropped['rate'], 1_000 - answered)
  t.equal(requestsReceived, answered + 1, 'the rest was not parsed')
  const traces = await Promise.all(callIds.map((callId) => rig.sip.trace(callId)))
  const traced = traces.filter(({ messages }) => messages.length > 0)
  t.equal(traced.length, answered, 'nor does it fill the trace')
})

t.test('over TCP it is the address that counts, not the connection', async (t) => {
  const { rig, known, ask } = await guardedRig(t, 'ask')
  const port = rig.sip.addresses[1]?.port ?? 0
  const peer = await SipPeer.open(t, STRANGE_HOST)
  const one = requestText({ method: 'OPTIONS', target: rig.target, peer }).replace('UDP', 'TCP')
  const startedAt = performance.now()
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
  const dropped = async () => (await rig.sip.stats()).dropped['rate'] ?? 0
  await eventually('all of them', 5_000, async () => read + (await dropped()) >= 300)
  await settled(known, ask)
  const most = 100 + 50 * ((performance.now() - startedAt) / 1000 + 0.1)
  t.ok(read >= 100 && read <= most, `${read} of 300 were answered`)
  t.equal(await dropped(), 300 - read)
})

t.test('strangers who hold every TCP place, each a moment old, keep no carrier out', async (t) => {
  const rig = await openRig(t, {
    listen: [{ protocol: 'tcp', host: KNOWN_HOST, port: 0 }],
    gate: gateFor('drop'),
    limits: { maxConnections: 10 },
  })
  const srf = await connectApp(t, rig)
  srf.options((_req: Any, res: Any) => void res.send(200))
  await routesSettle()
  const line = (localAddress: string) => {
    const socket = connect({ ...rig.address, localAddress })
    t.teardown(() => socket.destroy())
    let text = ''
    socket.on('data', (bytes) => (text += bytes.toString()))
    const isGone = once(socket, 'close').then(() => true)
    return { socket, isGone, text: () => text }
  }
  const strangers = Array.from({ length: 9 }, () => line(STRANGE_HOST))
  await eventually('nine of them', 3_000, async () => (await rig.sip.stats()).connections === 9)
  t.ok(await line(STRANGE_HOST).isGone, 'a tenth one waits')
  const peer = await SipPeer.open(t)
  const carrier = line(KNOWN_HOST)
  carrier.socket.write(
    requestText({ method: 'OPTIONS', target: rig.target, peer }).replace('UDP', 'TCP'),
  )
  await eventually('its answer', 3_000, () => carrier.text().startsWith('SIP/2.0 200'))
  t.ok(await strangers[0]?.isGone, 'the one silent longest gave way')
  for (let more = 0; more < 3; more += 1) await line(STRANGE_HOST).isGone
  t.notOk(carrier.socket.destroyed)
  t.match((await rig.sip.stats()).dropped, { 'connections-full': 4, 'connection-displaced': 1 })
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
