// Display names that the grammar wants in quotes and some phones and PBXes leave bare: the call works, and knows who calls.
import t from 'tap'
import { ms, newCallId as newOwnCallId } from '../../../core/contracts/index.ts'
import type { InboundInvite } from '../../../gateway/sip/sip-port.ts'
import { eventually } from '../../support/process.ts'
import { newCallId, requestText, SDP, SipPeer } from '../embedded/sip-peer.ts'
import { CallNotes, openDrachtioStage } from './drachtio-stage.ts'

t.test('a call with bare display names is taken, and hung up by us', async (t) => {
  const { sip, address, target } = await openDrachtioStage(t)
  const invites: InboundInvite[] = []
  sip.onInvite((invite) => void invites.push(invite))
  for (const name of ['Müller & Söhne', 'AT&T (Berlin)', 'a;tag=no', 'bob@example.com', 'Voilà']) {
    const peer = await SipPeer.open(t)
    const common = { target, peer, callId: newCallId(), fromTag: 'theirs' }
    const withNames = (text: string): string =>
      text
        .replace(/^(From|To|Contact): </gm, `$1: ${name} <`)
        .replace('sip:caller@', 'sip:+4930111111@')
    const before = invites.length
    const send = (): void => {
      common.callId = newCallId()
      peer.send(withNames(requestText({ ...common, method: 'INVITE', body: SDP })), address)
    }
    send()
    await eventually('the INVITE', 3000, () => {
      // The routes are asked for right after the connection is there: the first INVITE may overtake them.
      if (peer.received.at(-1)?.what === '503 INVITE') send()
      return invites.length > before
    })
    const [invite] = invites.slice(before)
    if (!invite) throw new Error('an INVITE')
    t.equal(invite.fromUser, '+4930111111', name)
    const call = new CallNotes()
    invite.ring()
    const toBe = await invite.dialogToBe()
    const dialog = await invite.answer({ callId: newOwnCallId(), sdp: SDP }, call)
    const ok = await peer.wait('200 INVITE')
    const tag = /;tag=([^;]+)$/.exec(ok.headers.get('To') ?? '')?.[1] ?? ''
    t.match(dialog.identity, { localTag: tag, remoteTag: 'theirs' })
    t.same(toBe, dialog.identity, 'what is written down before')
    t.ok(ok.headers.get('From')?.includes(Buffer.from(name).toString('latin1')))
    peer.send(withNames(requestText({ ...common, method: 'ACK', toTag: tag })), address)
    await eventually('the ACK', 3000, () => call.notes.includes('acknowledged'))
    const over = dialog.bye(ms(3000))
    const bye = await peer.wait('BYE')
    t.match(bye.text, /^BYE sip:caller@/)
    t.match(bye.headers.get('To'), /;tag=theirs$/)
    peer.reply(bye, '200 OK')
    await over
  }
})
