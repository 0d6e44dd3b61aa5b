// Transactions over UDP: who repeats what, and for how long (RFC 3261 §17; 2xx repeated as in §13.3.1.4, which this
// carrier does in the transaction because it is its own transaction user).
import type { HostPort } from './sip-address.ts'
import { encodeSip, headerOf, cseqOf, type SipRequest, type SipResponse } from './sip-message.ts'
import { repeatDoubling, type TimerSet } from './timer-set.ts'

export interface SipTimers {
  readonly t1Ms: number
  readonly t2Ms: number
}
export interface TransactionDeps {
  readonly timers: TimerSet
  readonly sip: SipTimers
  send(datagram: Buffer, to: HostPort): void
}

/** Ours to answer: repeats final responses to INVITE until the ACK, and any response when the request comes again. */
export class ServerTransaction {
  readonly request: SipRequest
  readonly #deps: TransactionDeps
  readonly #replyTo: HostPort
  #last: Buffer | undefined
  #finalStatus: number | undefined
  #stopRepeating: () => void = () => undefined
  #stopWaiting: () => void = () => undefined

  constructor(deps: TransactionDeps, request: SipRequest, replyTo: HostPort) {
    this.#deps = deps
    this.request = request
    this.#replyTo = replyTo
  }

  /** The final status sent, if any. */
  get finalStatus(): number | undefined {
    return this.#finalStatus
  }

  /** Sends a response; `onNoAck` is called when 64·T1 pass after a final one to INVITE without an ACK. */
  respond(status: number, datagram: Buffer, onNoAck?: () => void): void {
    if (this.#finalStatus !== undefined) return
    this.#last = datagram
    this.#deps.send(datagram, this.#replyTo)
    if (status < 200) return
    this.#finalStatus = status
    if (this.request.method !== 'INVITE') return
    const { timers, sip } = this.#deps
    const intervals = { firstMs: sip.t1Ms, ceilingMs: sip.t2Ms }
    this.#stopRepeating = repeatDoubling(timers, intervals, () => this.repeat())
    this.#stopWaiting = timers.after(64 * sip.t1Ms, () => {
      this.#stopRepeating()
      onNoAck?.()
    })
  }

  /** The request came again. */
  repeat(): void {
    if (this.#last) this.#deps.send(this.#last, this.#replyTo)
  }

  acknowledge(): void {
    this.#stopRepeating()
    this.#stopWaiting()
  }
}

export interface ClientTransactionHandlers {
  /** Every provisional and final response; 2xx to INVITE also when they come again, other repeats are absorbed. */
  onResponse(response: SipResponse): void
  /** 64·T1 without a final response (without any, for INVITE). */
  onTimeout(): void
}

export interface OutgoingRequest {
  readonly request: SipRequest
  readonly datagram: Buffer
  readonly to: HostPort
}

/** Ours to ask: repeats the request until something comes back, ACKs failures of INVITE. */
export class ClientTransaction {
  readonly outgoing: OutgoingRequest
  readonly #deps: TransactionDeps
  readonly #handlers: ClientTransactionHandlers
  readonly #stopRepeating: () => void
  readonly #stopWaiting: () => void
  #finalStatus: number | undefined

  constructor(
    deps: TransactionDeps,
    outgoing: OutgoingRequest,
    handlers: ClientTransactionHandlers,
  ) {
    this.#deps = deps
    this.outgoing = outgoing
    this.#handlers = handlers
    const { timers, sip } = deps
    const isInvite = outgoing.request.method === 'INVITE'
    // INVITE doubles without a ceiling (timer A), the others up to T2 (timer E).
    const ceilingMs = isInvite ? Number.MAX_SAFE_INTEGER : sip.t2Ms
    this.#stopRepeating = repeatDoubling(timers, { firstMs: sip.t1Ms, ceilingMs }, () =>
      this.#send(),
    )
    this.#stopWaiting = timers.after(64 * sip.t1Ms, () => {
      this.#stopRepeating()
      handlers.onTimeout()
    })
    this.#send()
  }

  receive(response: SipResponse): void {
    const isInvite = this.outgoing.request.method === 'INVITE'
    if (response.status < 200) {
      if (this.#finalStatus !== undefined) return
      if (isInvite) this.stop()
      this.#handlers.onResponse(response)
      return
    }
    this.stop()
    const isFirst = this.#finalStatus === undefined
    this.#finalStatus = response.status
    if (isInvite && response.status >= 300) this.#acknowledgeFailure(response)
    if (isFirst || (isInvite && response.status < 300)) this.#handlers.onResponse(response)
  }

  stop(): void {
    this.#stopRepeating()
    this.#stopWaiting()
  }

  #send(): void {
    this.#deps.send(this.outgoing.datagram, this.outgoing.to)
  }

  /** RFC 3261 §17.1.1.3: same branch, same Request-URI and Route, the To of the response. */
  #acknowledgeFailure(response: SipResponse): void {
    const { request, to } = this.outgoing
    const ack = encodeSip(`ACK ${request.uri} SIP/2.0`, [
      ['Via', headerOf(request, 'via')],
      ['Max-Forwards', '70'],
      ...request.headers.filter(([name]) => name === 'route'),
      ['From', headerOf(request, 'from')],
      ['To', headerOf(response, 'to')],
      ['Call-ID', headerOf(request, 'call-id')],
      ['CSeq', `${cseqOf(request).number} ACK`],
    ])
    this.#deps.send(ack, to)
  }
}
