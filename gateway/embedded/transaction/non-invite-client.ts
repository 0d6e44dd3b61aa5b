// Non-INVITE client transaction (RFC 3261 §17.1.2, figure 6). Timers: E repeats, F gives up, K absorbs repeated answers.
import { transactionTimeoutMs } from '../server-options.ts'
import {
  failIfRefused,
  type ClientFailure,
  type ClientTransactionOptions,
  type InboundResponse,
} from './client-transaction.ts'
import { Timer } from './timer.ts'
import type { TransactionHost } from './transaction-host.ts'

export class NonInviteClientTransaction {
  readonly kind = 'non-invite-client'
  readonly options: ClientTransactionOptions
  readonly #host: TransactionHost
  readonly #repeat = new Timer()
  readonly #end = new Timer()
  #state: 'trying' | 'proceeding' | 'completed' | 'terminated' = 'trying'

  constructor(options: ClientTransactionOptions, host: TransactionHost) {
    this.options = options
    this.#host = host
  }

  start(): void {
    const { timers, counters } = this.#host
    counters.add('requestsSent')
    this.#send()
    this.#repeatAfter(timers.t1Ms, true)
    this.#end.start(transactionTimeoutMs(timers), () => this.#fail('timeout'))
  }

  onResponse(inbound: InboundResponse): void {
    const { status } = inbound.response
    if (this.#state === 'completed') this.#host.counters.add('retransmissionsReceived')
    if (this.#state !== 'trying' && this.#state !== 'proceeding') return
    if (status < 200) {
      this.#state = 'proceeding'
      this.#repeatAfter(this.#host.timers.t2Ms, false)
    } else {
      this.#state = 'completed'
      this.#repeat.stop()
      this.#end.start(this.#host.timers.t4Ms, () => this.terminate())
    }
    this.options.user.onResponse(inbound)
  }

  terminate(): void {
    if (this.#state === 'terminated') return
    this.#state = 'terminated'
    this.#repeat.stop()
    this.#end.stop()
    this.#host.onTerminated(this)
  }

  #repeatAfter(delayMs: number, first: boolean): void {
    const { t2Ms } = this.#host.timers
    this.#repeat.start(delayMs, () => {
      if (first) void failIfRefused(this.options.destination, () => this.#refused())
      this.#host.counters.add('retransmissionsSent')
      this.#send()
      this.#repeatAfter(this.#state === 'proceeding' ? t2Ms : Math.min(delayMs * 2, t2Ms), false)
    })
  }

  #refused(): void {
    if (this.#state === 'trying') this.#fail('unreachable')
  }

  #fail(failure: ClientFailure): void {
    if (this.#state !== 'trying' && this.#state !== 'proceeding') return
    this.terminate()
    this.#host.counters.add(failure === 'timeout' ? 'timeouts' : 'unreachable')
    this.options.user.onFailure(failure)
  }

  #send(): void {
    const { transport, peer } = this.options.destination
    transport.send(this.options.request.bytes, peer)
  }
}
