// An INVITE of the application, first or within a dialog: provisional and forked answers, CANCEL and its races.
import { Dialog } from '../dialog/dialog.ts'
import { contactUri, natPeerOfResponse } from '../dialog/route-set.ts'
import { tagOf } from '../message/name-addr.ts'
import { requestLine, serialize, serializeMessage } from '../message/serialize-message.ts'
import { SipHeaders } from '../message/sip-headers.ts'
import { hasToken } from '../message/sip-message.ts'
import { transactionTimeoutMs } from '../server-options.ts'
import type {
  ClientFailure,
  InboundResponse,
  OutboundRequest,
} from '../transaction/client-transaction.ts'
import type { Destination } from '../transaction/inbound-request.ts'
import type { InviteClientTransaction } from '../transaction/invite-client.ts'
import { Timer } from '../transaction/timer.ts'
import type { Transport } from '../transport/transport.ts'
import type { AppClient } from './app-client.ts'
import { acknowledge, hangUp, sendAck } from './hang-up.ts'
import { localResponse } from './local-response.ts'
import { asPlainAnswer } from './plain-answer.ts'
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

const IGNORE = {
  onResponse: (): void => undefined,
  onFailure: (): void => undefined,
}

export class OutboundInvite {
  readonly init: OutboundInviteInit
  readonly #stack: SipStack
  readonly #forks = new Map<string, AppDialog>()
  readonly #cancelPatience = new Timer()
  #transaction: InviteClientTransaction | undefined
  #destination: Destination | undefined
  #provisional = false
  #final = false
  #winner: string | undefined
  #cancel: OutboundRequest | undefined

  constructor(stack: SipStack, init: OutboundInviteInit) {
    this.#stack = stack
    this.init = init
    stack.outboundInvites.add(this)
  }

  get dialog(): AppDialog | undefined {
    return this.init.dialog
  }

  /** The branches that rang but did not answer yet; a PRACK goes to one of them. */
  get earlyDialogs(): AppDialog[] {
    return [...this.#forks.values()]
  }

  start(destination: Destination): void {
    if (this.#final) return
    if (this.#cancel !== undefined) {
      this.#endLocally(487)
      return
    }
    this.#destination = destination
    this.#transaction = this.#stack.transactions.startInvite({
      request: this.init.request,
      destination,
      user: this,
    })
  }

