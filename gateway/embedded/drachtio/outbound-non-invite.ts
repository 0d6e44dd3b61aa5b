// Any request of the application but INVITE, ACK and CANCEL: sent once, its answers passed on.
import { Dialog } from '../dialog/dialog.ts'
import { contactUri, natPeerOfResponse } from '../dialog/route-set.ts'
import { tagOf } from '../message/name-addr.ts'
import { serializeMessage } from '../message/serialize-message.ts'
import { parseCSeq } from '../message/sip-message.ts'
import { transactionTimeoutMs } from '../server-options.ts'
import type {
  ClientFailure,
  InboundResponse,
  OutboundRequest,
} from '../transaction/client-transaction.ts'
import type { Destination } from '../transaction/inbound-request.ts'
import type { Transport } from '../transport/transport.ts'
import type { AppClient } from './app-client.ts'
import { localResponse } from './local-response.ts'
import type { AppDialog, SipStack } from './sip-stack.ts'

export interface OutboundNonInviteInit {
  readonly txnId: string
  readonly client: AppClient
  readonly request: OutboundRequest
  readonly transport: Transport
  readonly dialog: AppDialog | undefined
  readonly dialogId: string
  readonly localContact: string
}

export class OutboundNonInvite {
  readonly #stack: SipStack
  readonly #init: OutboundNonInviteInit

  constructor(stack: SipStack, init: OutboundNonInviteInit) {
    this.#stack = stack
    this.#init = init
  }

  start(destination: Destination): void {
    const { request } = this.#init
    this.#stack.transactions.startNonInvite({ request, destination, user: this })
  }

  onResponse(inbound: InboundResponse): void {
    const { response, source } = inbound
    if (response.status === 100) return
    const { client, transport, txnId, dialogId } = this.#init
    if (response.status >= 200) this.#settleDialog(inbound)
    const bytes = serializeMessage(response)
    client.fromNetwork({ bytes, transport, address: source, txnId }, dialogId)
  }

  onFailure(failure: ClientFailure): void {
    this.#endLocally(failure === 'timeout' ? 408 : 503)
  }

  onUnresolved(): void {
    this.#stack.counters.add('unreachable')
    this.#endLocally(503, 'DNS Error')
  }

  #endLocally(status: number, reason?: string): void {
    const { client, request, txnId, dialogId, dialog } = this.#init
    if (dialog !== undefined && this.#endsDialog()) this.#stack.dialogs.remove(dialog)
    client.localFailure(localResponse(request, status, reason), txnId, dialogId)
  }

  #settleDialog(inbound: InboundResponse): void {
    const { request, dialog } = this.#init
    const { status, headers } = inbound.response
    if (dialog === undefined) {
      if (request.method === 'SUBSCRIBE' && status < 300) this.#addSubscription(inbound)
      return
    }
    if (request.method === 'UPDATE' && status < 300) {
      dialog.remoteTarget = contactUri(headers) ?? dialog.remoteTarget
    }
    if (!this.#endsDialog()) return
    if (status !== 401 && status !== 407) {
      this.#stack.dialogs.remove(dialog)
      return
    }
    // Challenged: the application repeats it with credentials, within the same dialog, or leaves it at that.
    setTimeout(
      () => this.#stack.dialogs.remove(dialog),
      transactionTimeoutMs(this.#stack.config.timers),
    ).unref()
  }

  #endsDialog(): boolean {
    const { request, dialog } = this.#init
    if (request.method === 'BYE') return true
    const state = request.headers.get('Subscription-State') ?? ''
    return (
      request.method === 'NOTIFY' &&
      dialog?.init.method === 'SUBSCRIBE' &&
      state.startsWith('terminated')
    )
  }

  #addSubscription({ response, source, callId, toTag }: InboundResponse): void {
    const { request, transport, dialogId, localContact, client } = this.#init
    const { headers } = response
    const routeSet = headers.getAll('Record-Route').reverse()
    const dialog: AppDialog = new Dialog({
      id: dialogId,
      method: 'SUBSCRIBE',
      callId,
      localTag: tagOf(request.headers.get('From')),
      remoteTag: toTag,
      localAddress: request.headers.get('From') ?? '',
      remoteAddress: headers.get('To') ?? '',
      localSeq: parseCSeq(request.headers.get('CSeq'))?.seq ?? 1,
      remoteSeq: undefined,
      remoteTarget: contactUri(headers) ?? request.uri,
      routeSet,
      natPeer: natPeerOfResponse(routeSet, headers, source),
      transport,
      localContact,
      owner: client,
    })
    dialog.confirmed = true
    this.#stack.dialogs.add(dialog, 'visible')
  }
}
