// An INVITE of the application, first or within a dialog: provisional and forked answers, CANCEL and its races.
import { Dialog } from '../dialog/dialog.ts'
import { contactUri, natPeerOfResponse } from '../dialog/route-set.ts'
import { tagOf } from '../message/name-addr.ts'
import { serializeMessage } from '../message/serialize-message.ts'
import { SipHeaders } from '../message/sip-headers.ts'
import { EMPTY_BODY, hasToken } from '../message/sip-message.ts'
import { transactionTimeoutMs } from '../server-options.ts'
import type { ClientFailure, InboundResponse } from '../transaction/client-transaction.ts'
import type { InviteClientTransaction } from '../transaction/invite-client.ts'
import { outboundRequest, type OutboundRequest } from '../transaction/outbound-request.ts'
import { Timer } from '../timer.ts'
import type { Location } from '../transport/locate/server-locator.ts'
import type { Destination, Transport } from '../transport/transport.ts'
import type { AppClient } from './app-client.ts'
import { acknowledge, hangUp, sendAck } from './hang-up.ts'
import { localResponse, localStatus } from './local-response.ts'
import { asPlainAnswer } from './plain-answer.ts'
import { RequestRoute, type Attempt } from './request-route.ts'
import { startSessionTimer, termsOfAnswer } from './session-refresh.ts'
import type { AppDialog, SipStack } from './sip-stack.ts'

export interface OutboundInviteInit {
  readonly txnId: string
  readonly client: AppClient
  readonly request: OutboundRequest
  readonly seq: number
  readonly transport: Transport
  /** The dialog of a re-INVITE. */
  readonly dialog: AppDialog | undefined
  readonly dialogId: string
  readonly localContact: string
}

/** The application, which called the call off, says BYE itself within so many T1. */
const APPLICATION_BYE_T1S = 10
/** More phones than anybody lets ring at once. */
const MAX_BRANCHES = 16

const IGNORE = {
  onResponse: (): void => undefined,
  onFailure: (): void => undefined,
}

const credentialsIn = (headers: SipHeaders): (readonly [string, string])[] =>
  ['Authorization', 'Proxy-Authorization'].flatMap((name) =>
    headers.getAll(name).map((value) => [name, value] as const),
  )

type Headers = readonly (readonly [name: string, value: string])[]

export class OutboundInvite {
  readonly init: OutboundInviteInit
  readonly #stack: SipStack
  readonly #route: RequestRoute
  readonly #forks = new Map<string, AppDialog>()
  readonly #cancelPatience = new Timer()
  /** What is under way: the request as this server got it. */
  #attempt: Attempt | undefined
  #transaction: InviteClientTransaction | undefined
  #provisional = false
  #final = false
  #winner: string | undefined
  #cancelHeaders: Headers | undefined
  /** Branches given up that rang later. */
  readonly #calledOff = new Set<string>()

  constructor(stack: SipStack, init: OutboundInviteInit) {
    this.#stack = stack
    this.init = init
    this.#route = new RequestRoute(stack, init.request, init.transport, this)
    stack.outboundInvites.add(this)
  }

  get dialog(): AppDialog | undefined {
    return this.init.dialog
  }

  /** The branches that rang but did not answer yet; a PRACK goes to one of them. */
  get earlyDialogs(): AppDialog[] {
    return [...this.#forks.values()]
  }

  start(location: Location | Promise<Location>): void {
    this.#route.start(location)
  }

  attempt(attempt: Attempt): void {
    if (this.#final) return
    if (this.#cancelHeaders !== undefined) {
      this.#endLocally(localStatus(this.init.request, 487))
      return
    }
    this.#attempt = attempt
    this.#provisional = false
    const { firstResponseMs } = this.#stack.config.timers
    this.#transaction = this.#stack.transactions.startInvite({
      ...attempt,
      user: {
        onResponse: (inbound) => this.onResponse(inbound),
        onFailure: (failure) => this.onFailure(failure),
        onLate: (inbound) => this.#onLate(attempt, inbound),
      },
      // Within a dialog the other side is known to be there: RFC 3261's own patience holds.
      ...(this.init.dialog === undefined && { firstResponseMs }),
    })
  }

