// Calls that go out: retransmission, failures, CANCEL and its races, forks, route sets. Over real sockets.
import { createSocket } from 'node:dgram'
import t from 'tap'
import { connectApp, delay, FAST, GIVE_UP_MS, openRig, type Any, type Teardown } from './harness.ts'
import { SDP, SipPeer, type Received } from './sip-peer.ts'

async function callingRig(t: Teardown) {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  const peer = await SipPeer.open(t)
  return { rig, srf, peer, uri: `sip:100@${peer.hostPort}` }
}

/** The call, with whatever comes of it as a value. */
function dial(
  srf: Any,
  uri: string,
  options: object = {},
  callbacks: object = {},
): Promise<{ dialog?: Any; error?: Any; status: number; afterMs: number }> {
  const started = performance.now()
  const calling: Promise<Any> = srf.createUAC(uri, { localSdp: SDP, ...options }, callbacks)
  return calling.then(
    (dialog: Any) => ({ dialog, status: 200, afterMs: performance.now() - started }),
    (error: unknown) => ({
      error,
      status: (error as Any).status,
      afterMs: performance.now() - started,
    }),
  )
}

const contact = (peer: SipPeer) => `Contact: <sip:100@${peer.hostPort}>`
const answer = (peer: SipPeer, invite: Received, tag = 'a', headers: string[] = []): void =>
  peer.reply(invite, '200 OK', {
    tag,
    headers: [contact(peer), 'Content-Type: application/sdp', ...headers],
    body: SDP,
  })

/** One call answered, acknowledged and ended by the application. */
async function endCall(peer: SipPeer, dialog: Any): Promise<Received> {
  const ended = dialog.destroy()
  const bye = await peer.wait('BYE')
  peer.reply(bye, '200 OK')
  await ended
  return bye
}

t.test('an INVITE nobody answers is sent seven times, then 408 (timers A and B)', async (t) => {
  const { srf, peer, uri, rig } = await callingRig(t)
  const { status, afterMs } = await dial(srf, uri)
  t.equal(status, 408)
  t.ok(afterMs > GIVE_UP_MS - 60 && afterMs < GIVE_UP_MS + 400, '64·T1', { afterMs })
  // The seventh is due one T1 (20 ms) before the end: on a busy machine the end may come first.
  const count = peer.countWithRepeats('INVITE')
  t.ok([6, 7].includes(count), 'times', { count })
  const at = peer.received.map(({ atMs }) => atMs)
  for (const [index, expected] of [20, 40, 80, 160, 320].entries()) {
    const gap = at[index + 1]! - at[index]!
    // Half is left to a busy machine: what is looked for is the doubling.
    t.ok(gap > expected / 2, `pause ${index + 1}`, { gap, expected })
  }
  t.match(await rig.sip.stats(), { timeouts: 1 })
})

t.test('a request nobody answers is repeated up to T2, then 408 (timers E and F)', async (t) => {
  const { srf, peer, uri } = await callingRig(t)
  const request = await srf.request(uri, { method: 'OPTIONS' })
  const response = await new Promise<Any>((resolve) => {
    request.on('response', resolve)
  })
  t.equal(response.status, 408)
  t.equal(response.source_address, '')
  // 0, 20, 60, 140, then every 160 ms (T2) up to 1,280: eleven. Without T2 it would be seven; late timers make it fewer.
  const count = peer.countWithRepeats('OPTIONS')
  t.ok(count >= 8 && count <= 12, 'times', { count })
})

t.test('a closed port is found out at once, not after 64·T1', async (t) => {
  const { srf, rig } = await callingRig(t)
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  const { status, afterMs } = await dial(srf, `sip:100@127.0.0.1:${port}`)
  t.equal(status, 503)
  t.ok(afterMs < GIVE_UP_MS / 3, 'fast', { afterMs })
  t.match(await rig.sip.stats(), { unreachable: 1 })
})

t.test('a host that does not exist is a 503', async (t) => {
  const { srf } = await callingRig(t)
  const { status, error } = await dial(srf, 'sip:100@no-such-host.invalid')
  t.equal(status, 503)
  t.equal(error.reason, 'DNS Error')
})

t.test('a call: ringing, answer, ACK, BYE', async (t) => {
  const { srf, peer, uri, rig } = await callingRig(t)
  const provisional: number[] = []
  const calling = dial(
    srf,
    uri,
    { headers: { 'X-Text': 'né€' } },
    { cbProvisional: (res: Any) => provisional.push(res.status) },
  )
  const invite = await peer.wait('INVITE')
  t.match(invite.text, /^Content-Type: application\/sdp\r$/m)
  t.match(invite.text, new RegExp(`^Content-Length: ${SDP.length}\r$`, 'm'))
  t.match(Buffer.from(invite.text, 'latin1').toString(), /X-Text: né€/)
  t.match(invite.headers.get('Contact'), `${rig.address.host}:${rig.address.port}`)
  t.match(invite.headers.get('Via'), /;rport;branch=z9hG4bK/)
  peer.reply(invite, '100 Trying')
  peer.reply(invite, '180 Ringing', { tag: 'a' })
  const repeated = peer.countWithRepeats('INVITE')
  // Two more would come in this time; one may be on its way, on a busy machine.
  await delay(120)
  t.ok(
    peer.countWithRepeats('INVITE') <= repeated + 1,
    'no repetition after a provisional response',
  )
  answer(peer, invite)
  const { dialog } = await calling
  t.same(provisional, [180])
  const ack = await peer.wait('ACK')
  t.equal(ack.headers.get('CSeq'), '1 ACK')
  t.not(
    ack.headers.get('Via'),
    invite.headers.get('Via'),
    'the ACK of a 2xx has a branch of its own',
  )
  const bye = await endCall(peer, dialog)
  t.equal(bye.headers.get('CSeq'), '2 BYE')
  t.match(bye.headers.get('To'), 'tag=a')
})

