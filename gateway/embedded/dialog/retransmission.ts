// Repeats the 2xx of an INVITE until its ACK arrives (RFC 3261 §13.3.1.4): T1, doubling to T2, for 64·T1.
// The same repetition, without the cap at T2, carries a reliable provisional response to its PRACK (RFC 3262 §3).
import type { Counters } from '../counters.ts'
import { transactionTimeoutMs, type SipTimers } from '../server-options.ts'
import { Timer } from '../timer.ts'

interface RetransmissionOptions {
  readonly timers: SipTimers
  readonly counters: Counters
  readonly longestPauseMs: number
  readonly resend: () => void
  readonly onTimeout: () => void
}

export class Retransmission {
  readonly #options: RetransmissionOptions
  readonly #repeat = new Timer()
  readonly #end = new Timer()
  #running = true

  constructor(options: RetransmissionOptions) {
    this.#options = options
    this.#repeatAfter(options.timers.t1Ms)
    this.#end.start(transactionTimeoutMs(options.timers), () => {
      this.stop()
      options.onTimeout()
    })
  }

  get isRunning(): boolean {
    return this.#running
  }

  stop(): void {
    this.#running = false
    this.#repeat.stop()
    this.#end.stop()
  }

  #repeatAfter(delayMs: number): void {
    const { counters, resend, longestPauseMs } = this.#options
    this.#repeat.start(delayMs, () => {
      counters.add('retransmissionsSent')
      resend()
      this.#repeatAfter(Math.min(delayMs * 2, longestPauseMs))
    })
  }
}
