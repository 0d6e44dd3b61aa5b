// The crossing: frames from applications go out as SIP, transactions from the network go to applications.
import { parseMessage } from '../message/parse-message.ts'
import type { SipHeaders } from '../message/sip-headers.ts'
import type { InboundResponse } from '../transaction/client-transaction.ts'
import type { InboundRequest } from '../transaction/inbound-request.ts'
import type { InviteServerTransaction } from '../transaction/invite-server.ts'
import type { NonInviteServerTransaction } from '../transaction/non-invite-server.ts'
import type { ServerTransaction } from '../transaction/transaction-host.ts'
import type { Refusal, TransactionUser } from '../transaction/transaction-layer.ts'
import type { AppClient } from './app-client.ts'
import type { SipFrame } from './admin-server.ts'
import { AppRequests } from './app-requests.ts'
import { AppResponses } from './app-responses.ts'
import { sendAck } from './hang-up.ts'
import { InDialogRequests } from './in-dialog-requests.ts'
import { NetworkRequests } from './network-requests.ts'
import type { SipStack } from './sip-stack.ts'

export class FrameDispatcher implements TransactionUser {
  readonly #stack: SipStack
  readonly #network: NetworkRequests
  readonly #responses: AppResponses
  readonly #requests: AppRequests
  readonly #inDialog: InDialogRequests

  constructor(stack: SipStack) {
    this.#stack = stack
    this.#network = new NetworkRequests(stack)
    this.#responses = new AppResponses(stack, this.#network)
    this.#requests = new AppRequests(stack)
    this.#inDialog = new InDialogRequests(stack)
  }

  onFrame(client: AppClient, frame: SipFrame): void {
    const message = parseMessage(frame.message, { trustContentLength: false })
    if (message.kind === 'not-sip') {
      client.refuseSip(frame.id, 'Server error: invalid message')
      return
    }
    if (message.kind === 'response') {
      this.#responses.send(client, frame, message)
      return
    }
    if (message.method === 'CANCEL') {
      this.#requests.cancel(client, frame, message)
      return
    }
    const dialogId =
      frame.dialogId === '' ? this.#dialogOfCall(message.headers.get('Call-ID')) : frame.dialogId
    if (dialogId !== undefined) this.#inDialog.send(client, frame, message, dialogId)
    else this.#requests.send(client, frame, message)
  }

  onClientGone(client: AppClient): void {
    this.#network.onClientGone(client)
    this.#requests.onClientGone(client)
  }

  refusalOf(inbound: InboundRequest): Refusal | undefined {
    return this.#network.refusalOf(inbound)
  }

  isWithinDialog(headers: SipHeaders): boolean {
    return this.#network.isWithinDialog(headers)
  }

  onRequest(transaction: ServerTransaction): void {
    this.#network.onRequest(transaction)
  }

  onAck(inbound: InboundRequest): void {
    this.#network.onAck(inbound)
  }

  onCancel(cancel: NonInviteServerTransaction, invite: InviteServerTransaction | undefined): void {
    this.#network.onCancel(cancel, invite)
  }

  /** A 2xx repeated after its transaction ended: its ACK was lost, so it gets the stored one again. */
  onStrayResponse(inbound: InboundResponse): void {
    const { response, cseq, callId, fromTag, toTag } = inbound
    const dialog = this.#stack.dialogs.byTags(callId, fromTag, toTag)
    const answered = response.status >= 200 && response.status < 300 && cseq.method === 'INVITE'
    const lost = answered ? this.#stack.lostInvites.find(inbound) : undefined
    if (answered && dialog?.ack?.seq === cseq.seq) sendAck(this.#stack, dialog)
    else if (lost !== undefined) lost.onAnswer(inbound)
    else this.#stack.counters.dropped('stray-response')
  }

  /** A request that names the Call-ID of a live dialog belongs to it, dialog id or not. */
  #dialogOfCall(callId: string | undefined): string | undefined {
    return callId === undefined ? undefined : this.#stack.dialogs.confirmedByCallId(callId)?.init.id
  }
}
