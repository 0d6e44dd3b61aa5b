// Any request of the application but INVITE, ACK and CANCEL: sent once, its answers passed on.
import { Dialog } from '../dialog/dialog.ts'
import { contactUri, natPeerOfResponse } from '../dialog/route-set.ts'
import { tagOf } from '../message/name-addr.ts'
import { serializeMessage } from '../message/serialize-message.ts'
import { parseCSeq } from '../message/sip-message.ts'
import { transactionTimeoutMs } from '../server-options.ts'
import type { ClientFailure, InboundResponse } from '../transaction/client-transaction.ts'
import type { OutboundRequest } from '../transaction/outbound-request.ts'
import type { Location } from '../transport/locate/server-locator.ts'
import type { Transport } from '../transport/transport.ts'
import type { AppClient } from './app-client.ts'
import { localResponse } from './local-response.ts'
import { RequestRoute, type Attempt } from './request-route.ts'
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
  readonly #route: RequestRoute
  /** Carried the request that is being answered. */
  #carrier: Transport

  constructor(stack: SipStack, init: OutboundNonInviteInit) {
    this.#stack = stack
    this.#init = init
    this.#carrier = init.transport
    this.#route = new RequestRoute(stack, init.request, init.transport, this)
  }

  start(location: Location | Promise<Location>): void {
    this.#route.start(location)
  }

  attempt({ request, destination }: Attempt): void {
    this.#carrier = destination.transport
    const once = this.#init.dialog?.isUnheard === true
    this.#stack.transactions.startNonInvite({ request, destination, user: this, once })
  }

  onResponse(inbound: InboundResponse): void {
    const { response, source } = inbound
    if (response.status === 100) return
    if (response.status === 503 && this.#route.failed(true)) return
    const { client, txnId, dialogId } = this.#init
    if (response.status >= 200) this.#settleDialog(inbound)
    this.#carrier.keep(source)
    const bytes = serializeMessage(response)
    client.fromNetwork({ bytes, transport: this.#carrier, address: source, txnId }, dialogId)
  }

  onFailure(failure: ClientFailure): void {
    if (!this.#route.failed()) this.exhausted(failure)
  }

  exhausted(failure: ClientFailure): void {
    const { client, request, txnId, dialogId, dialog } = this.#init
    if (dialog !== undefined && this.#endsDialog()) this.#stack.dialogs.remove(dialog)
    client.localFailure(localResponse(request, failure), txnId, dialogId)
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
    const { request, dialogId, localContact, client } = this.#init
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
      transport: this.#carrier,
      isCaller: false,
      localContact,
      owner: client,
    })
    dialog.confirmed = true
    this.#stack.dialogs.add(dialog, 'visible')
  }
}
