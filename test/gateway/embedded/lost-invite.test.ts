// What an earlier run left ringing: called off by what was written down of it, and by nothing else.
import { createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { EmbeddedSipOptions } from '../../../gateway/embedded/index.ts'
import type { LostInviteFacts } from '../../../gateway/embedded/drachtio/lost-invite.ts'
import { connectApp, delay, GIVE_UP_MS, openRig, routesSettle, type Rig } from './harness.ts'
import { SipPeer, type Received } from './sip-peer.ts'

const TAG = 'tag-of-the-first-run'

interface Stage {
  readonly phone: SipPeer
  readonly facts: LostInviteFacts
  readonly invite: Received
  readonly next: Rig
}

/** A first server dialled and is gone; the next one stands at its address, and at what else it is to listen on. */
async function dialledAndLost(t: Test, also: EmbeddedSipOptions['listen'] = []): Promise<Stage> {
  const phone = await SipPeer.open(t)
  const first = await openRig(t)
  const app = await connectApp(t, first)
  const facts = {
    requestUri: `sip:callee@${phone.hostPort}`,
    // A trunk on this machine: the server writes our address there.
    from: `<sip:us@localhost>;tag=${TAG}`,
    sipCallId: `lost-${phone.port}`,
    proxy: null,
    cseq: 1,
  }
  const headers = { From: facts.from, 'Call-ID': facts.sipCallId, CSeq: '1 INVITE' }
  app.request(facts.requestUri, { method: 'INVITE', headers }, () => undefined)
  const invite = await phone.wait('INVITE')
  phone.reply(invite, '180 Ringing', { tag: 'phone' })
  // Without a word, as in a crash: closing the application's connection would call the phone off.
  await first.sip.close()
  const before = phone.received.length
  const next = await openRig(t, { listen: [...also, { protocol: 'udp', ...first.address }] })
  const nextApp = await connectApp(t, next)
  nextApp.invite(() => undefined)
  await routesSettle()
  t.equal(phone.received.length, before, 'nothing is sent before it is asked for')
  return { phone, facts, invite, next }
}

const answer = ({ phone, invite }: Stage, tag = 'phone', contact = phone.hostPort): void =>
  phone.reply(invite, '200 OK', { tag, headers: [`Contact: <sip:callee@${contact}>`] })

t.test('the CANCEL is the INVITE’s own, and its 487 is acknowledged', async (t) => {
  const { phone, facts, invite, next } = await dialledAndLost(t)
  const outcome = next.sip.callOff(facts)
  const cancel = await phone.wait('CANCEL')
  for (const name of ['Via', 'From', 'To', 'Call-ID'])
    t.equal(cancel.headers.get(name), invite.headers.get(name), name)
  t.match(cancel.text, `CANCEL ${facts.requestUri} SIP/2.0`)
  t.equal(cancel.headers.get('CSeq'), '1 CANCEL')
  t.equal(cancel.from.port, invite.from.port)
  phone.reply(cancel, '200 OK')
  phone.reply(invite, '487 Request Terminated', { tag: 'phone' })
  const ack = await phone.wait('ACK')
  t.equal(ack.headers.get('Via'), invite.headers.get('Via'))
  t.equal(ack.headers.get('CSeq'), '1 ACK')
  t.equal(await outcome, 'canceled')
  phone.reply(invite, '487 Request Terminated', { tag: 'phone' })
  await phone.wait('ACK', 2)
})

t.test(
  'an answer that crosses the CANCEL is acknowledged and hung up, each time it comes',
  async (t) => {
    const stage = await dialledAndLost(t)
    const { phone, facts, next } = stage
    const outcome = next.sip.callOff(facts)
    const cancel = await phone.wait('CANCEL')
    answer(stage)
    phone.reply(cancel, '200 OK')
    const ack = await phone.wait('ACK')
    t.match(ack.headers.get('To'), 'tag=phone')
    const bye = await phone.wait('BYE')
    t.match(bye.headers.get('From'), TAG)
    t.match(bye.headers.get('To'), 'tag=phone')
    t.equal(bye.headers.get('CSeq'), '2 BYE')
    phone.reply(bye, '200 OK')
    t.equal(await outcome, 'hung-up')
    answer(stage)
    await phone.wait('ACK', 2)
    answer(stage, 'another')
    await phone.wait('ACK', 3)
    phone.reply(await phone.wait('BYE', 2), '200 OK')
  },
)

t.test('a phone that picked up while nobody was there is hung up too', async (t) => {
  const stage = await dialledAndLost(t)
  const { phone, facts, next } = stage
  const outcome = next.sip.callOff(facts)
  phone.reply(await phone.wait('CANCEL'), '481 Call/Transaction Does Not Exist')
  t.equal(await outcome, 'gone')
  await delay(GIVE_UP_MS + 300)
  answer(stage)
  await phone.wait('ACK')
  phone.reply(await phone.wait('BYE'), '200 OK')
})

t.test('nobody there: silent, after 64·T1', async (t) => {
  const { facts, next } = await dialledAndLost(t)
  t.equal(await next.sip.callOff(facts), 'silent')
  t.equal(await next.sip.callOff({ ...facts, requestUri: 'sip:x@[::1]' }), 'silent', 'no way')
})

t.test('an answer to what was never written down is not acted on', async (t) => {
  const stage = await dialledAndLost(t)
  const { phone, facts, next } = stage
  const other = { ...facts, from: facts.from.replace(TAG, 'another-tag') }
  const outcome = next.sip.callOff(other)
  phone.reply(await phone.wait('CANCEL'), '481 Call/Transaction Does Not Exist')
  await outcome
  const before = phone.received.length
  answer(stage)
  await delay(200)
  t.same(
    phone.received.slice(before).map(({ what }) => what),
    [],
  )
  t.match((await next.sip.stats()).dropped, { 'stray-response': 1 })
})

t.test(
  'whoever takes the CANCEL and never ends the INVITE has canceled it after 64·T1',
  async (t) => {
    const { phone, facts, next } = await dialledAndLost(t)
    const outcome = next.sip.callOff(facts)
    phone.reply(await phone.wait('CANCEL'), '200 OK')
    t.equal(await Promise.race([outcome, delay(2 * GIVE_UP_MS)]), 'canceled')
  },
)

t.test('a stop in the middle of it is no outcome: the next start tries again', async (t) => {
  const { phone, facts, next } = await dialledAndLost(t)
  const outcome = next.sip.callOff(facts)
  const refused = t.rejects(outcome)
  await phone.wait('CANCEL')
  await next.sip.close()
  await refused
})

t.test('a late answer from behind a NAT is met by the way that leads there', async (t) => {
  const stage = await dialledAndLost(t, [{ protocol: 'tcp', host: '127.0.0.1', port: 0 }])
  const { phone, facts, next } = stage
  const outcome = next.sip.callOff(facts)
  phone.reply(await phone.wait('CANCEL'), '481 Call/Transaction Does Not Exist')
  t.equal(await outcome, 'gone')
  await delay(GIVE_UP_MS + 300)
  answer(stage, 'phone', '192.0.2.7')
  await phone.wait('ACK')
  phone.reply(await phone.wait('BYE'), '200 OK')
})

t.test('an INVITE too long for a datagram is called off where it went: by TCP', async (t) => {
  const { phone, texts } = await answerByTcp(t)
  const next = await openRig(t, {
    listen: [
      { protocol: 'udp', host: '127.0.0.1', port: 0 },
      { protocol: 'tcp', host: '127.0.0.1', port: 0 },
    ],
  })
  const app = await connectApp(t, next)
  const facts = {
    requestUri: `sip:callee@${phone.hostPort}`,
    from: `<sip:us@example.com>;tag=${TAG}`,
    sipCallId: `long-${phone.port}`,
    proxy: null,
    cseq: 1,
  }
  const headers = { From: facts.from, 'Call-ID': facts.sipCallId, CSeq: '1 INVITE' }
  const pad = { ...headers, 'X-Pad': 'x'.repeat(1300) }
  app.request(facts.requestUri, { method: 'INVITE', headers: pad }, () => undefined)
  await until(() => texts.length > 0)
  const outcome = next.sip.callOff(facts)
  phone.reply(await phone.wait('CANCEL'), '481 Call/Transaction Does Not Exist')
  t.equal(await outcome, 'canceled')
  const [invite = '', cancel = ''] = texts
  t.match(cancel, /^CANCEL /)
  t.equal(viaIn(cancel), viaIn(invite))
})

const viaIn = (text: string): string | undefined => /^Via: (.*)$/m.exec(text)?.[1]

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 3000; !isSo() && performance.now() < deadline;)
    await delay(5)
}

/** Takes an INVITE without a word, and ends it when its CANCEL comes. */
async function answerByTcp(t: Test) {
  const texts: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      const text = data.toString()
      texts.push(text)
      if (!text.startsWith('CANCEL')) return
      socket.write(responseTo(text, '200 OK'))
      socket.write(responseTo(text.replace(/CSeq: 1 .*/, 'CSeq: 1 INVITE'), '487 Terminated'))
    })
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const phone = await SipPeer.beside(server, t)
  return { phone, texts }
}

function responseTo(request: string, status: string): string {
  const copied = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line))
  const tagged = copied.map((line) => (line.startsWith('To:') ? `${line};tag=tcp` : line))
  return [`SIP/2.0 ${status}`, ...tagged, 'Content-Length: 0', '', ''].join('\r\n')
}
