// Port: acting on calls. Implemented by gateway; used by control-api.
import type { AgentTarget } from './agent.ts'
import type { AnswerWith, CallDirection, CallProvider, CallRetry, LiveCall } from './call.ts'
import type { CallId } from './ids.ts'
import type { RecordingAction } from './media-bridge.ts'
import type { E164 } from './phone-number.ts'
import type { Milliseconds } from './units.ts'

/** `detect`: the verdict is recorded; `gate`: and a machine is hung up on. */
export type AnsweringMachine = 'off' | 'detect' | 'gate'

/** A call to place. Whoever asks has already shown that they may; admission is checked again by the gateway. */
export interface OriginateRequest {
  readonly to: E164
  /** Must be one of the trunk's numbers; the trunk's own identity when absent. */
  readonly from?: E164
  /** Absent: `sip`. */
  readonly provider?: CallProvider
  /** Of a vendor's telephony: by which of its applications; of voximplant alone, which needs one. */
  readonly applicationId?: string
  /** Whom the callee talks to; absent: the agent. */
  readonly answerWith?: AnswerWith
  /** What is done about a machine that answers; absent: `off`. */
  readonly answeringMachine?: AnsweringMachine
  readonly agent: AgentTarget
  readonly ringTimeout: Milliseconds
  readonly maxDuration: Milliseconds
  readonly metadata: Readonly<Record<string, unknown>>
  /** This trunk and no other; the routes decide when absent. */
  readonly trunk?: string
  /** One of these alone may be taken, by a key that may use no other. */
  readonly allowedTrunks?: readonly string[]
  /** Given before, so that whatever is restarted the call is placed once: a second one of this id is refused. */
  readonly callId?: CallId
  readonly placedBy?: string
  readonly retry?: CallRetry
}

/** Why there is no recording to act on. */
export type RecordingRefusal =
  /** By policy. */
  | 'off'
  | 'not-answered'
  /** Nobody started it by hand, or it has not begun by itself. */
  | 'not-started'
  | 'over'

/** `auto`: by the carrier (REFER, RFC 3515), and by a second call that we bridge when it refuses. */
export type TransferMode = 'auto' | 'refer' | 'bridge'

export interface TransferRequest {
  readonly to: E164
  readonly mode: TransferMode
  readonly by: 'api' | 'agent' | 'flow'
  /** One of these alone may be taken, by a key that may use no other. */
  readonly allowedTrunks?: readonly string[]
}

/** Why there is nothing to transfer. */
export type TransferRefusal =
  | 'not-live'
  | 'not-answered'
  /** One is under way, or was done. */
  | 'transferring'

/** A call that goes another way than our SIP, for the limits that all calls share. */
export interface AdmitRequest {
  readonly direction: CallDirection
  /** The number that is made to ring; undefined of an inbound call. */
  readonly to?: E164
  /** One of the conversations that the agents' vendor allows will be its. */
  readonly needsAgent: boolean
}

/** What such a call takes of them. Both are idempotent. */
export interface CallSlot {
  /** It has no agent any more, or will have none. */
  agentOver(): void
  release(): void
}

export interface CallControl {
  /**
   * Admission of a call that is not placed by `originate`: the same prefixes, limits and draining as for SIP.
   * @throws AppError `NUMBER_NOT_ALLOWED`, `CAPACITY_EXHAUSTED`, `RATE_EXCEEDED`, `DRAINING`, `AGENT_SLOTS_TAKEN`.
   */
  admit(request: AdmitRequest): CallSlot
  /**
   * Journals the call, then dials it. Resolves once the record is durable, before the INVITE leaves.
   * @throws AppError `NUMBER_NOT_ALLOWED`, `NO_TRUNK`, `REQUEST_INVALID`, `FROM_NOT_ALLOWED`, `CAPACITY_EXHAUSTED`,
   *   `RATE_EXCEEDED`, `DRAINING`, `MEDIA_EXHAUSTED`, `SIP_UNAVAILABLE`, `AGENT_SLOTS_TAKEN`; `STATE_CONFLICT`
   *   when a call of this id exists.
   */
  originate(request: OriginateRequest): Promise<LiveCall>
  /** Starts ending the call. False when no such call is live. */
  hangUp(callId: CallId): boolean
  /**
   * Begins to hand the caller over; the timeline tells what comes of it.
   * @throws AppError `NUMBER_NOT_ALLOWED` and what else `originate` says of a number that may not ring now.
   */
  transfer(callId: CallId, request: TransferRequest): 'begun' | TransferRefusal
  /** Recording by hand. */
  record(callId: CallId, action: RecordingAction): 'done' | RecordingRefusal | 'not-live'
  /** False while the SIP server is away: nothing can be placed or taken. */
  isConnected(): boolean
  find(callId: CallId): LiveCall | undefined
  list(): readonly LiveCall[]
}
