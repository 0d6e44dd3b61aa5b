// INVITE server transaction (RFC 3261 §17.2.1, figure 7, with the Accepted state of RFC 6026 §7.1).
// Timers: G repeats a failure until its ACK, H gives up on that ACK, I absorbs late ACKs, L absorbs late INVITEs after a 2xx.
import { transactionTimeoutMs } from '../server-options.ts'
import { plainResponse, reply } from './build-response.ts'
import { withoutContent, type InboundRequest } from './inbound-request.ts'
import type { TransactionHost } from './transaction-host.ts'
import { Timer } from '../timer.ts'

/** RFC 3261 §17.2.1: an INVITE that is answered sooner needs no 100. */
const TRYING_AFTER_MS = 200
/** `Show who you are`, and `you are nobody we know`. */
const TO_STRANGERS: ReadonlySet<number> = new Set([401, 403, 407])

export type InviteServerState = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated'

export class InviteServerTransaction {
  readonly kind = 'invite-server'
  #inbound: InboundRequest
  #kept = 0
  readonly #host: TransactionHost
  readonly #trying = new Timer()
  readonly #repeat = new Timer()
  readonly #end = new Timer()
  #state: InviteServerState = 'proceeding'
  #last: Buffer
  #hasAnswered = false

  /** Sends 100 Trying at once: the application may take its time. Who is not known yet waits for it. */
  constructor(inbound: InboundRequest, host: TransactionHost) {
    this.#inbound = inbound
    this.#host = host
    this.#keep(inbound.byteLength)
    this.#last = plainResponse(inbound.request, { status: 100 })
    if (inbound.isUnproven === true) this.#trying.start(TRYING_AFTER_MS, () => this.#send())
    else this.#send()
  }

  /** Without headers and body once it is finally answered. */
  get inbound(): InboundRequest {
    return this.#inbound
  }

  get state(): InviteServerState {
    return this.#state
  }

  /** Whether a final response may still be chosen. */
  get isOpen(): boolean {
    return this.#state === 'proceeding'
  }

  respond(status: number, bytes: Buffer): void {
    if (!this.isOpen) return
    const isOnce = this.#isAnsweredOnce(status)
    this.#trying.stop()
    this.#last = bytes
    this.#send()
    if (isOnce) this.terminate()
    const { timers } = this.#host
    if (status < 200 || isOnce) return
    this.#keep(bytes.length)
    this.#inbound = withoutContent(this.#inbound)
    if (status < 300) {
      // The 2xx itself is repeated by the dialog until the ACK comes (RFC 3261 §13.3.1.4).
      this.#state = 'accepted'
      this.#end.start(transactionTimeoutMs(timers), () => this.terminate())
      return
    }
    this.#state = 'completed'
    if (!this.#inbound.transport.isReliable) this.#repeatAfter(timers.t1Ms)
    this.#end.start(transactionTimeoutMs(timers), () => this.terminate())
  }

  /**
   * RFC 3261 §26.3.2.4: a stranger gets one answer and no repetition, or a forged address were sent a dozen for each
   * INVITE. Where that one is lost, the INVITE comes again and is answered anew; after a 100 it would not.
   */
  #isAnsweredOnce(status: number): boolean {
    return this.#inbound.isUnproven === true && !this.#hasAnswered && TO_STRANGERS.has(status)
  }

  /** The INVITE again: answered with the last response, except in Accepted, where it is only absorbed. */
  onRetransmission(): void {
    this.#host.counters.add('retransmissionsReceived')
    if (this.#state === 'proceeding' || this.#state === 'completed') this.#resend()
  }

  /** `true` when the ACK was for a failure and is used up; the ACK of a 2xx goes on to its dialog. */
  onAck(): boolean {
    if (this.#state === 'accepted') return false
    if (this.#state === 'completed') {
      this.#state = 'confirmed'
      this.#repeat.stop()
      if (this.#inbound.transport.isReliable) this.terminate()
      else this.#end.start(this.#host.timers.t4Ms, () => this.terminate())
    }
    return true
  }

  terminate(): void {
    if (this.#state === 'terminated') return
    this.#state = 'terminated'
    this.#trying.stop()
    this.#repeat.stop()
    this.#end.stop()
    this.#keep(0)
    this.#host.onTerminated(this)
  }

  #repeatAfter(delayMs: number): void {
    this.#repeat.start(delayMs, () => {
      this.#resend()
      this.#repeatAfter(Math.min(delayMs * 2, this.#host.timers.t2Ms))
    })
  }

  #send(): void {
    this.#hasAnswered = true
    this.#host.counters.add('responsesSent')
    reply(this.#inbound, this.#last)
  }

  #resend(): void {
    this.#hasAnswered = true
    this.#host.counters.add('retransmissionsSent')
    reply(this.#inbound, this.#last)
  }

  #keep(byteCount: number): void {
    this.#host.hold(byteCount - this.#kept)
    this.#kept = byteCount
  }
}
