// Requests from the network: to their dialog, to an application that asked for the method, or refused.
import { randomUUID } from 'node:crypto'
import { randomToken } from '../random-token.ts'
import { tagOf } from '../message/name-addr.ts'
import { serializeMessage } from '../message/serialize-message.ts'
import type { SipHeaders } from '../message/sip-headers.ts'
import { transactionTimeoutMs } from '../server-options.ts'
import { plainResponse, type PlainResponse } from '../transaction/build-response.ts'
import type { InboundRequest } from '../transaction/inbound-request.ts'
import type { InviteServerTransaction } from '../transaction/invite-server.ts'
import type { NonInviteServerTransaction } from '../transaction/non-invite-server.ts'
import type { ServerTransaction } from '../transaction/transaction-host.ts'
import type { Refusal } from '../transaction/transaction-layer.ts'
import type { AppClient } from './app-client.ts'
import { dialogIdOf, InboundLeg } from './inbound-leg.ts'
import { acknowledgeLate, acknowledgeProvisional } from './reliable-provisional.ts'
import { knowsSessionTimers, readSessionExpires } from './session-refresh.ts'
import { peerOf, type AppDialog, type SipStack } from './sip-stack.ts'

/** An application may ring this long after its last provisional response; then the caller hears 504. */
const RINGING_PATIENCE = 20

const NO_DIALOG: Refusal = { response: { status: 481 }, cause: 'no-dialog' }

const later = (cause: string): Refusal => ({
  response: { status: 503, extra: [['Retry-After', '5']] },
  cause,
})

export class NetworkRequests {
  readonly #stack: SipStack

  constructor(stack: SipStack) {
    this.#stack = stack
  }

  /** What is refused without a transaction: it costs nothing and is not repeated, so nobody floods us or others by it. */
  refusalOf(inbound: InboundRequest): Refusal | undefined {
    if (inbound.toTag === '') return this.#refusalOutside(inbound)
    const dialog = this.#dialogOf(inbound)
    if (dialog === undefined || dialog.isEnding) return NO_DIALOG
    return dialog.init.owner.isOpen ? undefined : { ...NO_DIALOG, cause: 'application-gone' }
  }

  isWithinDialog(headers: SipHeaders): boolean {
    const [callId, toTag, fromTag] = [
      headers.get('Call-ID') ?? '',
      tagOf(headers.get('To')),
      tagOf(headers.get('From')),
    ]
    return toTag !== '' && this.#stack.dialogs.byTags(callId, toTag, fromTag) !== undefined
  }

  onRequest(transaction: ServerTransaction): void {
    const { inbound } = transaction
    const dialog = this.#dialogOf(inbound)
    if (dialog !== undefined) {
      this.#insideDialog(transaction, dialog)
      return
    }
    const client = this.#stack.pickClient(inbound.request.method)
    if (client === undefined) this.#refuse(transaction, { status: 503 }, 'no-route')
    else this.#open(transaction, client, undefined)
  }

  /** The ACK of a 2xx. Only the first one counts; later ones answer our repetitions. */
  onAck(inbound: InboundRequest): void {
    const dialog = this.#stack.dialogs.byTags(inbound.callId, inbound.toTag, inbound.fromTag)
    if (dialog?.isUnacknowledged !== true || dialog.answerSeq !== inbound.cseq.seq) return
    forward(dialog.init.owner, inbound, dialog.answerTxnId, dialog.init.id)
    dialog.onAcknowledged()
  }

  /** The server answers CANCEL and INVITE itself and tells the application (RFC 3261 §9.2). */
  onCancel(cancel: NonInviteServerTransaction, invite: InviteServerTransaction | undefined): void {
    if (invite === undefined) {
      this.#refuse(cancel, { status: 481 }, 'cancel-without-invite')
      return
    }
    const leg = this.#stack.inboundLegs.byTransaction(invite)
    const toTag = leg?.localTag ?? randomToken()
    const { inbound } = cancel
    answer(cancel, { status: 200, toTag })
    // After a final response a CANCEL has no effect: an answered call is ended by the caller's BYE.
    if (!invite.isOpen) return
    answer(invite, { status: 487, toTag })
    if (leg === undefined) return
    this.#stack.inboundLegs.remove(leg)
    forward(leg.client, inbound, leg.txnId, leg.dialog?.init.id ?? '')
    if (leg.isInitial && leg.dialog !== undefined) this.#stack.dialogs.remove(leg.dialog)
  }

