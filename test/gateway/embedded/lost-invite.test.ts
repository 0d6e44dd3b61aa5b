// What an earlier run left ringing: called off by what was written down of it, and by nothing else.
import t, { type Test } from 'tap'
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

/** A first server dialled and is gone; the next one stands at its address. */
async function dialledAndLost(t: Test): Promise<Stage> {
  const phone = await SipPeer.open(t)
  const first = await openRig(t)
  const app = await connectApp(t, first)
  const facts = {
    requestUri: `sip:callee@${phone.hostPort}`,
    from: `<sip:us@example.com>;tag=${TAG}`,
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
  const next = await openRig(t, { listen: [{ protocol: 'udp', ...first.address }] })
  const nextApp = await connectApp(t, next)
  nextApp.invite(() => undefined)
  await routesSettle()
  t.equal(phone.received.length, before, 'nothing is sent before it is asked for')
  return { phone, facts, invite, next }
}

const answer = ({ phone, invite }: Stage, tag = 'phone'): void =>
  phone.reply(invite, '200 OK', { tag, headers: [`Contact: <sip:callee@${phone.hostPort}>`] })

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
