// Who may be called and how much at once: asked before every number we make ring and every call we take.
import type { ErrorCode } from '#core/errors'
import { RESTART_SECONDS } from '#core/lifecycle'
import type { Clock } from '#core/time'

export interface AdmissionConfig {
  /** Default deny; `+` allows every number. */
  readonly allowPrefixes: readonly string[]
  readonly maxConcurrentCalls: number
  readonly maxOutboundCallsPerSecond: number
  readonly maxInboundCallsPerSecond: number
}

export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly retryAfterSeconds?: number }

export interface AdmissionState {
  readonly liveCalls: number
  readonly draining: boolean
}

export class AdmissionControl {
  readonly #config: AdmissionConfig
  readonly #outbound: TokenBucket
  readonly #inbound: TokenBucket

  constructor(clock: Clock, config: AdmissionConfig) {
    this.#config = config
    this.#outbound = new TokenBucket(clock, config.maxOutboundCallsPerSecond)
    this.#inbound = new TokenBucket(clock, config.maxInboundCallsPerSecond)
  }

  admitOutbound(number: string, state: AdmissionState): Admission {
    if (!this.#config.allowPrefixes.some((prefix) => number.startsWith(prefix)))
      return { kind: 'refused', code: 'NUMBER_NOT_ALLOWED' }
    return this.#admit(this.#outbound, state)
  }

  admitInbound(state: AdmissionState): Admission {
    return this.#admit(this.#inbound, state)
  }

  #admit(rate: TokenBucket, { liveCalls, draining }: AdmissionState): Admission {
    if (draining) return { kind: 'refused', code: 'DRAINING', retryAfterSeconds: RESTART_SECONDS }
    if (liveCalls >= this.#config.maxConcurrentCalls)
      return { kind: 'refused', code: 'CAPACITY_EXHAUSTED', retryAfterSeconds: 10 }
    if (!rate.take()) return { kind: 'refused', code: 'RATE_EXCEEDED', retryAfterSeconds: 1 }
    return { kind: 'admitted' }
  }
}

/** Up to one second's worth at once, refilled evenly. */
class TokenBucket {
  readonly #clock: Clock
  readonly #perSecond: number
  #tokens: number
  #filledAt: number

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#tokens = perSecond
    this.#filledAt = clock.now()
  }

  take(): boolean {
    const now = this.#clock.now()
    const refill = ((now - this.#filledAt) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#perSecond, this.#tokens + refill)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
