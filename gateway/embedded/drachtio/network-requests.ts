// Requests from the network: to their dialog, to an application that asked for the method, or refused.
import { randomUUID } from 'node:crypto'
import { contactUri } from '../dialog/route-set.ts'
import { randomToken } from '../dialog/random-token.ts'
import { serializeMessage } from '../message/serialize-message.ts'
import { transactionTimeoutMs } from '../server-options.ts'
import { plainResponse, type PlainResponse } from '../transaction/build-response.ts'
import type { InboundRequest } from '../transaction/inbound-request.ts'
import type { InviteServerTransaction } from '../transaction/invite-server.ts'
import type { NonInviteServerTransaction } from '../transaction/non-invite-server.ts'
import type { ServerTransaction } from '../transaction/transaction-host.ts'
import type { AppClient } from './app-client.ts'
import { dialogIdOf, InboundLeg } from './inbound-leg.ts'
import { acknowledgeProvisional } from './reliable-provisional.ts'
import { knowsSessionTimers, readSessionExpires } from './session-refresh.ts'
import { peerOf, type AppDialog, type SipStack } from './sip-stack.ts'

/** An application may ring this long after its last provisional response; then the caller hears 504. */
const RINGING_PATIENCE = 20

export class NetworkRequests {
  readonly #stack: SipStack

  constructor(stack: SipStack) {
    this.#stack = stack
  }

  onRequest(transaction: ServerTransaction): void {
    const { inbound } = transaction
    if (inbound.toTag === '') {
      this.#outsideDialog(transaction)
      return
    }
    const dialog = this.#stack.dialogs.byTags(inbound.callId, inbound.toTag, inbound.fromTag)
    if (dialog === undefined || dialog.isEnding)
      this.#refuse(transaction, { status: 481 }, 'no-dialog')
    else if (!dialog.init.owner.isOpen)
      this.#refuse(transaction, { status: 481 }, 'application-gone')
    else this.#insideDialog(transaction, dialog)
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

  #outsideDialog(transaction: ServerTransaction): void {
    const { inbound } = transaction
    const { method } = inbound.request
    switch (method) {
      case 'BYE':
      case 'UPDATE':
        this.#refuse(transaction, { status: 481 }, 'no-dialog')
        return
      case 'PRACK':
      case 'REFER':
        // Discarded without an answer, as drachtio-server does.
        this.#stack.counters.dropped(`${method.toLowerCase()}-outside-dialog`)
        transaction.terminate()
        return
    }
    if (method === 'INVITE' && this.#stack.dialogs.isFull) {
      this.#refuse(transaction, { status: 503, extra: [['Retry-After', '5']] }, 'dialogs-full')
      return
    }
    if (this.#isIdTaken(inbound)) {
      this.#refuse(transaction, { status: 482 }, 'dialog-exists')
      return
    }
    if (this.#isSessionTooShort(transaction)) return
    const client = this.#stack.pickClient(method)
    if (client === undefined) {
      this.#refuse(transaction, { status: 503 }, 'no-route')
      return
    }
    this.#open(transaction, client, undefined)
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
    if (this.#isSessionTooShort(transaction)) return
    if (request.method === 'INVITE' && !this.#mayReinvite(transaction, dialog)) return
    if (request.method === 'INVITE' || request.method === 'UPDATE') {
      dialog.remoteTarget = contactUri(request.headers) ?? dialog.remoteTarget
    }
    if (dialog.natPeer !== undefined) dialog.natPeer = source
    if (inbound.transport === dialog.init.transport) dialog.flow = source
    switch (request.method) {
      case 'PRACK':
        this.#onPrack(transaction, dialog)
        return
      case 'BYE':
        this.#beforeBye(dialog)
        break
      default:
    }
    this.#open(transaction, dialog.init.owner, dialog)
  }

  /** RFC 4028 §9: an interval below ours is refused, where the other side knows what to do about it. */
  #isSessionTooShort(transaction: ServerTransaction): boolean {
    const { headers, method } = transaction.inbound.request
    if (method !== 'INVITE' && method !== 'UPDATE') return false
    const least = this.#stack.config.timers.minSessionMs / 1000
    const asked = readSessionExpires(headers)?.seconds ?? least
    if (asked >= least || !knowsSessionTimers(headers)) return false
    const extra = [['Min-SE', String(least)]] as const
    this.#refuse(transaction, { status: 422, extra }, 'session-too-short')
    return true
  }

  /** Two INVITEs must not cross (RFC 3261 §14.2). */
  #mayReinvite(transaction: ServerTransaction, dialog: AppDialog): boolean {
    if (this.#stack.inboundLegs.inviteOf(dialog) !== undefined) {
      const later = [['Retry-After', '3']] as const
      this.#refuse(transaction, { status: 500, extra: later }, 'invite-in-progress')
      return false
    }
    const ownInvite = this.#stack.outboundInvites.byDialogId(dialog.init.id)
    if (ownInvite !== undefined || dialog.isRefreshing) {
      this.#refuse(transaction, { status: 491 }, 'invite-in-progress')
      return false
    }
    return true
  }

  #onPrack(transaction: ServerTransaction, dialog: AppDialog): void {
    const { inbound } = transaction
    const leg = this.#stack.inboundLegs.inviteOf(dialog)
    if (leg === undefined || !acknowledgeProvisional(leg, inbound.request.headers.get('RAck'))) {
      this.#refuse(transaction, { status: 481 }, 'unknown-prack')
      return
    }
    answer(transaction, { status: 200 })
    forward(dialog.init.owner, inbound, randomUUID(), dialog.init.id)
  }

  /** The caller hangs up: nothing is repeated to it any more, and an unanswered INVITE ends (§15.1.2). */
  #beforeBye(dialog: AppDialog): void {
    dialog.isEnding = true
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
