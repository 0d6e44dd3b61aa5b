// Who may be called and how much at once: asked before every number we make ring and every call we take.
import type { ErrorCode } from '#core/errors'
import { RESTART_SECONDS } from '#core/lifecycle'
import { TokenBucket, type Clock } from '#core/time'

/** A talk lasts minutes, but one of many ends soon. */
const AGENT_SLOT_SECONDS = 5

export interface AdmissionConfig {
  /** Default deny; `+` allows every number. */
  readonly allowPrefixes: readonly string[]
  readonly maxConcurrentCalls: number
  readonly maxOutboundCallsPerSecond: number
  readonly maxInboundCallsPerSecond: number
  /** Conversations at a time that the agents' vendor allows; none unless told. */
  readonly maxAgentSessions?: number | undefined
}

export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly retryAfterSeconds?: number }

export interface AdmissionState {
  readonly liveCalls: number
  /** Calls that have an agent, or will need one when they are answered. */
  readonly agentSlots: number
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

  /** @param needsAgent false of the second call of a transfer, and of one that our menu talks to alone */
  admitOutbound(number: string, state: AdmissionState, needsAgent = true): Admission {
    if (!this.#config.allowPrefixes.some((prefix) => number.startsWith(prefix)))
      return { kind: 'refused', code: 'NUMBER_NOT_ALLOWED' }
    return this.#admit(this.#outbound, state, needsAgent)
  }

  /** @param needsAgent false where nobody but our menu answers */
  admitInbound(state: AdmissionState, needsAgent = true): Admission {
    return this.#admit(this.#inbound, state, needsAgent)
  }

  #admit(
    rate: TokenBucket,
    { liveCalls, agentSlots, draining }: AdmissionState,
    needsAgent: boolean,
  ): Admission {
    const { maxConcurrentCalls, maxAgentSessions = Infinity } = this.#config
    if (draining) return { kind: 'refused', code: 'DRAINING', retryAfterSeconds: RESTART_SECONDS }
    if (liveCalls >= maxConcurrentCalls)
      return { kind: 'refused', code: 'CAPACITY_EXHAUSTED', retryAfterSeconds: 10 }
    // Before the phone rings: whoever answers finds an agent, and not the vendor's 429.
    if (needsAgent && agentSlots >= maxAgentSessions)
      return { kind: 'refused', code: 'AGENT_SLOTS_TAKEN', retryAfterSeconds: AGENT_SLOT_SECONDS }
    if (!rate.take()) return { kind: 'refused', code: 'RATE_EXCEEDED', retryAfterSeconds: 1 }
    return { kind: 'admitted' }
  }
}