t.test('a refusal is acknowledged by the server, each time it comes', async (t) => {
  const { srf, peer, uri } = await callingRig(t)
  const calling = dial(srf, uri)
  const invite = await peer.wait('INVITE')
  peer.reply(invite, '486 Busy Here', { tag: 'b' })
  t.equal((await calling).status, 486)
  const ack = await peer.wait('ACK')
  t.equal(ack.headers.get('Via'), invite.headers.get('Via'), 'same branch')
  t.match(ack.headers.get('To'), 'tag=b')
  peer.reply(invite, '486 Busy Here', { tag: 'b' })
  await peer.wait('ACK', 2)
})

t.test('a repeated 200 gets the same ACK again, also when the transaction is gone', async (t) => {
  const { srf, peer, uri } = await callingRig(t)
  const calling = dial(srf, uri)
  const invite = await peer.wait('INVITE')
  answer(peer, invite)
  const { dialog } = await calling
  const first = await peer.wait('ACK')
  answer(peer, invite)
  t.equal((await peer.wait('ACK', 2)).text, first.text)
  await delay(GIVE_UP_MS + 60)
  answer(peer, invite)
  t.equal((await peer.wait('ACK', 3)).text, first.text, 'after timer M')
  await endCall(peer, dialog)
})

t.test('CANCEL before any response waits for one (RFC 3261 §9.1)', async (t) => {
  const { srf, peer, uri } = await callingRig(t)
  let request: Any
  const calling = dial(
    srf,
    uri,
    {},
    { cbRequest: (_error: unknown, req: unknown) => (request = req) },
  )
  const invite = await peer.wait('INVITE')
  request.cancel({ headers: { Reason: 'SIP;cause=200;text="elsewhere"' } })
  await delay(100)
  t.equal(peer.count('CANCEL'), 0, 'held')
  t.ok(peer.countWithRepeats('INVITE') > 1, 'the INVITE is still repeated')
  peer.reply(invite, '180 Ringing', { tag: 'a' })
  const cancel = await peer.wait('CANCEL')
  t.equal(cancel.headers.get('Via'), invite.headers.get('Via'))
  t.match(cancel.headers.get('Reason'), 'elsewhere')
  t.equal(cancel.headers.get('CSeq'), '1 CANCEL')
  peer.reply(cancel, '200 OK')
  peer.reply(invite, '487 Request Terminated', { tag: 'a' })
  t.equal((await calling).status, 487)
  await peer.wait('ACK')
})

t.test('a 200 that crosses the CANCEL is acknowledged and hung up', async (t) => {
  const { srf, peer, uri, rig } = await callingRig(t)
  let request: Any
  const calling = dial(
    srf,
    uri,
    {},
    { cbRequest: (_error: unknown, req: unknown) => (request = req) },
  )
  const invite = await peer.wait('INVITE')
  peer.reply(invite, '180 Ringing', { tag: 'a' })
  await delay(20)
  request.cancel()
  await peer.wait('CANCEL')
  const ended = calling.then(
    ({ dialog }) =>
      new Promise((resolve) => {
        dialog.on('destroy', (_req: unknown, reason: string) => {
          resolve(reason)
        })
      }),
  )
  answer(peer, invite)
  await peer.wait('ACK')
  const bye = await peer.wait('BYE')
  peer.reply(bye, '200 OK')
  t.equal(await ended, 'ACK-BYE due to cancel race condition', 'the application hears of it')
  await delay(30)
  t.equal(peer.received.filter(({ what }) => what === 'ACK').length, 1)
  t.equal((await rig.sip.stats()).dialogs, 0)
})

t.test('a CANCEL nobody reacts to ends in 487 after 64·T1', async (t) => {
  const { srf, peer, uri } = await callingRig(t)
  let request: Any
  const calling = dial(
    srf,
    uri,
    {},
    { cbRequest: (_error: unknown, req: unknown) => (request = req) },
  )
  peer.reply(await peer.wait('INVITE'), '180 Ringing', { tag: 'a' })
  await delay(20)
  request.cancel()
  peer.reply(await peer.wait('CANCEL'), '200 OK')
  const { status, afterMs } = await calling
  t.equal(status, 487)
  t.ok(afterMs < GIVE_UP_MS + 500, '', { afterMs })
})

