// All transactions: matches what comes in, creates what is new, refuses what is too much.
import type { Counters } from '../counters.ts'
import type { SipHeaders } from '../message/sip-headers.ts'
import type { SipLimits, SipTimers } from '../server-options.ts'
import { plainResponse, reply, type PlainResponse } from './build-response.ts'
import type { ClientTransactionOptions, InboundResponse } from './client-transaction.ts'
import type { InboundRequest } from './inbound-request.ts'
import { InviteClientTransaction } from './invite-client.ts'
import { InviteServerTransaction } from './invite-server.ts'
import { NonInviteClientTransaction } from './non-invite-client.ts'
import { NonInviteServerTransaction } from './non-invite-server.ts'
import type { ClientTransaction, ServerTransaction, TransactionHost } from './transaction-host.ts'
import { clientKey, mergeKey, serverKey } from './transaction-keys.ts'

/** Why a request is not worth a transaction, and what it gets. */
export interface Refusal {
  /** Absent: nothing is answered. */
  readonly response?: PlainResponse
  readonly cause: string
}

export interface TransactionUser {
  /**
   * Asked of every new request but ACK and CANCEL: what is refused here costs no memory, is not repeated, and a
   * retransmission of it is refused again (RFC 3261 §8.2.7).
   */
  refusalOf(inbound: InboundRequest): Refusal | undefined
  /** Whether a request with these headers belongs to a dialog there is. */
  isWithinDialog(headers: SipHeaders): boolean
  onRequest(transaction: ServerTransaction): void
  /** The ACK of a 2xx: no transaction of its own. */
  onAck(inbound: InboundRequest): void
  onCancel(cancel: NonInviteServerTransaction, invite: InviteServerTransaction | undefined): void
  /** A response whose transaction is gone: perhaps a 2xx whose ACK was lost. */
  onStrayResponse(inbound: InboundResponse): void
}

export interface TransactionLayerDeps {
  readonly timers: SipTimers
  readonly limits: SipLimits
  readonly counters: Counters
}

/** The share of the transactions that requests outside any dialog may take. */
const FOR_STRANGERS = 0.8
/** Seconds; long enough for the finished ones to leave. */
const RETRY_AFTER = '5'

/** A CANCEL repeats more of its INVITE than the branch (RFC 3261 §9.1): a branch alone may be guessed. */
const isSameRequest = (invite: InboundRequest, cancel: InboundRequest): boolean =>
  invite.callId === cancel.callId &&
  invite.fromTag === cancel.fromTag &&
  invite.cseq.seq === cancel.cseq.seq

export class TransactionLayer implements TransactionHost {
  readonly timers: SipTimers
  readonly counters: Counters
  readonly #limits: SipLimits
  readonly #servers = new Map<string, ServerTransaction>()
  readonly #clients = new Map<string, ClientTransaction>()
  readonly #merged = new Map<string, ServerTransaction>()
  #user: TransactionUser | undefined
  #heldBytes = 0

  constructor({ timers, limits, counters }: TransactionLayerDeps) {
    this.timers = timers
    this.counters = counters
    this.#limits = limits
  }

  set user(user: TransactionUser) {
    this.#user = user
  }

  get size(): number {
    return this.#servers.size + this.#clients.size
  }

  /** Whether a further client transaction may be started. */
  get isFull(): boolean {
    const { maxTransactions, maxTransactionBytes } = this.#limits
    return this.size >= maxTransactions || this.#heldBytes >= maxTransactionBytes
  }

  receiveRequest(inbound: InboundRequest): void {
    const { request } = inbound
    const isAck = request.method === 'ACK'
    const key = serverKey(request, inbound, isAck ? 'INVITE' : request.method)
    const existing = this.#servers.get(key)
    if (isAck) {
      if (existing?.kind === 'invite-server' && existing.onAck()) return
      this.#user?.onAck(inbound)
      return
    }
    if (existing !== undefined) {
      existing.onRetransmission()
      return
    }
    if (
      inbound.toTag === '' &&
      this.#merged.has(mergeKey(inbound)) &&
      request.method !== 'CANCEL'
    ) {
      this.refuse(inbound, { status: 482 }, 'merged')
      return
    }
    const refusal = request.method === 'CANCEL' ? undefined : this.#user?.refusalOf(inbound)
    if (refusal !== undefined) {
      if (refusal.response === undefined) this.counters.dropped(refusal.cause)
      else this.refuse(inbound, refusal.response, refusal.cause)
      return
    }
    if (this.#isFullFor(inbound)) {
      this.refuse(
        inbound,
        { status: 503, extra: [['Retry-After', RETRY_AFTER]] },
        'transactions-full',
      )
      return
    }
    this.#accept(inbound, key)
  }

