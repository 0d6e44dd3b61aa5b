// Callers that require reliable provisional responses (RFC 3262 §3), whose PRACK comes in time, late or never.
import t, { type Test } from 'tap'
import { newCallId as newOwnCallId } from '../../../core/contracts/index.ts'
import type { InboundInvite } from '../../../gateway/sip/sip-port.ts'
import { eventually } from '../../support/process.ts'
import { tagIn } from '../embedded/inbound-call.ts'
import { newCallId, requestText, SDP, SipPeer, type Received } from '../embedded/sip-peer.ts'
import { CallNotes, openDrachtioStage } from './drachtio-stage.ts'

async function ringingCall(t: Test, headers: string[]) {
  const { sip, address, target } = await openDrachtioStage(t)
  const arrived = Promise.withResolvers<InboundInvite>()
  sip.onInvite((invite) => {
    invite.ring()
    arrived.resolve(invite)
  })
  const peer = await SipPeer.open(t)
  const common = { target, peer, callId: newCallId() }
  // The routes are asked for right after the connection is there: an INVITE may overtake them.
  await eventually('the route', 3000, async () => {
    peer.send(requestText({ ...common, callId: newCallId(), method: 'OPTIONS' }), address)
    await peer.wait('503 OPTIONS')
    return peer.received.at(-1)?.headers.has('Retry-After') === true
  })
  peer.send(requestText({ ...common, method: 'INVITE', headers, body: SDP }), address)
  const ringing = await peer.wait('180 INVITE')
  const within = (method: string, seq: number, more: string[] = []): void =>
    peer.send(
      requestText({ ...common, method, seq, toTag: tagIn(ringing), headers: more }),
      address,
    )
  const call = new CallNotes()
  return {
    peer,
    ringing,
    within,
    call,
    answer: async () => (await arrived.promise).answer({ callId: newOwnCallId(), sdp: SDP }, call),
  }
}

const rackOf = ({ headers }: Received): string[] => [`RAck: ${headers.get('RSeq')} 1 INVITE`]

/** The call stands, and the caller can end it. */
async function isUp(t: Test, { peer, within, call }: Awaited<ReturnType<typeof ringingCall>>) {
  within('ACK', 1)
  await eventually('the ACK', 3000, () => call.notes.includes('acknowledged'))
  within('BYE', 9)
  await peer.wait('200 BYE')
  await eventually('the end', 3000, () => call.notes.includes('ended by remote'))
  t.same(call.notes, ['acknowledged', 'ended by remote'])
}

t.test('required: the 180 is numbered and repeated until its PRACK', async (t) => {
  for (const headers of [['Require: 100rel'], ['Require: timer', 'Require: 100REL']]) {
    const call = await ringingCall(t, headers)
    const { peer, ringing, within } = call
    t.equal(ringing.headers.get('Require'), '100rel')
    t.match(ringing.headers.get('RSeq'), /^\d+$/)
    t.ok(ringing.headers.has('Contact'), 'for the PRACK to go to')
    const again = await peer.wait('180 INVITE', 2)
    t.equal(again.headers.get('RSeq'), ringing.headers.get('RSeq'))
    within('PRACK', 2, rackOf(ringing))
    await peer.wait('200 PRACK')
    const repeated = peer.count('180 INVITE')
    await call.answer()
    const ok = await peer.wait('200 INVITE')
    t.notOk(ok.headers.has('RSeq'))
    t.notOk(ok.headers.has('Require'))
    t.ok(ok.text.endsWith(SDP))
    t.equal(peer.count('180 INVITE'), repeated, 'none after the PRACK')
    await isUp(t, call)
  }
})

t.test(
  'answered before the PRACK: the 200 does not wait, and the 180 is repeated no more',
  async (t) => {
    const call = await ringingCall(t, ['Require: 100rel'])
    const { peer, ringing, within } = call
    await call.answer()
    const ok = await peer.wait('200 INVITE')
    t.equal(tagIn(ok), tagIn(ringing))
    t.ok(ok.text.endsWith(SDP))
    const repeated = peer.count('180 INVITE')
    await peer.wait('200 INVITE', 3)
    t.equal(peer.count('180 INVITE'), repeated)
    within('PRACK', 2, ['RAck: 1 1 INVITE'])
    await peer.wait('481 PRACK')
    within('PRACK', 3, rackOf(ringing))
    await peer.wait('200 PRACK')
    await isUp(t, call)
  },
)

t.test('no PRACK at all: the call is answered nevertheless', async (t) => {
  const call = await ringingCall(t, ['Require: 100rel'])
  await call.answer()
  await call.peer.wait('200 INVITE')
  await isUp(t, call)
})

t.test('supported only, or not known: the 180 is as it always was', async (t) => {
  for (const headers of [['Supported: 100rel'], [], ['Require: timer']]) {
    const call = await ringingCall(t, headers)
    t.notOk(call.ringing.headers.has('RSeq'))
    t.notOk(call.ringing.headers.has('Require'))
    await call.answer()
    await call.peer.wait('200 INVITE')
    t.equal(call.peer.count('180 INVITE'), 1)
    await isUp(t, call)
  }
})
