// What is known of one played call: what the carrier saw, what the agent saw, what the product recorded. Checks, ladder
// and report read nothing else.
import type { CarrierCallRecord } from '#simulators/carrier'
import type { AgentSessionRecord } from '#simulators/elevenlabs'
import type { RecordingFacts } from './recording.ts'

export interface TerminationFacts {
  readonly result: string
  readonly reason: string
  readonly by: string
  readonly sipStatus: number | null
}

/** `GET /api/calls/{id}`, as much as is judged. */
export interface CallFacts {
  readonly callId: string
  readonly direction: string
  readonly from: string | null
  readonly status: string
  readonly outcome: string | null
  readonly termination: TerminationFacts | null
  readonly agentSessions: number
}

/** One item of `GET /api/calls/{id}/timeline`. */
export interface TimelineFact {
  /** Epoch milliseconds of the simulators' clock. */
  readonly at: number
  readonly type: string
  /** All fields of the item, snake_case. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** `GET /api/calls/{id}/flow`: what the menu asked, and what came of it. */
export interface MenuFacts {
  readonly steps: readonly { readonly step: string; readonly answer: string | null }[]
  /** Null: the caller did not say. */
  readonly consentGiven: boolean | null
  /** The numbers of the orders that the caller confirmed. */
  readonly orders: readonly string[]
}

/** A time in which the machine kept a thread of ours from working: what came late then tells nothing of the product. */
export interface Stall {
  readonly from: number
  readonly to: number
}

/** Times are epoch milliseconds of the one clock that both simulators share. */
export interface Take {
  /** Null when it could not be read, or no call came to be. */
  readonly call: CallFacts | null
  readonly timeline: readonly TimelineFact[]
  readonly carrier: CarrierCallRecord | null
  /** Every upgrade request for this call's agent, refused ones too. */
  readonly sessions: readonly AgentSessionRecord[]
  readonly stalls: readonly Stall[]
  /** Null where it was not asked for, or not there in time. */
  readonly recording: RecordingFacts | null
  /** Null where it was not asked for. */
  readonly menu: MenuFacts | null
  /** `voicegate_agent_sessions_before_answer_total` after the call; null when /metrics does not show it. */
  readonly sessionsBeforeAnswerMetric: number | null
  /** Why the scenario could not be played to its end; null when it was. */
  readonly broken: string | null
  readonly takenAt: number
}
