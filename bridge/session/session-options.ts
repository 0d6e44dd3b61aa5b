// What a media session is made of and what it leaves: given by the worker, which has one of each for all its sessions.
import type { CallId, MediaEvent, MediaStats } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { RecordedFile } from '../record/recorder.ts'
import type { AgentSessionDeps } from './agent-session.ts'
import type { AnswerGuard } from './answer-guard.ts'
import type { PipelineDeps } from './pipeline.ts'
import type { RecordingConfig } from './session-recording.ts'
import type { WatchdogTiming } from './watchdogs.ts'

export interface SessionTiming extends WatchdogTiming {
  /** How long the caller may take to hear what the agent said before it left. */
  readonly drainMs: number
}
/** Somebody may look for a letter for a minute while a patient agent waits; silence costs a twentieth of talk. */
export const SESSION_TIMING: SessionTiming = {
  stallMs: 5000,
  lostMs: 30_000,
  deadAirMs: 120_000,
  agentSilentMs: 60_000,
  drainMs: 15_000,
}

export interface MediaSessionDeps extends PipelineDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly guard: AnswerGuard
  readonly createConversation: AgentSessionDeps['createConversation']
  readonly recording: RecordingConfig
  readonly releasePort: (port: number) => void
  readonly timing: SessionTiming
}

export interface SessionIdentity {
  readonly callId: CallId
  readonly onEvent: (event: MediaEvent) => void
}

export interface SessionResult {
  readonly stats: MediaStats
  readonly recorded: RecordedFile | null
}
