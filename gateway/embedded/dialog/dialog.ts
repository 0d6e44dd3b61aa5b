// One dialog (RFC 3261 §12): its identifiers, sequence numbers, remote target and route set.
import { SipHeaders } from '../message/sip-headers.ts'
import { EMPTY_BODY } from '../message/sip-message.ts'
import { parseUri, type SipUri } from '../message/uri.ts'
import {
  newBranch,
  outboundRequest,
  viaOf,
  type OutboundRequest,
} from '../transaction/outbound-request.ts'
import type { Peer, Transport } from '../transport/transport.ts'
import type { Retransmission } from './retransmission.ts'
import type { SessionTimer } from './session-timer.ts'
import { contactUri, isAt, usesLooseRouting, uriInBrackets } from './route-set.ts'

/** Whoever receives the frames of a dialog. */
export interface DialogOwner {
  readonly isOpen: boolean
}

interface DialogInit<Owner extends DialogOwner> {
  /** The application's name of it: Call-ID and the tag of the From header of its first request. */
  readonly id: string
  readonly method: string
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** From and To as our own requests carry them, tags included. */
  readonly localAddress: string
  readonly remoteAddress: string
  readonly localSeq: number
  readonly remoteSeq: number | undefined
  readonly remoteTarget: string
  readonly routeSet: readonly string[]
  /** Where the other side really is, when its Contact cannot be believed (behind a NAT). */
  readonly natPeer: Peer | undefined
  readonly transport: Transport
  /** The other side opened the dialog. */
  readonly isCaller: boolean
  readonly localContact: string
  readonly owner: Owner
}

interface MessageOrigin {
  readonly source: Peer
  readonly transport: Transport
}

interface InDialogRequest {
  readonly method: string
  readonly uri?: string | undefined
  /** Only an ACK gives one: that of its INVITE. */
  readonly seq?: number
  readonly extra: readonly (readonly [name: string, value: string])[]
  readonly body?: Buffer
}

export class Dialog<Owner extends DialogOwner = DialogOwner> {
  readonly init: DialogInit<Owner>
  remoteTarget: string
  routeSet: readonly string[]
  natPeer: Peer | undefined
  /** Where its last message came from. Over a connection that reaches it, wherever it sits. */
  source: Peer | undefined
  /** The server that took our INVITE, with the domain its certificate was checked for. */
  verified: Peer | undefined
  remoteSeq: number | undefined
  localContact: string
  confirmed = false
  /** The other side said BYE; the application has yet to answer it. */
  isEnding = false
  /** Set while the 2xx we sent is unacknowledged. */
  answer: Retransmission | undefined
  answerSeq: number | undefined
  /** The transaction id under which its ACK is passed on. */
  answerTxnId = ''
  /** Of the INVITE that was answered: its ACK carries them too (RFC 3261 §22.1). */
  credentials: readonly (readonly [name: string, value: string])[] = []
  /** The INVITE of ours whose 2xx arrived, and the ACK sent for it, kept for a repeated 2xx (§13.2.2.4). */
  acceptedSeq: number | undefined
  ack: { readonly seq: number; readonly request: OutboundRequest } | undefined
  lastReliableSeq: number | undefined
  /** Provisional responses that our answer overtook: their PRACK may still come (RFC 3262 §3). */
  unpracked: { readonly inviteSeq: number; readonly rseqs: readonly number[] } = {
    inviteSeq: 0,
    rseqs: [],
  }
  /** RFC 4028, once both sides agreed on an interval. */
  sessionTimer: SessionTimer | undefined
  /** Whether the other side said that it takes UPDATE (RFC 3311 §4). */
  takesUpdate = false
  /** The description in force, ours: repeated by a session refresh that has to be a re-INVITE. */
  localSdp: Buffer = EMPTY_BODY
  /** A refresh of ours is under way that is a re-INVITE: no other offer must cross it. */
  isReinviting = false
  /** A BYE of the server's own is out: nothing more is to be said. */
  isHungUp = false
  /** 64·T1 passed without an ACK: nothing was ever heard from there, and the address may be forged. */
  isUnheard = false
  /** What waits for a late ACK: the application's BYE (§15). */
  afterAck: (() => void)[] = []
  /** What waits for the application to acknowledge an answer of the other side. */
  afterOwnAck: (() => void) | undefined
  #localSeq: number

  constructor(init: DialogInit<Owner>) {
    this.init = init
    this.remoteTarget = init.remoteTarget
    this.routeSet = init.routeSet
    this.natPeer = init.natPeer
    this.remoteSeq = init.remoteSeq
    this.localContact = init.localContact
    this.#localSeq = init.localSeq
  }

  get isUnacknowledged(): boolean {
    return this.answer?.isRunning === true
  }

  /** Builds a request within the dialog (§12.2.1.1), strict routers included. */
  buildRequest({ method, uri, seq, extra, body = EMPTY_BODY }: InDialogRequest): OutboundRequest {
    const { localAddress, remoteAddress, callId, transport } = this.init
    const branch = newBranch()
    const target = uri ?? this.remoteTarget
    const loose = usesLooseRouting(this.routeSet)
    const requestUri = loose ? target : uriInBrackets(this.routeSet[0] ?? '')
    const routes = loose ? this.routeSet : [...this.routeSet.slice(1), `<${target}>`]
    const headers = new SipHeaders().append('Via', viaOf(transport, branch))
    for (const route of routes) headers.append('Route', route)
    headers
      .append('Max-Forwards', '70')
      .append('From', localAddress)
      .append('To', remoteAddress)
      .append('Call-ID', callId)
      .append('CSeq', `${seq ?? this.#nextSeq()} ${method}`)
    for (const [name, value] of extra) headers.append(name, value)
    return outboundRequest({ method, uri: requestUri, branch }, headers, body)
  }

  /** What the next request is addressed to: the first route, else the remote target. */
  target(): SipUri | undefined {
    return parseUri(uriInBrackets(this.routeSet[0] ?? this.remoteTarget))
  }

  /** Another Contact (§12.2.2), believed as the first one was. */
  moveTarget(headers: SipHeaders, { source, transport }: MessageOrigin): void {
    this.remoteTarget = contactUri(headers) ?? this.remoteTarget
    if (this.routeSet.length > 0 || transport !== this.init.transport) return
    this.natPeer = isAt(this.remoteTarget, source) ? undefined : source
  }

  /** `true` when the number is in order; a repeated or older one is refused (§12.2.2). */
  acceptRemoteSeq(seq: number): boolean {
    if (this.remoteSeq !== undefined && seq <= this.remoteSeq) return false
    this.remoteSeq = seq
    return true
  }

  /** The ACK is in: stop repeating, and let go what waited for it. */
  onAcknowledged(): void {
    this.answer?.stop()
    this.answer = undefined
    this.releaseHeld()
  }

  releaseHeld(): void {
    const held = this.afterAck
    this.afterAck = []
    for (const send of held) send()
  }

  #nextSeq(): number {
    this.#localSeq += 1
    return this.#localSeq
  }
}
