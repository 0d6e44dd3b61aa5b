// Where requests of the application go: one server after another (RFC 3263 §4.3), TCP for what no datagram should carry
// (RFC 3261 §18.1.1), and an early end where nobody answers.
import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { StubDns } from '../../support/stub-dns.ts'
import { connectApp, FAST, openRig, routesSettle, type Any, type Teardown } from './harness.ts'
import { newCallId, requestText, SDP, SipPeer, type Received } from './sip-peer.ts'

const BOTH = [
  { protocol: 'udp', host: '127.0.0.1', port: 0 },
  { protocol: 'tcp', host: '127.0.0.1', port: 0 },
] as const

const accept = (peer: SipPeer, invite: Received): void =>
  peer.reply(invite, '200 OK', {
    tag: 'phone',
    headers: [`Contact: <sip:100@${peer.hostPort}>`],
    body: SDP,
  })

const failureOf = (placed: Promise<unknown>): Promise<unknown> =>
  placed.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Two servers behind `carrier.example`, the first preferred. */
async function twoServers(t: Teardown) {
  const first = await SipPeer.open(t)
  const second = await SipPeer.open(t)
  const dns = await StubDns.open(t)
  const target = 'a.carrier.example'
  dns.addresses(target, ['127.0.0.1']).srv('_sip._udp.carrier.example', [
    { priority: 1, port: first.port, target },
    { priority: 2, port: second.port, target },
  ])
  const rig = await openRig(t, {
    timers: { ...FAST, firstResponseMs: 300 },
    nameServers: [dns.hostPort],
  })
  return { first, second, rig, srf: await connectApp(t, rig) }
}

t.test('a server that refuses with 503 is passed over, with a new branch', async (t) => {
  const { first, second, srf, rig } = await twoServers(t)
  const placed = srf.createUAC('sip:100@carrier.example', { localSdp: SDP })
  const one = await first.wait('INVITE')
  first.reply(one, '503 Service Unavailable', { tag: 'x' })
  const other = await second.wait('INVITE')
  for (const name of ['Call-ID', 'CSeq', 'From'])
    t.equal(one.headers.get(name), other.headers.get(name), `${name} stays`)
  t.not(one.headers.get('Via'), other.headers.get('Via'))
  await first.wait('ACK')
  accept(second, other)
  await placed
  await second.wait('ACK')
  t.match(await rig.sip.stats(), { failovers: 1, dialogs: 1 })
})

t.test('so is one that is silent; the next call begins with the other', async (t) => {
  const { first, second, srf } = await twoServers(t)
  const placed = srf.createUAC('sip:100@carrier.example', { localSdp: SDP })
  await first.wait('INVITE')
  const other = await second.wait('INVITE')
  accept(second, other)
  await placed
  const before = first.received.length
  const again = srf.createUAC('sip:100@carrier.example', { localSdp: SDP })
  accept(second, await second.wait('INVITE', 2))
  await again
  t.equal(first.received.length, before, 'the dead one is left alone')
})

t.test('a decline is an answer: nobody else is asked', async (t) => {
  const { first, second, srf } = await twoServers(t)
  const placed = srf.createUAC('sip:100@carrier.example', { localSdp: SDP })
  first.reply(await first.wait('INVITE'), '603 Decline', { tag: 'x' })
  t.match(await failureOf(placed), { status: 603 })
  t.equal(second.received.length, 0)
})

