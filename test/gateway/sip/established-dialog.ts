// One established dialog of the gateway, with a far end that writes its own messages: of a call it placed, or took.
import type { Test } from 'tap'
import { newCallId } from '../../../core/contracts/index.ts'
import type {
  DialogListener,
  OutboundInvite,
  OutboundInviteListener,
  SipDialog,
} from '../../../gateway/sip/sip-port.ts'
import { newBranch, requestText, SDP, SipPeer, type Received } from '../embedded/sip-peer.ts'
import { anInvite, CallNotes, type DrachtioStage } from './drachtio-stage.ts'

/** Notes what the dialog's owner is told. */
export class DialogNotes extends CallNotes implements DialogListener {
  readonly progress: number[] = []
  onReferProgress(status: number): void {
    this.progress.push(status)
  }
}

export interface FarEnd {
  readonly peer: SipPeer
  readonly dialog: SipDialog
  readonly call: DialogNotes
  /** Sends a request within the dialog. */
  readonly ask: (method: string, headers?: string[], body?: string) => void
  /** Answers 200, with SDP. */
  readonly accept: (request: Received, headers?: string[]) => void
}

/** A call we placed: the far end has picked up. */
export async function placedCall(
  t: Test,
  { sip, address }: DrachtioStage,
  more: Partial<OutboundInvite> = {},
  answerHeaders: string[] = [],
): Promise<FarEnd> {
  const peer = await SipPeer.open(t)
  const call = new DialogNotes()
  const answered = Promise.withResolvers<SipDialog>()
  const listener: OutboundInviteListener = Object.assign(call, {
    onAnswered: (dialog: SipDialog) => answered.resolve(dialog),
  })
  sip.invite(anInvite(peer.hostPort, more), listener)
  const invite = await peer.wait('INVITE')
  const accept = (request: Received, headers: string[] = []): void =>
    peer.reply(request, '200 OK', {
      tag: 'far',
      headers: [`Contact: <sip:far@${peer.hostPort}>`, 'Content-Type: application/sdp', ...headers],
      body: SDP,
    })
  accept(invite, answerHeaders)
  await peer.wait('ACK')
  const ask = requestsWithin(peer, invite, address)
  return { peer, dialog: await answered.promise, call, ask, accept }
}

/** Sends requests within the dialog of an INVITE that `peer` answered with the tag `far`. */
export function requestsWithin(
  peer: SipPeer,
  { headers: of }: Received,
  to: { readonly host: string; readonly port: number },
): FarEnd['ask'] {
  let seq = 10
  return (method, headers = [], body = '') => {
    seq += 1
    const text = [
      `${method} ${/<(.*)>/.exec(of.get('Contact') ?? '')?.[1]} SIP/2.0`,
      `Via: SIP/2.0/UDP ${peer.hostPort};rport;branch=${newBranch()}`,
      'Max-Forwards: 70',
      `From: ${of.get('To')};tag=far`,
      `To: ${of.get('From')}`,
      `Call-ID: ${of.get('Call-ID')}`,
      `CSeq: ${seq} ${method}`,
      `Contact: <sip:far@${peer.hostPort}>`,
      ...headers,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ]
    peer.send(text.join('\r\n'), to)
  }
}

/** A call that came in and was answered. */
export async function takenCall(t: Test, { sip, address, target }: DrachtioStage): Promise<FarEnd> {
  const peer = await SipPeer.open(t)
  const call = new DialogNotes()
  const answered = Promise.withResolvers<SipDialog>()
  sip.onInvite((invite) => {
    invite.answer({ callId: newCallId(), sdp: SDP }, call).then(answered.resolve, answered.reject)
  })
  const callId = newCallId()
  peer.send(requestText({ method: 'INVITE', target, peer, callId, body: SDP }), address)
  const answer = await peer.wait('200 INVITE')
  const toTag = /;tag=([^;>\s]+)/.exec(answer.headers.get('To') ?? '')?.[1]
  let seq = 1
  const ask = (method: string, headers: string[] = [], body = ''): void => {
    if (method !== 'ACK') seq += 1
    const text = requestText({ method, target, peer, callId, toTag, seq, headers, body })
    const isTyped = headers.some((header) => header.startsWith('Content-Type'))
    peer.send(isTyped ? text.replace('Content-Type: application/sdp\r\n', '') : text, address)
  }
  ask('ACK')
  const accept = (request: Received, headers: string[] = []): void =>
    peer.reply(request, '200 OK', {
      headers: [
        `Contact: <sip:caller@${peer.hostPort}>`,
        'Content-Type: application/sdp',
        ...headers,
      ],
      body: SDP,
    })
  return { peer, dialog: await answered.promise, call, ask, accept }
}
