// Who may be called and how much at once: asked before every number we make ring and every call we take.
import type { ErrorCode } from '#core/errors'
import { RESTART_SECONDS } from '#core/lifecycle'
import { TokenBucket, type Clock } from '#core/time'

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