  /** Builds the CANCEL (RFC 3261 §9.1). It is held until a provisional response shows that the INVITE arrived. */
  cancel(extra: readonly (readonly [name: string, value: string])[]): OutboundRequest {
    const { headers: sent, uri, branch } = this.init.request
    const headers = new SipHeaders().append('Via', sent.get('Via') ?? '')
    for (const route of sent.getAll('Route')) headers.append('Route', route)
    headers.append('Max-Forwards', '70')
    for (const name of ['From', 'To', 'Call-ID'] as const)
      headers.append(name, sent.get(name) ?? '')
    headers.append('CSeq', `${this.init.seq} CANCEL`)
    for (const [name, value] of extra) headers.append(name, value)
    const bytes = serialize(requestLine('CANCEL', uri), headers)
    const request = { method: 'CANCEL', uri, branch, headers, bytes }
    const first = this.#cancel === undefined
    this.#cancel ??= request
    if (first && this.#provisional) this.#sendCancel()
    return request
  }

  onResponse(inbound: InboundResponse): void {
    const { status } = inbound.response
    if (status < 200) this.#onProvisional(inbound)
    else if (status < 300) this.#onAnswer(inbound)
    else this.#onRefusal(inbound)
  }

  onFailure(failure: ClientFailure): void {
    this.#endLocally(failure === 'timeout' ? 408 : 503)
  }

  onUnresolved(): void {
    this.#stack.counters.add('unreachable')
    this.#endLocally(503, 'DNS Error')
  }

  #onProvisional(inbound: InboundResponse): void {
    this.#provisional = true
    if (this.#cancel !== undefined) this.#sendCancel()
    const { status, headers } = inbound.response
    if (status === 100 || this.#final) return
    const rseq = Number(headers.get('RSeq') ?? Number.NaN)
    const dialog = inbound.toTag === '' ? undefined : this.#branchOf(inbound)
    if (hasToken(headers, 'Require', '100rel') && dialog !== undefined) {
      // A repeated one was passed on already; its PRACK has a transaction of its own (RFC 3262 §4).
      if (dialog.lastReliableSeq !== undefined && rseq <= dialog.lastReliableSeq) return
      dialog.lastReliableSeq = rseq
    }
    this.#passOn(inbound)
  }

  #onAnswer(inbound: InboundResponse): void {
    const { seq } = this.init
    if (this.#final && inbound.toTag === this.#winner) {
      const dialog = this.#branchOf(inbound)
      if (dialog.ack?.seq === seq) sendAck(dialog)
      return
    }
    const dialog = this.#branchOf(inbound)
    dialog.acceptedSeq = seq
    if (this.#final) {
      this.#releaseFork(dialog, seq)
      return
    }
    this.#finish()
    this.#winner = inbound.toTag
    for (const other of this.#forks.values())
      if (other !== dialog) this.#stack.dialogs.remove(other)
    dialog.confirmed = true
    this.#refreshTarget(dialog, inbound)
    this.#stack.dialogs.add(dialog, 'visible')
    this.#passOn({ ...inbound, response: asPlainAnswer(inbound.response, dialog.remoteTarget) })
    // An answer without a Contact is an error to drachtio-srf: the application will have no dialog to hang up.
    const refused = this.init.dialog === undefined && !inbound.response.headers.has('Contact')
    if (this.#cancel === undefined && !refused) return
    // The answer crossed the CANCEL: the call exists, so it is acknowledged and ended (§9.1).
    acknowledge(this.#stack, dialog, seq)
    // A cancelled re-INVITE leaves the call as it is; whoever cancelled it says what becomes of it.
    if (this.init.dialog !== undefined) return
    this.#endUnwanted(dialog, refused ? undefined : 'ACK-BYE due to cancel race condition')
  }

  /** The BYE waits for the application's own ACK, so that it has its dialog in hand when that is ended. */
  #endUnwanted(dialog: AppDialog, tell: string | undefined): void {
    const patience = new Timer()
    const end = (): void => {
      patience.stop()
      dialog.afterOwnAck = undefined
      hangUp(this.#stack, dialog, tell)
    }
    if (!this.init.client.isOpen) {
      end()
      return
    }
    dialog.afterOwnAck = end
    patience.start(this.#stack.config.timers.t1Ms, end)
  }

  /** Another branch answered too: only the first answer is kept (§13.2.2.4). */
  #releaseFork(dialog: AppDialog, seq: number): void {
    if (dialog.ack?.seq === seq) {
      sendAck(dialog)
      return
    }
    this.#stack.counters.add('forkedAnswersReleased')
    this.#stack.dialogs.add(dialog, 'hidden')
    acknowledge(this.#stack, dialog, seq)
    hangUp(this.#stack, dialog, undefined)
  }

  #onRefusal(inbound: InboundResponse): void {
    if (this.#final) return
    this.#finish()
    this.#dropBranches()
    this.#passOn(inbound)
  }

  #endLocally(status: number, reason?: string): void {
    if (this.#final) return
    this.#finish()
    this.#dropBranches()
    const { client, request, txnId, dialogId } = this.init
    client.localFailure(localResponse(request, status, reason), txnId, dialogId)
  }

  #finish(): void {
    this.#final = true
    this.#cancelPatience.stop()
    this.#stack.outboundInvites.remove(this)
  }

  #dropBranches(): void {
    for (const dialog of this.#forks.values()) this.#stack.dialogs.remove(dialog)
  }

  #sendCancel(): void {
    const request = this.#cancel
    const destination = this.#destination
    if (request === undefined || destination === undefined || this.#final) return
    if (this.#cancelPatience.isRunning) return
    this.#stack.transactions.startNonInvite({ request, destination, user: IGNORE })
    this.#cancelPatience.start(transactionTimeoutMs(this.#stack.config.timers), () => {
      this.#transaction?.terminate()
      this.#endLocally(487)
    })
  }

  #branchOf(inbound: InboundResponse): AppDialog {
    const existing = this.init.dialog ?? this.#forks.get(inbound.toTag)
    if (existing !== undefined) return existing
    const dialog = this.#newDialog(inbound)
    this.#forks.set(inbound.toTag, dialog)
    this.#stack.dialogs.add(dialog, this.#final ? 'hidden' : 'visible')
    return dialog
  }

  #newDialog(inbound: InboundResponse): AppDialog {
    const { request, seq, transport, dialogId, localContact, client } = this.init
    const { headers } = inbound.response
    const routeSet = headers.getAll('Record-Route').reverse()
    return new Dialog({
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
      localContact,
      owner: client,
    })
  }

  /** The answer may name another Contact than the ringing did; a route set is fixed by the first 2xx (§13.2.2.4). */
  #refreshTarget(dialog: AppDialog, { response, source }: InboundResponse): void {
    dialog.remoteTarget = contactUri(response.headers) ?? dialog.remoteTarget
    if (this.init.dialog !== undefined) return
    dialog.routeSet = response.headers.getAll('Record-Route').reverse()
    dialog.natPeer = natPeerOfResponse(dialog.routeSet, response.headers, source)
  }

  #passOn({ response, source }: InboundResponse): void {
    const { client, transport, txnId, dialogId } = this.init
    const bytes = serializeMessage(response)
    client.fromNetwork({ bytes, transport, address: source, txnId }, dialogId)
  }
}