  /** Calls it off (RFC 3261 §9.1). The CANCEL is held until a provisional response shows that the INVITE arrived. */
  cancel(extra: Headers): OutboundRequest {
    const isFirst = this.#cancelHeaders === undefined
    this.#cancelHeaders ??= extra
    if (isFirst && this.#provisional) this.#sendCancel()
    return this.#buildCancel(this.#attempt?.request ?? this.init.request)
  }

  #buildCancel({ headers: sent, uri, branch }: OutboundRequest): OutboundRequest {
    const headers = new SipHeaders().append('Via', sent.get('Via') ?? '')
    for (const route of sent.getAll('Route')) headers.append('Route', route)
    headers.append('Max-Forwards', '70')
    for (const name of ['From', 'To', 'Call-ID'] as const)
      headers.append(name, sent.get(name) ?? '')
    headers.append('CSeq', `${this.init.seq} CANCEL`)
    for (const [name, value] of this.#cancelHeaders ?? []) headers.append(name, value)
    return outboundRequest({ method: 'CANCEL', uri, branch }, headers, EMPTY_BODY)
  }

  onResponse(inbound: InboundResponse): void {
    const { status } = inbound.response
    if (status < 200) this.#onProvisional(inbound)
    else if (status < 300) this.#onAnswer(inbound)
    else this.#onRefusal(inbound)
  }

  onFailure(failure: ClientFailure): void {
    if (this.#cancelHeaders !== undefined || !this.#route.failed()) this.exhausted(failure)
  }

  exhausted(failure: ClientFailure): void {
    this.#endLocally(localResponse(this.init.request, failure))
  }

  #onProvisional(inbound: InboundResponse): void {
    this.#provisional = true
    if (this.#cancelHeaders !== undefined) this.#sendCancel()
    const { status, headers } = inbound.response
    if (status === 100 || this.#final) return
    const rseq = Number(headers.get('RSeq') ?? Number.NaN)
    const dialog = inbound.toTag === '' ? undefined : this.#branchOf(inbound)
    const isReliable = Number.isSafeInteger(rseq) && hasToken(headers, 'Require', '100rel')
    if (isReliable && dialog !== undefined) {
      // In order and each once; a repeated one's PRACK has a transaction of its own (RFC 3262 §4).
      const { lastReliableSeq = rseq - 1 } = dialog
      if (rseq !== lastReliableSeq + 1) return
      dialog.lastReliableSeq = rseq
    }
    this.#passOn(inbound)
  }

  #onAnswer(inbound: InboundResponse): void {
    const { seq } = this.init
    const dialog = this.#branchOf(inbound)
    if (dialog === undefined) {
      this.#stack.counters.dropped('too-many-branches')
      return
    }
    if (this.#final && inbound.toTag === this.#winner) {
      if (dialog.ack?.seq === seq) sendAck(this.#stack, dialog)
      return
    }
    dialog.acceptedSeq = seq
    dialog.credentials = credentialsIn(this.init.request.headers)
    if (this.#final) {
      this.#releaseFork(dialog, seq)
      return
    }
    this.#finish()
    this.#winner = inbound.toTag
    for (const other of this.#forks.values())
      if (other !== dialog) this.#stack.dialogs.remove(other)
    dialog.confirmed = true
    this.#carrier.keep(inbound.source)
    this.#refreshTarget(dialog, inbound)
    this.#stack.dialogs.add(dialog, 'visible')
    dialog.localSdp = this.init.request.body
    startSessionTimer(
      this.#stack,
      dialog,
      termsOfAnswer(inbound.response.headers, this.#stack.config.timers.minSessionMs),
    )
    this.#passOn({ ...inbound, response: asPlainAnswer(inbound.response, dialog.remoteTarget) })
    // An answer without a Contact is an error to drachtio-srf: the application will have no dialog to hang up.
    const refused = this.init.dialog === undefined && !inbound.response.headers.has('Contact')
    if (this.#cancelHeaders === undefined && !refused) return
    // The answer crossed the CANCEL: the call exists, so it is acknowledged and ended (§9.1).
    acknowledge(this.#stack, dialog, seq)
    // A canceled re-INVITE leaves the call as it is; whoever canceled it says what becomes of it.
    if (this.init.dialog !== undefined) return
    this.#endUnwanted(dialog, refused ? undefined : 'ACK-BYE due to cancel race condition')
  }

  /** The BYE waits for the application's own ACK, so that it has its dialog in hand when that is ended. */
  #endUnwanted(dialog: AppDialog, tell: string | undefined): void {
    const { dialogs, config } = this.#stack
    const patience = new Timer()
    const end = (): void => {
      patience.stop()
      dialog.afterOwnAck = undefined
      if (dialogs.byId(dialog.init.id) === dialog) hangUp(this.#stack, dialog, tell)
    }
    if (!this.init.client.isOpen) {
      end()
      return
    }
    // Who asked for credentials will ask again for the BYE, and the application alone can give them.
    if (dialog.credentials.length > 0) {
      patience.start(APPLICATION_BYE_T1S * config.timers.t1Ms, end)
      return
    }
    dialog.afterOwnAck = end
    patience.start(this.#stack.config.timers.t1Ms, end)
  }

  /** Another branch answered too: only the first answer is kept (§13.2.2.4). */
  #releaseFork(dialog: AppDialog, seq: number): void {
    if (dialog.ack?.seq === seq) {
      sendAck(this.#stack, dialog)
      return
    }
    this.#stack.counters.add('forkedAnswersReleased')
    this.#stack.dialogs.add(dialog, 'hidden')
    acknowledge(this.#stack, dialog, seq)
    hangUp(this.#stack, dialog, undefined)
  }

  /**
   * A server that was given up, for another one or for good, rings after all: its phone is called off, and one that was
   * picked up is hung up (RFC 3261 §9.1, §13.2.2.4).
   */
  #onLate(attempt: Attempt, inbound: InboundResponse): void {
    const { status } = inbound.response
    if (this.init.dialog !== undefined || status >= 300) return
    const { destination, request } = attempt
    if (status < 200) {
      if (this.#calledOff.has(request.branch)) return
      this.#calledOff.add(request.branch)
      const cancel = this.#buildCancel(request)
      this.#stack.transactions.startNonInvite({ request: cancel, destination, user: IGNORE })
      return
    }
    const known = this.#forks.get(inbound.toTag)
    // Two servers may lead to one phone: its answer by the other one is the answer we have.
    if (known !== undefined && inbound.toTag === this.#winner) {
      sendAck(this.#stack, known)
      return
    }
    if (known === undefined && this.#forks.size >= MAX_BRANCHES) return
    const dialog = known ?? this.#newDialog(inbound, destination)
    this.#forks.set(inbound.toTag, dialog)
    this.#releaseFork(dialog, this.init.seq)
  }

  #onRefusal(inbound: InboundResponse): void {
    if (this.#final) return
    const { status } = inbound.response
    const triesOn = status === 503 && this.#cancelHeaders === undefined
    if (triesOn && this.#route.failed(true)) {
      this.#dropBranches()
      return
    }
    this.#finish()
    this.#dropBranches()
    this.#passOn(inbound)
  }

  #endLocally(response: Buffer): void {
    if (this.#final) return
    this.#finish()
    this.#dropBranches()
    const { client, txnId, dialogId } = this.init
    client.localFailure(response, txnId, dialogId)
  }

  #finish(): void {
    this.#final = true
    this.#cancelPatience.stop()
    this.#stack.outboundInvites.remove(this)
  }

  #dropBranches(): void {
    for (const dialog of this.#forks.values()) this.#stack.dialogs.remove(dialog)
    this.#forks.clear()
  }

  #sendCancel(): void {
    const attempt = this.#attempt
    if (attempt === undefined || this.#final || this.#cancelPatience.isRunning) return
    const request = this.#buildCancel(attempt.request)
    const { destination } = attempt
    this.#stack.transactions.startNonInvite({ request, destination, user: IGNORE })
    this.#cancelPatience.start(transactionTimeoutMs(this.#stack.config.timers), () => {
      this.#transaction?.abandon()
      this.#endLocally(localStatus(this.init.request, 487))
    })
  }

  /** `undefined` when there are too many already: each would cost a dialog, and its answer an ACK and a BYE. */
  #branchOf(inbound: InboundResponse): AppDialog | undefined {
    const existing = this.init.dialog ?? this.#forks.get(inbound.toTag)
    if (existing !== undefined) return existing
    if (this.#forks.size >= MAX_BRANCHES) return undefined
    const dialog = this.#newDialog(inbound, this.#attempt?.destination)
    this.#forks.set(inbound.toTag, dialog)
    this.#stack.dialogs.add(dialog, this.#final ? 'hidden' : 'visible')
    return dialog
  }

  #newDialog(inbound: InboundResponse, destination: Destination | undefined): AppDialog {
    const { request, seq, dialogId, localContact, client } = this.init
    const { headers } = inbound.response
    const routeSet = headers.getAll('Record-Route').reverse()
    const transport = destination?.transport ?? this.init.transport
    const dialog: AppDialog = new Dialog({
      id: dialogId,
      method: request.method,
      callId: inbound.callId,
      localTag: tagOf(request.headers.get('From')),
      remoteTag: inbound.toTag,
      localAddress: request.headers.get('From') ?? '',
      remoteAddress: headers.get('To') ?? '',
      localSeq: seq,
      remoteSeq: undefined,
      remoteTarget: contactUri(headers) ?? request.uri,
      routeSet,
      natPeer: natPeerOfResponse(routeSet, headers, inbound.source),
      transport,
      isCaller: false,
      localContact,
      owner: client,
    })
    dialog.verified = destination?.peer
    dialog.source = destination?.peer ?? inbound.source
    return dialog
  }

  /** The answer may name another Contact than the ringing did; a route set is fixed by the first 2xx (§13.2.2.4). */
  #refreshTarget(dialog: AppDialog, { response, source }: InboundResponse): void {
    dialog.remoteTarget = contactUri(response.headers) ?? dialog.remoteTarget
    if (this.init.dialog !== undefined) return
    dialog.takesUpdate = hasToken(response.headers, 'Allow', 'update')
    dialog.routeSet = response.headers.getAll('Record-Route').reverse()
    dialog.natPeer = natPeerOfResponse(dialog.routeSet, response.headers, source)
  }

  #passOn({ response, source }: InboundResponse): void {
    const { client, txnId, dialogId } = this.init
    const bytes = serializeMessage(response)
    client.fromNetwork({ bytes, transport: this.#carrier, address: source, txnId }, dialogId)
  }

  /** The transport that carried the INVITE to the server that answers. */
  get #carrier(): Transport {
    return this.#attempt?.destination.transport ?? this.init.transport
  }
}