  /** Whoever is in a call can end it, and we can, however many strangers knock: a fifth of the room is kept for that. */
  #isFullFor({ toTag, request }: InboundRequest): boolean {
    if (toTag !== '' || request.method === 'CANCEL') return this.isFull
    const { maxTransactions, maxTransactionBytes } = this.#limits
    return (
      this.size >= maxTransactions * FOR_STRANGERS ||
      this.#heldBytes >= maxTransactionBytes * FOR_STRANGERS
    )
  }

  /** It repeats a request that was taken, or cancels it. */
  belongsToTaken(inbound: InboundRequest): boolean {
    const { request } = inbound
    const method = request.method === 'ACK' ? 'INVITE' : request.method
    return (
      this.#servers.has(serverKey(request, inbound, method)) ||
      this.#canceledBy(inbound) !== undefined
    )
  }

  isWithinDialog(headers: SipHeaders): boolean {
    return this.#user?.isWithinDialog(headers) === true
  }

  receiveResponse(inbound: InboundResponse): void {
    const transaction = this.#clients.get(clientKey(inbound.branch, inbound.cseq.method))
    if (transaction === undefined) this.#user?.onStrayResponse(inbound)
    else transaction.onResponse(inbound)
  }

  /** Answers without keeping anything; a retransmission gets the same answer again (§8.2.7). */
  refuse(inbound: InboundRequest, response: PlainResponse, cause: string): void {
    this.counters.rejected(response.status, cause)
    this.counters.add('responsesSent')
    reply(inbound, plainResponse(inbound.request, response))
  }

  startInvite(options: ClientTransactionOptions): InviteClientTransaction {
    return this.#start(new InviteClientTransaction(options, this))
  }

  /** An INVITE that an earlier run sent: its late answers come to `onLate`, its failure is acknowledged. */
  awaitInvite(options: ClientTransactionOptions): void {
    const transaction = new InviteClientTransaction(options, this)
    this.#keep(transaction)
    transaction.abandon()
  }

  startNonInvite(options: ClientTransactionOptions): NonInviteClientTransaction {
    return this.#start(new NonInviteClientTransaction(options, this))
  }

  hold(byteCount: number): void {
    this.#heldBytes += byteCount
  }

  onTerminated(transaction: ServerTransaction | ClientTransaction): void {
    switch (transaction.kind) {
      case 'invite-server':
      case 'non-invite-server': {
        const { inbound } = transaction
        this.#servers.delete(serverKey(inbound.request, inbound, inbound.request.method))
        const merge = mergeKey(inbound)
        if (this.#merged.get(merge) === transaction) this.#merged.delete(merge)
        return
      }
      case 'invite-client':
      case 'non-invite-client': {
        const { branch, method } = transaction.options.request
        this.#clients.delete(clientKey(branch, method))
      }
    }
  }

  /** Ends every timer; nothing is sent. */
  close(): void {
    for (const transaction of [...this.#servers.values(), ...this.#clients.values()]) {
      transaction.terminate()
    }
  }

  #accept(inbound: InboundRequest, key: string): void {
    const { method } = inbound.request
    const transaction =
      method === 'INVITE'
        ? new InviteServerTransaction(inbound, this)
        : new NonInviteServerTransaction(inbound, this)
    this.#servers.set(key, transaction)
    if (method === 'CANCEL' && transaction.kind === 'non-invite-server') {
      this.#user?.onCancel(transaction, this.#canceledBy(inbound))
      return
    }
    if (inbound.toTag === '') this.#merged.set(mergeKey(inbound), transaction)
    this.#user?.onRequest(transaction)
  }

  #canceledBy(inbound: InboundRequest): InviteServerTransaction | undefined {
    if (inbound.request.method !== 'CANCEL') return undefined
    const invite = this.#servers.get(serverKey(inbound.request, inbound, 'INVITE'))
    const isMeant = invite?.kind === 'invite-server' && isSameRequest(invite.inbound, inbound)
    return isMeant ? invite : undefined
  }

  #start<T extends ClientTransaction>(transaction: T): T {
    this.#keep(transaction)
    transaction.start()
    return transaction
  }

  #keep(transaction: ClientTransaction): void {
    const { branch, method } = transaction.options.request
    this.#clients.set(clientKey(branch, method), transaction)
  }
}
