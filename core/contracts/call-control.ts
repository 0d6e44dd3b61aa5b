// Port: acting on calls. Implemented by gateway; used by control-api.
import type { AgentTarget } from './agent.ts'
import type { LiveCall } from './call.ts'
import type { CallId } from './ids.ts'
import type { RecordingAction } from './media-bridge.ts'
import type { E164 } from './phone-number.ts'
import type { Milliseconds } from './units.ts'

/** A call to place. Whoever asks has already shown that they may; admission is checked again by the gateway. */
export interface OriginateRequest {
  readonly to: E164
  /** Must be one of the trunk's numbers; the trunk's own identity when absent. */
  readonly from?: E164
  readonly agent: AgentTarget
  readonly ringTimeout: Milliseconds
  readonly maxDuration: Milliseconds
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Why there is no recording to act on. */
export type RecordingRefusal =
  /** By policy. */
  | 'off'
  | 'not-answered'
  /** Nobody started it by hand, or it has not begun by itself. */
  | 'not-started'
  | 'over'

export interface CallControl {
  /**
   * Journals the call, then dials it. Resolves once the record is durable, before the INVITE leaves.
   * @throws AppError `NUMBER_NOT_ALLOWED`, `NO_TRUNK`, `CAPACITY_EXHAUSTED`, `RATE_EXCEEDED`, `DRAINING`,
   *   `MEDIA_EXHAUSTED`, `SIP_UNAVAILABLE`.
   */
  originate(request: OriginateRequest): Promise<LiveCall>
  /** Starts ending the call. False when no such call is live. */
  hangUp(callId: CallId): boolean
  /** Recording by hand. */
  record(callId: CallId, action: RecordingAction): 'done' | RecordingRefusal | 'not-live'
  /** False while the SIP server is away: nothing can be placed or taken. */
  isConnected(): boolean
  find(callId: CallId): LiveCall | undefined
  list(): readonly LiveCall[]
}
