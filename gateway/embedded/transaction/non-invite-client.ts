// Non-INVITE client transaction (RFC 3261 §17.1.2, figure 6). Timers: E repeats, F gives up, K absorbs repeated answers.
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

export class NonInviteClientTransaction {
  readonly kind = 'non-invite-client'
  readonly options: ClientTransactionOptions
  readonly #host: TransactionHost
  readonly #link: SendLink = { fail: undefined }
  readonly #repeat = new Timer()
  readonly #probe = new Timer()
  readonly #end = new Timer()
  #state: 'trying' | 'proceeding' | 'completed' | 'terminated' = 'trying'

  constructor(options: ClientTransactionOptions, host: TransactionHost) {
    this.options = options
    this.#host = host
  }

  start(): void {
    const { timers, counters } = this.#host
    const { request, destination } = this.options
    counters.add('requestsSent')
    const link = this.#link
    link.fail = (why) => this.#unreachable(why)
    destination.transport.send(request.bytes, destination.peer, (why) => link.fail?.(why))
    if (!destination.transport.isReliable && this.options.once !== true) {
      this.#repeatAfter(timers.t1Ms)
      this.#probe.start(probeAfterMs(timers), () => {
        void failIfRefused(destination, () => this.#unreachable())
      })
    }
    this.#end.start(transactionTimeoutMs(timers), () => this.#fail(TIMEOUT))
  }

  onResponse(inbound: InboundResponse): void {
    const { status } = inbound.response
    if (this.#state === 'completed') this.#host.counters.add('retransmissionsReceived')
    if (this.#state !== 'trying' && this.#state !== 'proceeding') return
    this.#probe.stop()
    if (status < 200) {
      this.#state = 'proceeding'
      if (!this.#isReliable) this.#repeatAfter(this.#host.timers.t2Ms)
    } else {
      this.#state = 'completed'
      this.#repeat.stop()
      if (this.#isReliable) this.terminate()
      else this.#end.start(this.#host.timers.t4Ms, () => this.terminate())
    }
    this.options.user.onResponse(inbound)
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

  #repeatAfter(delayMs: number): void {
    const { t2Ms } = this.#host.timers
    this.#repeat.start(delayMs, () => {
      this.#host.counters.add('retransmissionsSent')
      this.#send()
      this.#repeatAfter(this.#state === 'proceeding' ? t2Ms : Math.min(delayMs * 2, t2Ms))
    })
  }

  /** Once the other side has said that it works on it, its answer may still come another way. */
  #unreachable(why?: string): void {
    if (this.#state === 'trying')
      this.#fail(why === undefined ? PORT_CLOSED : { kind: 'unreachable', why })
  }

  get #isReliable(): boolean {
    return this.options.destination.transport.isReliable
  }

  #fail(failure: ClientFailure): void {
    if (this.#state !== 'trying' && this.#state !== 'proceeding') return
    this.terminate()
    this.#host.counters.add(failure.kind === 'timeout' ? 'timeouts' : 'unreachable')
    this.options.user.onFailure(failure)
  }

  #send(): void {
    const { transport, peer } = this.options.destination
    transport.send(this.options.request.bytes, peer)
  }
}
