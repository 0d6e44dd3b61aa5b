// INVITE client transaction (RFC 3261 §17.1.1, figure 5, with the Accepted state of RFC 6026 §7.2).
// Timers: A repeats the INVITE, B gives up, D absorbs repeated failures, M lets further 2xx (forks, repeats) through.
import { SipHeaders } from '../message/sip-headers.ts'
import { requestLine, serialize } from '../message/serialize-message.ts'
import { transactionTimeoutMs } from '../server-options.ts'
import {
  failIfRefused,
  probeAfterMs,
  PORT_CLOSED,
  TIMEOUT,
  type ClientFailure,
  type ClientTransactionOptions,
  type InboundResponse,
  type SendLink,
} from './client-transaction.ts'
import { Timer } from '../timer.ts'
import type { TransactionHost } from './transaction-host.ts'

export class InviteClientTransaction {
  readonly kind = 'invite-client'
  readonly options: ClientTransactionOptions
  readonly #host: TransactionHost
  readonly #link: SendLink = { fail: undefined }
  readonly #repeat = new Timer()
  readonly #probe = new Timer()
  readonly #end = new Timer()
  #state: 'calling' | 'proceeding' | 'completed' | 'accepted' | 'abandoned' | 'terminated' =
    'calling'
  #ack: Buffer | undefined

  constructor(options: ClientTransactionOptions, host: TransactionHost) {
    this.options = options
    this.#host = host
  }

  start(): void {
    const { timers, counters } = this.#host
    const { request, destination, firstResponseMs } = this.options
    counters.add('requestsSent')
    const link = this.#link
    link.fail = (why) => this.#fail({ kind: 'unreachable', why })
    destination.transport.send(request.bytes, destination.peer, (why) => link.fail?.(why))
    if (!destination.transport.isReliable) {
      this.#repeatAfter(timers.t1Ms)
      this.#probe.start(probeAfterMs(timers), () => {
        void failIfRefused(destination, () => this.#fail(PORT_CLOSED))
      })
    }
    const timerB = transactionTimeoutMs(timers)
    this.#end.start(Math.min(timerB, firstResponseMs ?? timerB), () => this.#fail(TIMEOUT))
  }

  onResponse(inbound: InboundResponse): void {
    const { status } = inbound.response
    switch (this.#state) {
      case 'calling':
      case 'proceeding':
        this.#repeat.stop()
        this.#probe.stop()
        this.#end.stop()
        if (status < 200) this.#state = 'proceeding'
        else if (status < 300) this.#accept()
        else this.#complete(inbound)
        this.options.user.onResponse(inbound)
        return
      case 'completed':
        if (status >= 300 && this.#ack !== undefined) this.#send(this.#ack)
        this.#host.counters.add('retransmissionsReceived')
        return
      case 'accepted':
        if (status >= 200 && status < 300) this.options.user.onResponse(inbound)
        return
      case 'abandoned':
        if (status >= 300) this.#complete(inbound)
        this.options.user.onLate?.(inbound)
        return
      case 'terminated':
    }
  }

  /** Nobody waits for it any more; what still comes of it is let through for as long as a message may be under way. */
  abandon(): void {
    if (this.#state !== 'calling' && this.#state !== 'proceeding') return
    this.#state = 'abandoned'
    this.#link.fail = undefined
    this.#repeat.stop()
    this.#probe.stop()
    this.#end.start(transactionTimeoutMs(this.#host.timers), () => this.terminate())
  }

  terminate(): void {
    if (this.#state === 'terminated') return
    this.#state = 'terminated'
    this.#link.fail = undefined
    this.#repeat.stop()
    this.#probe.stop()
    this.#end.stop()
    this.#host.onTerminated(this)
  }

  #accept(): void {
    this.#state = 'accepted'
    this.#end.start(transactionTimeoutMs(this.#host.timers), () => this.terminate())
  }

  #complete(inbound: InboundResponse): void {
    this.#state = 'completed'
    this.#ack = buildFailureAck(this.options, inbound)
    this.#send(this.#ack)
    // Timer D is "at least 32 s" over UDP, which is 64·T1 at the usual T1; nothing is repeated over a reliable transport.
    if (this.options.destination.transport.isReliable) this.terminate()
    else this.#end.start(transactionTimeoutMs(this.#host.timers), () => this.terminate())
  }

  #repeatAfter(delayMs: number): void {
    this.#repeat.start(delayMs, () => {
      this.#host.counters.add('retransmissionsSent')
      this.#send(this.options.request.bytes)
      this.#repeatAfter(delayMs * 2)
    })
  }

  #fail(failure: ClientFailure): void {
    if (this.#state !== 'calling') return
    if (failure.kind === 'timeout') this.abandon()
    else this.terminate()
    this.#host.counters.add(failure.kind === 'timeout' ? 'timeouts' : 'unreachable')
    this.options.user.onFailure(failure)
  }

  #send(bytes: Buffer): void {
    const { transport, peer } = this.options.destination
    transport.send(bytes, peer)
  }
}

/** The ACK of a failure belongs to the transaction: same branch, same Route (§17.1.1.3). */
function buildFailureAck(
  { request }: ClientTransactionOptions,
  { response, cseq }: InboundResponse,
): Buffer {
  const headers = new SipHeaders()
  headers.append('Via', request.headers.get('Via') ?? '')
  headers.append('Max-Forwards', '70')
  headers.append('From', request.headers.get('From') ?? '')
  headers.append('To', response.headers.get('To') ?? '')
  headers.append('Call-ID', request.headers.get('Call-ID') ?? '')
  headers.append('CSeq', `${cseq.seq} ACK`)
  for (const route of request.headers.getAll('Route')) headers.append('Route', route)
  return serialize(requestLine('ACK', request.uri), headers)
}