t.test('forked: the first answer is kept, the others are acknowledged and hung up', async (t) => {
  const { srf, peer, uri, rig } = await callingRig(t)
  const provisional: string[] = []
  const calling = dial(
    srf,
    uri,
    {},
    {
      cbProvisional: (res: Any) => provisional.push(res.getParsedHeader('to').params.tag),
    },
  )
  const invite = await peer.wait('INVITE')
  peer.reply(invite, '180 Ringing', { tag: 'a' })
  peer.reply(invite, '183 Session Progress', { tag: 'b' })
  answer(peer, invite, 'b')
  answer(peer, invite, 'c')
  const bye = await peer.wait('BYE')
  t.match(bye.headers.get('To'), 'tag=c')
  peer.reply(bye, '200 OK')
  const { dialog } = await calling
  t.same(provisional, ['a', 'b'])
  const tags = () =>
    peer.received
      .filter(({ what }) => what === 'ACK')
      .map((m) => /tag=(.)$/.exec(m.headers.get('To')!)![1])
  await peer.wait('ACK', 2)
  await delay(30)
  t.same(tags().sort(), ['b', 'c'])
  t.match(await rig.sip.stats(), { forkedAnswersReleased: 1, dialogs: 1 })
  const ended = dialog.destroy()
  const last = await peer.wait('BYE', 2)
  t.match(last.headers.get('To'), /tag=b$/)
  peer.reply(last, '200 OK')
  await ended
  t.equal((await rig.sip.stats()).dialogs, 0)
})

t.test('the route set of the answer is reversed and followed', async (t) => {
  const { srf, peer, uri } = await callingRig(t)
  const proxy = await SipPeer.open(t, '127.0.0.7')
  const calling = dial(srf, uri)
  const invite = await peer.wait('INVITE')
  answer(peer, invite, 'a', [`Record-Route: <sip:far.example.com;lr>, <sip:${proxy.hostPort};lr>`])
  const { dialog } = await calling
  const ack = await proxy.wait('ACK')
  t.same(ack.headers.getAll('Route'), [`<sip:${proxy.hostPort};lr>`, '<sip:far.example.com;lr>'])
  t.match(ack.text, `ACK sip:100@${peer.hostPort} SIP/2.0`)
  const ended = dialog.destroy()
  const bye = await proxy.wait('BYE')
  proxy.reply(bye, '200 OK')
  await ended
  t.equal(peer.count('BYE'), 0)
})

t.test('BYEs that cross each other both end well', async (t) => {
  const { srf, peer, uri, rig } = await callingRig(t)
  const calling = dial(srf, uri)
  const invite = await peer.wait('INVITE')
  answer(peer, invite)
  const { dialog } = await calling
  const ended = dialog.destroy()
  const bye = await peer.wait('BYE')
  const tag = /tag=([^;]+)/.exec(invite.headers.get('From')!)![1]
  peer.send(
    [
      'BYE sip:x@y SIP/2.0',
      `Via: SIP/2.0/UDP ${peer.hostPort};branch=z9hG4bKcross`,
      `From: ${bye.headers.get('To')}`,
      `To: <sip:x@y>;tag=${tag}`,
      `Call-ID: ${bye.headers.get('Call-ID')}`,
      'CSeq: 9 BYE',
      '',
      '',
    ].join('\r\n'),
    rig.address,
  )
  await peer.wait('200 BYE')
  peer.reply(bye, '481 Call Leg/Transaction Does Not Exist')
  await ended
  t.equal((await rig.sip.stats()).dialogs, 0)
})

t.test('an application that leaves while it rings calls off the call', async (t) => {
  const { srf, peer, uri, rig } = await callingRig(t)
  void dial(srf, uri)
  const invite = await peer.wait('INVITE')
  peer.reply(invite, '180 Ringing', { tag: 'a' })
  await delay(20)
  srf.disconnect()
  peer.reply(await peer.wait('CANCEL'), '200 OK')
  answer(peer, invite)
  await peer.wait('ACK')
  peer.reply(await peer.wait('BYE'), '200 OK')
  await delay(GIVE_UP_MS + FAST.t4Ms + 100)
  t.match(await rig.sip.stats(), { dialogs: 0, transactions: 0 })
})

t.test('a re-INVITE, and a BYE while one is unanswered', async (t) => {
  const { srf, peer, uri } = await callingRig(t)
  const calling = dial(srf, uri)
  answer(peer, await peer.wait('INVITE'))
  const { dialog } = await calling
  const modified = dialog.modify(SDP)
  const second = await peer.wait('INVITE', 2)
  t.equal(second.headers.get('CSeq'), '2 INVITE')
  answer(peer, second)
  await modified
  t.equal((await peer.wait('ACK', 2)).headers.get('CSeq'), '2 ACK')
  dialog.modify(SDP).catch(() => undefined)
  const third = await peer.wait('INVITE', 3)
  peer.reply(third, '100 Trying')
  await delay(20)
  const ended = dialog.destroy()
  peer.reply(await peer.wait('CANCEL'), '200 OK')
  peer.reply(third, '487 Request Terminated')
  peer.reply(await peer.wait('BYE'), '200 OK')
  await ended
})