  /** The connection of an application closed: whoever waits for it is told at once. */
  onClientGone(client: AppClient): void {
    for (const leg of this.#stack.inboundLegs.all()) {
      if (leg.client !== client) continue
      answer(leg.transaction, { status: 503, toTag: leg.localTag })
      this.#stack.counters.rejected(503, 'application-gone')
      this.#stack.inboundLegs.remove(leg)
      if (leg.isInitial && leg.dialog !== undefined) this.#stack.dialogs.remove(leg.dialog)
    }
  }

  #dialogOf({ callId, toTag, fromTag }: InboundRequest): AppDialog | undefined {
    return toTag === '' ? undefined : this.#stack.dialogs.byTags(callId, toTag, fromTag)
  }

  #refusalOutside(inbound: InboundRequest): Refusal | undefined {
    const { method, headers } = inbound.request
    if (method === 'BYE' || method === 'UPDATE') return NO_DIALOG
    // Discarded without an answer, as drachtio-server does.
    if (method === 'PRACK' || method === 'REFER')
      return { cause: `${method.toLowerCase()}-outside-dialog` }
    // Without one nobody could send a BYE there (RFC 3261 §8.1.1.8).
    if (method === 'INVITE' && !headers.has('Contact'))
      return { response: { status: 400, reason: 'Missing Contact' }, cause: 'no-contact' }
    if (method === 'INVITE' && this.#stack.dialogs.isFull) return later('dialogs-full')
    if (this.#isIdTaken(inbound)) return { response: { status: 482 }, cause: 'dialog-exists' }
    const tooShort = method === 'INVITE' ? this.#tooShortSession(headers) : undefined
    if (tooShort !== undefined) return tooShort
    switch (this.#stack.readiness(method)) {
      case 'ready':
        return undefined
      case 'busy':
        return later('application-busy')
      case 'no-route':
        return { response: { status: 503 }, cause: 'no-route' }
    }
  }

  /** The application knows a dialog by these two alone: a second one must not take its place, not even later. */
  #isIdTaken(inbound: InboundRequest): boolean {
    const { dialogs, inboundLegs } = this.#stack
    const id = dialogIdOf(inbound)
    if (inbound.request.method !== 'INVITE') return dialogs.byId(id) !== undefined
    return dialogs.isUsed(id) || inboundLegs.isCalling(id)
  }

  #insideDialog(transaction: ServerTransaction, dialog: AppDialog): void {
    const { inbound } = transaction
    const { request, cseq, source } = inbound
    if (!dialog.acceptRemoteSeq(cseq.seq)) {
      this.#refuse(transaction, { status: 500 }, 'cseq-out-of-order')
      return
    }
    if (request.method === 'INVITE' || request.method === 'UPDATE') {
      if (!this.#mayReoffer(transaction, dialog)) return
      dialog.moveTarget(request.headers, inbound)
    }
    // What comes by another transport, such as a request too large for a datagram, moves nothing.
    if (inbound.transport === dialog.init.transport) {
      if (dialog.natPeer !== undefined) dialog.natPeer = source
      dialog.source = source
    }
    switch (request.method) {
      case 'PRACK':
        this.#onPrack(transaction, dialog)
        return
      case 'BYE':
        this.#beforeBye(dialog)
        if (dialog.confirmed) break
        // The application has no dialog yet (RFC 3261 §15): it hears of the end when it answers its INVITE.
        answer(transaction, { status: 200 })
        this.#stack.dialogs.remove(dialog)
        return
      default:
    }
    this.#open(transaction, dialog.init.owner, dialog)
  }

  /** RFC 4028 §9: an interval below ours is refused, where the other side knows what to do about it. */
  #tooShortSession(headers: SipHeaders): Refusal | undefined {
    const least = this.#stack.config.timers.minSessionMs / 1000
    const asked = readSessionExpires(headers)?.seconds ?? least
    if (asked >= least || !knowsSessionTimers(headers)) return undefined
    const extra = [['Min-SE', String(least)]] as const
    return { response: { status: 422, extra }, cause: 'session-too-short' }
  }

  /** Two offers must not cross (RFC 3261 §14.2, RFC 3311 §5.2). */
  #mayReoffer(transaction: ServerTransaction, dialog: AppDialog): boolean {
    const { headers, method, body } = transaction.inbound.request
    const tooShort = this.#tooShortSession(headers)
    if (tooShort?.response !== undefined) {
      this.#refuse(transaction, tooShort.response, tooShort.cause)
      return false
    }
    const isInvite = method === 'INVITE'
    if (isInvite && this.#stack.inboundLegs.inviteOf(dialog) !== undefined) {
      const extra = [['Retry-After', '3']] as const
      this.#refuse(transaction, { status: 500, extra }, 'invite-in-progress')
      return false
    }
    const ownInvite = this.#stack.outboundInvites.byDialogId(dialog.init.id) !== undefined
    const crosses = isInvite
      ? ownInvite || dialog.isReinviting
      : dialog.isReinviting && body.length > 0
    if (crosses) this.#refuse(transaction, { status: 491 }, 'invite-in-progress')
    return !crosses
  }

  #onPrack(transaction: ServerTransaction, dialog: AppDialog): void {
    const { inbound } = transaction
    const rack = inbound.request.headers.get('RAck')
    const leg = this.#stack.inboundLegs.inviteOf(dialog)
    if (leg !== undefined && acknowledgeProvisional(leg, rack)) {
      answer(transaction, { status: 200 })
      forward(dialog.init.owner, inbound, randomUUID(), dialog.init.id)
    } else if (acknowledgeLate(dialog, rack)) {
      // Nobody waits for it any more; drachtio-srf would complain.
      answer(transaction, { status: 200 })
    } else this.#refuse(transaction, { status: 481 }, 'unknown-prack')
  }

  /** The caller hangs up: nothing is repeated to it any more, and an unanswered INVITE ends (§15.1.2). */
  #beforeBye(dialog: AppDialog): void {
    dialog.isEnding = true
    dialog.sessionTimer?.stop()
    dialog.onAcknowledged()
    const leg = this.#stack.inboundLegs.inviteOf(dialog)
    if (leg === undefined) return
    answer(leg.transaction, { status: 487, toTag: leg.localTag })
    this.#stack.inboundLegs.remove(leg)
  }

  #open(transaction: ServerTransaction, client: AppClient, dialog: AppDialog | undefined): void {
    const { inbound } = transaction
    const leg = new InboundLeg({
      txnId: randomUUID(),
      transaction,
      client,
      localTag: dialog?.init.localTag ?? randomToken(),
      dialog,
    })
    this.#stack.inboundLegs.add(leg)
    this.awaitApplication(leg)
    const receivedOn = dialog === undefined ? peerOf(inbound.transport) : undefined
    forward(client, inbound, leg.txnId, dialog?.init.id ?? '', receivedOn)
  }

  /** Every wait has an end: an INVITE nobody answers gets 504, another request dies with its transaction. */
  awaitApplication(leg: InboundLeg): void {
    const unit = transactionTimeoutMs(this.#stack.config.timers)
    const isInvite = leg.method === 'INVITE'
    const rang = leg.dialog !== undefined && leg.isInitial
    leg.patience.start(isInvite ? unit * (rang ? RINGING_PATIENCE : 2) : unit, () => {
      this.#stack.counters.dropped('application-silent')
      if (isInvite) answer(leg.transaction, { status: 504, toTag: leg.localTag })
      this.#stack.inboundLegs.remove(leg)
      if (leg.dialog !== undefined && (leg.isInitial || leg.method === 'BYE')) {
        this.#stack.dialogs.remove(leg.dialog)
      }
    })
  }

  #refuse(transaction: ServerTransaction, response: PlainResponse, cause: string): void {
    this.#stack.counters.rejected(response.status, cause)
    answer(transaction, response)
  }
}

export function answer(transaction: ServerTransaction, response: PlainResponse): void {
  transaction.respond(response.status, plainResponse(transaction.inbound.request, response))
}

function forward(
  client: AppClient,
  { request, transport, source }: InboundRequest,
  txnId: string,
  dialogId: string,
  receivedOn?: { address: string; port: number },
): void {
  const bytes = serializeMessage(request)
  client.fromNetwork({ bytes, transport, address: source, txnId }, dialogId, receivedOn)
}
