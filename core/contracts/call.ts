// What a call is, as everybody outside the gateway sees it.
import type { CallId } from './ids.ts'
import type { Termination } from './termination.ts'
import type { EpochMs } from './units.ts'

/** As we see it: whoever calls us is inbound. */
export const CALL_DIRECTIONS = ['inbound', 'outbound'] as const
export type CallDirection = (typeof CALL_DIRECTIONS)[number]
/** By whom a call comes and goes: our own SIP trunks, or a vendor's telephony. */
export type CallProvider = 'sip' | 'twilio' | 'voximplant'
/** Who talks to the caller: an agent, our menu (consent and order by keypad), or the agent after the menu. */
export const ANSWER_WITH = ['agent', 'order-ivr', 'order-ivr-then-agent'] as const
export type AnswerWith = (typeof ANSWER_WITH)[number]
/** What a person who looked into a call says of it. */
export type ReviewStatus = 'processing' | 'processed' | 'completed' | 'problem'
export type CallStatus = 'queued' | 'dialing' | 'ringing' | 'early_media' | 'answered' | 'ended'

/** The facts fixed when a call is created. */
export interface CallIdentity {
  readonly callId: CallId
  readonly direction: CallDirection
  /** E.164, else the SIP user; null when anonymous. */
  readonly from: string | null
  /** E.164, else the SIP user. */
  readonly to: string
  /** Of SIP; the provider's name elsewhere. */
  readonly trunk: string
  /** Absent: `sip`. */
  readonly provider?: CallProvider
  readonly createdAt: EpochMs
  /** Free JSON of the REST client; {} when none. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** Id of the API key that placed it; absent when nobody's did. */
  readonly placedBy?: string
  /** Of a call that tries an earlier one again. */
  readonly retry?: CallRetry
}

export interface CallRetry {
  /** The first call. */
  readonly of: CallId
  /** From 2. */
  readonly attempt: number
}

/** A live call as the gateway holds it. Ended calls are in the history (control-api). */
export interface LiveCall extends CallIdentity {
  readonly status: CallStatus
  readonly answeredAt: EpochMs | null
  readonly termination: Termination | null
}
