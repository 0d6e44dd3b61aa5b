// Non-INVITE server transaction (RFC 3261 §17.2.2, figure 8). Timer J absorbs retransmissions after the final response.
import { transactionTimeoutMs } from '../server-options.ts'
import { reply } from './build-response.ts'
import { withoutContent, type InboundRequest } from './inbound-request.ts'
import type { TransactionHost } from './transaction-host.ts'
import { Timer } from '../timer.ts'

export class NonInviteServerTransaction {
  readonly kind = 'non-invite-server'
  #inbound: InboundRequest
  #kept = 0
  readonly #host: TransactionHost
  readonly #end = new Timer()
  #state: 'trying' | 'proceeding' | 'completed' | 'terminated' = 'trying'
  #last: Buffer | undefined

  constructor(inbound: InboundRequest, host: TransactionHost) {
    this.#inbound = inbound
    this.#host = host
    this.#keep(inbound.byteLength)
    // The client gives up after 64·T1 (its Timer F), so an answer later than that reaches nobody.
    this.#end.start(transactionTimeoutMs(host.timers), () => this.terminate())
  }

  /** Without headers and body once it is finally answered. */
  get inbound(): InboundRequest {
    return this.#inbound
  }

  get isOpen(): boolean {
    return this.#state === 'trying' || this.#state === 'proceeding'
  }

  respond(status: number, bytes: Buffer): void {
    if (!this.isOpen) return
    this.#last = bytes
    this.#state = status < 200 ? 'proceeding' : 'completed'
    this.#host.counters.add('responsesSent')
    reply(this.#inbound, bytes)
    const isRepeatable = this.#isAnsweredAlike(status)
    if (status >= 200) {
      this.#keep(bytes.length)
      this.#inbound = withoutContent(this.#inbound)
      // Timer J: nothing is repeated over a reliable transport.
      if (this.#inbound.transport.isReliable || isRepeatable) this.terminate()
      else this.#end.start(transactionTimeoutMs(this.#host.timers), () => this.terminate())
    }
  }

  /** Outside a dialog OPTIONS, and what is refused, may be asked anew: a stranger's is not kept (RFC 3261 §8.2.7). */
  #isAnsweredAlike(status: number): boolean {
    const { toTag, request } = this.#inbound
    return toTag === '' && (status >= 300 || request.method === 'OPTIONS')
  }

  onRetransmission(): void {
    this.#host.counters.add('retransmissionsReceived')
    if (this.#last === undefined) return
    this.#host.counters.add('retransmissionsSent')
    reply(this.#inbound, this.#last)
  }

  terminate(): void {
    if (this.#state === 'terminated') return
    this.#state = 'terminated'
    this.#end.stop()
    this.#keep(0)
    this.#host.onTerminated(this)
  }

  #keep(byteCount: number): void {
    this.#host.hold(byteCount - this.#kept)
    this.#kept = byteCount
  }
}
