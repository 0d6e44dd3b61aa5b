// Our re-INVITEs on the wire (RFC 3261 §14.1), the same on the embedded server and on a real drachtio-server.
import t, { type Test } from 'tap'
import { ms } from '../../../core/contracts/index.ts'
import { drachtioServerOptions } from '../../support/drachtio-server.ts'
import { eventually } from '../../support/process.ts'
import { SDP, type Received, type SipPeer } from '../embedded/sip-peer.ts'
import { openDrachtioServerStage, openDrachtioStage, type DrachtioStage } from './drachtio-stage.ts'
import { placedCall, takenCall } from './established-dialog.ts'

const OFFER = SDP.replace('4000', '4002')
const SOON = ms(5000)

/** The INVITEs after the first. */
const offersTo = (peer: SipPeer): readonly Received[] =>
  peer.received.filter(
    ({ what, isRepeat, headers }) =>
      what === 'INVITE' && !isRepeat && /;tag=/.test(headers.get('To') ?? ''),
  )

/** The n-th of them. */
async function offerOf(peer: SipPeer, nth: number): Promise<Received> {
  const find = (): Received | undefined => offersTo(peer)[nth - 1]
  await eventually(`offer ${nth}`, 6000, () => find() !== undefined)
  return find() as Received
}
const seqOf = ({ headers }: Received): string => (headers.get('CSeq') ?? '').split(' ')[0] ?? ''

/** The ACK of a 2xx; one of a refused INVITE has the INVITE's branch. */
const ackOf = (peer: SipPeer, invite: Received): Promise<unknown> =>
  eventually(`the ACK ${seqOf(invite)}`, 3000, () =>
    peer.received.some(
      ({ what, headers }) => what === 'ACK' && headers.get('CSeq') === `${seqOf(invite)} ACK`,
    ),
  )

function suite(t: Test, open: (t: Test) => Promise<DrachtioStage>): void {
  t.test(
    'an offer is answered, one that is refused changes nothing, the next is free to go',
    async (t) => {
      const { peer, dialog, accept, call } = await placedCall(t, await open(t))
      const first = dialog.reinvite(OFFER, SOON)
      const second = dialog.reinvite(OFFER, SOON)
      const offer = await offerOf(peer, 1)
      t.match(offer.text, /m=audio 4002/)
      t.match(offer.headers.get('Contact'), /<sip:user@127/)
      t.equal(offersTo(peer).length, 1, 'the second waits for its turn')
      peer.reply(offer, '488 Not Acceptable Here')
      t.same(await first, { status: 488 })
      await ackOf(peer, offer)
      const next = await offerOf(peer, 2)
      accept(next)
      t.match(await second, { sdp: /m=audio 4000/ })
      await ackOf(peer, next)
      t.equal(Number(seqOf(next)), Number(seqOf(offer)) + 1)
      const bye = dialog.bye(SOON)
      peer.reply(await peer.wait('BYE'), '200 OK')
      await bye
      await t.rejects(dialog.reinvite(OFFER, SOON), { code: 'SIP_UNAVAILABLE' })
      t.same(
        call.notes.filter((note) => note !== 'sent'),
        [],
        'nobody else is told',
      )
    },
  )

  t.test('a challenge is answered', async (t) => {
    const { peer, dialog, accept } = await placedCall(t, await open(t))
    const sent = dialog.reinvite(OFFER, SOON)
    peer.reply(await offerOf(peer, 1), '407 Proxy Authentication Required', {
      headers: ['Proxy-Authenticate: Digest realm="carrier", nonce="n1", qop="auth"'],
    })
    const again = await offerOf(peer, 2)
    t.match(again.headers.get('Proxy-Authorization'), /nonce="n1"/)
    accept(again)
    t.match(await sent, { sdp: /m=audio/ })
    await ackOf(peer, again)
  })

  t.test('of a call that came in too; when the two cross, it is tried once more', async (t) => {
    const { peer, dialog, accept, ask } = await takenCall(t, await open(t))
    const sent = dialog.reinvite(OFFER, SOON)
    const offer = await offerOf(peer, 1)
    ask('INVITE', [], OFFER)
    await peer.wait('491 INVITE')
    peer.reply(offer, '491 Request Pending')
    const again = await offerOf(peer, 2)
    t.ok(again.atMs - offer.atMs < 2500, 'whoever does not own the Call-ID waits less')
    accept(again)
    t.match(await sent, { sdp: /m=audio/ })
    await ackOf(peer, again)
  })

  t.test('whoever owns the Call-ID waits longer, and gives up after the second time', async (t) => {
    const { peer, dialog } = await placedCall(t, await open(t))
    const sent = dialog.reinvite(OFFER, ms(8000))
    const offer = await offerOf(peer, 1)
    peer.reply(offer, '491 Request Pending')
    const again = await offerOf(peer, 2)
    t.ok(again.atMs - offer.atMs > 2090, `waited ${again.atMs - offer.atMs} ms`)
    peer.reply(again, '491 Request Pending')
    t.same(await sent, { status: 491 })
  })

  t.test(
    'an answer that never comes is not waited for; nor is one of a call that is over',
    async (t) => {
      const { peer, dialog, ask } = await placedCall(t, await open(t))
      await t.rejects(dialog.reinvite(OFFER, ms(100)), { code: 'TIMED_OUT' })
      await offerOf(peer, 1)
      const waiting = dialog.reinvite(OFFER, SOON)
      ask('BYE')
      await t.rejects(waiting, { code: 'SIP_UNAVAILABLE' })
    },
  )

  t.test('the session’s timer goes on', async (t) => {
    const timer = { Supported: 'timer', 'Session-Expires': '1800;refresher=uas' }
    const stage = await open(t)
    const { peer, dialog, accept } = await placedCall(t, stage, { headers: timer }, [
      'Session-Expires: 1800;refresher=uas',
      'Require: timer',
    ])
    const sent = dialog.reinvite(OFFER, SOON)
    const offer = await offerOf(peer, 1)
    t.equal(offer.headers.get('Session-Expires'), '1800;refresher=uas')
    accept(offer)
    await sent
  })
}

t.test('on the embedded server', async (t) => suite(t, openDrachtioStage))
t.test('on drachtio-server', drachtioServerOptions, async (t) => suite(t, openDrachtioServerStage))
