// An INVITE that an earlier run of the application sent and that nobody waits for any more: called off by what was
// written down of it (RFC 3261 §9.1); whoever answers it is acknowledged and hung up.
import { Dialog } from '../dialog/dialog.ts'
import { contactUri, natPeerOfResponse, uriInBrackets } from '../dialog/route-set.ts'
import { tagOf } from '../message/name-addr.ts'
import { SipHeaders } from '../message/sip-headers.ts'
import { EMPTY_BODY } from '../message/sip-message.ts'
import { parseUri } from '../message/uri.ts'
import { transactionTimeoutMs } from '../server-options.ts'
import type { InboundResponse } from '../transaction/client-transaction.ts'
import {
  inviteBranch,
  outboundRequest,
  viaOf,
  type OutboundRequest,
} from '../transaction/outbound-request.ts'
import { Timer } from '../timer.ts'
import type { Destination } from '../transport/transport.ts'
import { acknowledge, hangUp, sendAck } from './hang-up.ts'
import { contactOf, readAppHeaders } from './app-headers.ts'
import { isSamePeer, listOf } from './request-route.ts'
import type { AppDialog, SipStack } from './sip-stack.ts'

/** What is known of it. */
export interface LostInviteFacts {
  readonly requestUri: string
  /** Tag included. */
  readonly from: string
  readonly sipCallId: string
  /** SIP URI of the next hop, and the only Route. */
  readonly proxy: string | null
  readonly cseq: number
}

/** `gone`: the far end knows nothing of it. `silent`: nobody answered. */
export type LostInviteOutcome = 'canceled' | 'hung-up' | 'gone' | 'silent'

/** As with an INVITE of this run. */
const MAX_BRANCHES = 16
/** An answer may still come when the CANCEL was lost or not understood: for as many times 64·T1. */
const WATCHED_FOR = 10

/** By Call-ID and From tag: no other response without a transaction is ever acted on. */
export class LostInvites {
  readonly #byIds = new Map<string, LostInvite>()

  add(invite: LostInvite): void {
    this.#byIds.set(invite.key, invite)
  }