t.test('a CANCEL goes to the server that rings, and no further one is tried', async (t) => {
  const { first, second, srf } = await twoServers(t)
  let request: Any
  const placed = srf.createUAC(
    'sip:100@carrier.example',
    { localSdp: SDP },
    {
      cbRequest: (_error: unknown, sent: Any) => {
        request = sent
      },
    },
  )
  first.reply(await first.wait('INVITE'), '503 Service Unavailable', { tag: 'x' })
  const ringing = await second.wait('INVITE')
  second.reply(ringing, '180 Ringing', { tag: 'y' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  request.cancel()
  const cancel = await second.wait('CANCEL')
  t.equal(cancel.headers.get('Via'), ringing.headers.get('Via'), 'the branch of that INVITE')
  second.reply(cancel, '200 OK')
  second.reply(ringing, '487 Request Terminated', { tag: 'y' })
  t.match(await failureOf(placed), { status: 487 })
})

t.test('no answer at all ends an INVITE by the first-response deadline', async (t) => {
  const rig = await openRig(t, { timers: { firstResponseMs: 250 } })
  const srf = await connectApp(t, rig)
  const silent = await SipPeer.open(t)
  const startedAt = performance.now()
  const placed = srf.createUAC(`sip:100@${silent.hostPort}`, { localSdp: SDP })
  t.match(await failureOf(placed), { status: 408 })
  t.ok(performance.now() - startedAt < 1_500)
})

t.test('an unknown name is told at once', async (t) => {
  const dns = await StubDns.open(t)
  const rig = await openRig(t, { nameServers: [dns.hostPort] })
  const srf = await connectApp(t, rig)
  const failed = await failureOf(srf.createUAC('sip:100@nowhere.example', { localSdp: SDP }))
  t.match(failed, { status: 503, res: { reason: 'DNS Error' } })
})

t.test('a refused connection is told at once, in words', async (t) => {
  const rig = await openRig(t, { listen: BOTH })
  const srf = await connectApp(t, rig)
  const failed = await failureOf(
    srf.createUAC('sip:100@127.0.0.1:9;transport=tcp', { localSdp: SDP }),
  )
  t.match(failed, { status: 503, res: { reason: 'Connection Refused' } })
})

t.test('an INVITE over 1300 bytes goes by TCP, and by UDP where nobody takes that', async (t) => {
  const rig = await openRig(t, { listen: BOTH })
  const srf = await connectApp(t, rig)
  const headers = { 'X-Pad': 'x'.repeat(1_300) }
  const { port, texts } = await tcpListener(t)
  const placed = srf.createUAC(`sip:100@127.0.0.1:${port}`, { localSdp: SDP, headers })
  placed.catch(() => undefined)
  const invite = await texts()
  t.match(invite, /^INVITE sip:100@127\.0\.0\.1:\d+ SIP/)
  t.match(invite, /\r\nVia: SIP\/2\.0\/TCP 127\.0\.0\.1:\d+;/)

  const datagrams = await SipPeer.open(t)
  srf.createUAC(`sip:100@${datagrams.hostPort}`, { localSdp: SDP, headers }).catch(() => undefined)
  const fallen = await datagrams.wait('INVITE')
  t.match(fallen.headers.get('Via'), /^SIP\/2\.0\/UDP/)
})

t.test('a server that was given up and answers late is hung up, not left ringing', async (t) => {
  const { first, second, srf } = await twoServers(t)
  const placed = srf.createUAC('sip:100@carrier.example', { localSdp: SDP })
  const slow = await first.wait('INVITE')
  accept(second, await second.wait('INVITE'))
  await placed
  first.reply(slow, '180 Ringing', { tag: 'slow' })
  const cancel = await first.wait('CANCEL')
  t.match(cancel.headers.get('Via'), /branch=(\S+)/)
  first.reply(cancel, '200 OK')
  first.reply(slow, '200 OK', {
    tag: 'slow',
    headers: [`Contact: <sip:100@${first.hostPort}>`],
    body: SDP,
  })
  await first.wait('ACK')
  first.reply(await first.wait('BYE'), '200 OK')
  t.equal(second.count('BYE'), 0, 'the call goes on with the other')
})

t.test('the answer we have, come again by the server that was given up, is kept', async (t) => {
  const { first, second, srf } = await twoServers(t)
  const placed = srf.createUAC('sip:100@carrier.example', { localSdp: SDP })
  const slow = await first.wait('INVITE')
  const fast = await second.wait('INVITE')
  // At once: the application has not acknowledged the first when the other comes.
  accept(second, fast)
  accept(first, slow)
  await placed
  await second.wait('ACK')
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.same([first.count('BYE'), second.count('BYE')], [0, 0], 'one phone behind both')
})

t.test('a Contact by a name nobody resolves does not hold up our BYE', async (t) => {
  const dns = await StubDns.open(t)
  dns.mood('A', 'slow.example', 'silent').mood('SRV', '_sip._udp.slow.example', 'silent')
  const rig = await openRig(t, { nameServers: [dns.hostPort] })
  const srf = await connectApp(t, rig)
  srf.invite((req: Any, res: Any) => {
    srf.createUAS(req, res, { localSdp: SDP }).then((dialog: Any) => {
      dialog.on('ack', () => void dialog.destroy())
    })
  })
  await routesSettle()
  const peer = await SipPeer.open(t)
  const parts = { target: rig.target, peer, callId: newCallId() }
  const invite = requestText({ ...parts, method: 'INVITE', body: SDP })
  peer.send(invite.replace(/Contact: .*\r\n/, 'Contact: <sip:a@slow.example>\r\n'), rig.address)
  const answer = await peer.wait('200 INVITE')
  const toTag = /tag=(\w+)/.exec(answer.headers.get('To') ?? '')?.[1]
  peer.send(requestText({ ...parts, method: 'ACK', toTag }), rig.address)
  const bye = await peer.wait('BYE', 1, 1_000)
  t.equal(dns.asked.length, 0, 'nobody is asked')
  peer.reply(bye, '200 OK')
})

t.test('a 503 over TCP is not asked again over UDP of the same server', async (t) => {
  const rig = await openRig(t, { listen: BOTH })
  const srf = await connectApp(t, rig)
  const refusing = createServer((socket) => {
    socket.once('data', (data) => {
      const head = data.toString().split('\r\n')
      const copied = head.filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line))
      const answer = ['SIP/2.0 503 Service Unavailable', ...copied, 'Content-Length: 0', '', '']
      socket.write(answer.join('\r\n'))
    })
    socket.on('error', () => undefined)
  })
  t.teardown(() => refusing.close())
  const datagrams = await SipPeer.beside(refusing, t)
  const headers = { 'X-Pad': 'x'.repeat(1_300) }
  const placed = srf.createUAC(`sip:100@${datagrams.hostPort}`, { localSdp: SDP, headers })
  t.match(await failureOf(placed), { status: 503 })
  t.equal(datagrams.received.length, 0)
})

async function tcpListener(t: Teardown) {
  const sockets: Socket[] = []
  const first = Promise.withResolvers<string>()
  const server: Server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.once('data', (data) => first.resolve(data.toString()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, texts: () => first.promise }
}
