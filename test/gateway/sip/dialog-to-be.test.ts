// What is written down before our 200 OK is the dialog that the 200 OK makes: else nobody could end it after a crash.
import t from 'tap'
import { newCallId as newOwnCallId } from '../../../core/contracts/index.ts'
import type { InboundInvite } from '../../../gateway/sip/sip-port.ts'
import { newCallId, requestText, SDP, SipPeer } from '../embedded/sip-peer.ts'
import { CallNotes, openDrachtioStage } from './drachtio-stage.ts'

const ROUTED = [
  'Record-Route: <sip:192.0.2.1;lr>, "a, b" <sip:192.0.2.2;lr>',
  'Record-Route: <sip:10.0.0.9;lr>',
]

t.test('known once it rings, and the same when it is answered', async (t) => {
  const { sip, address, target } = await openDrachtioStage(t)
  let arrived = Promise.withResolvers<InboundInvite>()
  sip.onInvite((invite) => arrived.resolve(invite))
  for (const headers of [[], ROUTED, ['Require: 100rel']]) {
    const peer = await SipPeer.open(t)
    const invitation = (callId: string) =>
      requestText({ target, peer, callId, method: 'INVITE', headers, body: SDP })
    arrived = Promise.withResolvers()
    peer.send(invitation(newCallId()), address)
    // The routes are asked for right after the connection is there: the first INVITE may overtake them.
    void peer.wait('503 INVITE').then(
      () => peer.send(invitation(newCallId()), address),
      () => undefined,
    )
    const invite = await arrived.promise
    t.equal(await invite.dialogToBe(), undefined, 'nobody has a tag of ours yet')
    invite.ring()
    const toBe = await invite.dialogToBe()
    const dialog = await invite.answer({ callId: newOwnCallId(), sdp: SDP }, new CallNotes())
    t.same(toBe, dialog.identity, headers.join())
    t.equal(dialog.identity.routeSet.length, headers === ROUTED ? 3 : 0)
  }
})