  remove(invite: LostInvite): void {
    if (this.#byIds.get(invite.key) === invite) this.#byIds.delete(invite.key)
  }

  find({ callId, fromTag }: InboundResponse): LostInvite | undefined {
    return this.#byIds.get(keyOf(callId, fromTag))
  }

  /** Nobody is told an outcome: there is none yet, and the next start tries again. */
  close(): void {
    for (const invite of [...this.#byIds.values()]) invite.stop()
  }
}

const keyOf = (callId: string, fromTag: string): string => `${callId}|${fromTag}`

export class LostInvite {
  readonly key: string
  readonly #stack: SipStack
  readonly #facts: LostInviteFacts
  readonly #tell: (outcome: LostInviteOutcome) => void
  readonly #answers = new Map<string, AppDialog>()
  readonly #watch = new Timer()
  readonly #patience = new Timer()
  #ways: readonly Destination[] = []
  /** CANCELs without an outcome. */
  #open = 0
  #known = false
  #silent = false
  #told = false

  constructor(stack: SipStack, facts: LostInviteFacts, tell: (outcome: LostInviteOutcome) => void) {
    this.#stack = stack
    this.#facts = facts
    this.#tell = tell
    this.key = keyOf(facts.sipCallId, tagOf(facts.from))
  }

  /**
   * §9.1 wants a provisional response first, lest the CANCEL overtake its INVITE. Whether there was one is not known any
   * more; but the INVITE left before the process was started anew.
   */
  async callOff(): Promise<void> {
    const { lostInvites, locator, config } = this.#stack
    lostInvites.add(this)
    this.#watch.start(WATCHED_FOR * transactionTimeoutMs(config.timers), () => this.stop())
    const next = parseUri(uriInBrackets(this.#facts.proxy ?? this.#facts.requestUri))
    const location = next === undefined ? undefined : await locator.locate(next)
    this.#ways = location === undefined ? [] : listOf(location)
    this.#open = this.#ways.length
    this.#silent = this.#ways.length === 0
    this.#patience.start(transactionTimeoutMs(config.timers), () => this.#onNoFinalResponse())
    for (const way of this.#ways) this.#cancel(way)
    this.#settle()
  }

  /** A 2xx, by whatever way it came. */
  onAnswer(inbound: InboundResponse, destination?: Destination): void {
    const known = this.#answers.get(inbound.toTag)
    if (known !== undefined) {
      sendAck(this.#stack, known)
      return
    }
    const owner = this.#stack.pickClient('INVITE')
    const way = destination ?? this.#wayOf(inbound)
    // The answer comes again until it is acknowledged: by then the application is back.
    if (owner === undefined || way === undefined || this.#answers.size >= MAX_BRANCHES) return
    const { transport } = way
    const { headers } = inbound.response
    const routeSet = headers.getAll('Record-Route').reverse()
    const dialog: AppDialog = new Dialog({
      id: `${inbound.callId};from-tag=${inbound.fromTag}`,
      method: 'INVITE',
      callId: inbound.callId,
      localTag: inbound.fromTag,
      remoteTag: inbound.toTag,
      localAddress: headers.get('From') ?? '',
      remoteAddress: headers.get('To') ?? '',
      localSeq: inbound.cseq.seq,
      remoteSeq: undefined,
      remoteTarget: contactUri(headers) ?? this.#facts.requestUri,
      routeSet,
      natPeer: natPeerOfResponse(routeSet, headers, inbound.source),
      transport,
      isCaller: false,
      localContact: contactOf(transport),
      owner,
    })
    dialog.source = destination?.peer ?? inbound.source
    this.#answers.set(inbound.toTag, dialog)
    acknowledge(this.#stack, dialog, inbound.cseq.seq)
    hangUp(this.#stack, dialog, undefined)
    this.#say('hung-up')
  }

  stop(): void {
    // What comes of a look-up that was cut short is no outcome either.
    this.#told = true
    this.#watch.stop()
    this.#patience.stop()
    this.#stack.lostInvites.remove(this)
  }

  /** How an answer without a transaction came is not told: by the way that leads to where it came from. */
  #wayOf({ source }: InboundResponse): Destination | undefined {
    return this.#ways.find(({ peer }) => peer.address === source.address) ?? this.#ways[0]
  }

  /** @param isGuess that the INVITE was too long for a datagram (RFC 3261 §18.1.1): silence there says nothing */
  #cancel(destination: Destination, isGuess = false): void {
    const { transactions } = this.#stack
    const invite = this.#request('INVITE', destination)
    transactions.awaitInvite({
      request: invite,
      destination,
      user: {
        onResponse: () => undefined,
        onFailure: () => undefined,
        onLate: (inbound) => this.#onLate(inbound, destination),
      },
    })
    transactions.startNonInvite({
      request: this.#request('CANCEL', destination),
      destination,
      user: {
        onResponse: ({ response: { status } }) => {
          if (status >= 300) this.#tryStream(destination)
          if (status >= 200) this.#onCanceled(status)
        },
        onFailure: () => {
          if (!isGuess) this.#silent = true
          this.#onCanceled(408)
        },
      },
    })
  }

  #tryStream({ transport, peer }: Destination): void {
    if (transport.protocol !== 'udp') return
    const stream = this.#stack.transports.sibling(transport, 'tcp')
    const isTried = this.#ways.some((way) => way.transport === stream && isSamePeer(way.peer, peer))
    if (stream === undefined || isTried) return
    this.#open += 1
    this.#cancel({ transport: stream, peer }, true)
  }

  #onLate(inbound: InboundResponse, destination: Destination): void {
    const { status } = inbound.response
    if (status >= 300) this.#say('canceled')
    else if (status >= 200) this.onAnswer(inbound, destination)
  }

  /** The INVITE's own end says more, and follows at once when there is one. */
  #onCanceled(status: number): void {
    this.#open -= 1
    if (status < 300) this.#known = true
    this.#settle()
  }

  /** §9.1: whoever took the CANCEL and never ended the INVITE has canceled it after 64·T1 all the same. */
  #onNoFinalResponse(): void {
    if (this.#known) this.#say('canceled')
  }

  #settle(): void {
    if (this.#open > 0 || this.#known) return
    this.#say(this.#silent ? 'silent' : 'gone')
  }

  #say(outcome: LostInviteOutcome): void {
    if (this.#told) return
    this.#told = true
    this.#tell(outcome)
  }

  #request(method: 'INVITE' | 'CANCEL', destination: Destination): OutboundRequest {
    const { requestUri, from, sipCallId, proxy, cseq } = this.#facts
    // As it was sent: our address stands in the place of `localhost`.
    const sent = readAppHeaders(new SipHeaders().append('From', from), destination.transport)
    const build = (named: string): SipHeaders => {
      const headers = new SipHeaders().append('Via', '')
      if (proxy !== null) headers.append('Route', `<${proxy};lr>`)
      return headers
        .append('Max-Forwards', '70')
        .append('From', sent.from ?? from)
        .append('To', `<${requestUri}>`)
        .append('Call-ID', sipCallId)
        .append('CSeq', `${cseq} ${named}`)
    }
    const branch = inviteBranch(build('INVITE'), destination)
    const headers = build(method).set('Via', viaOf(destination.transport, branch))
    return outboundRequest({ method, uri: requestUri, branch }, headers, EMPTY_BODY)
  }
}
