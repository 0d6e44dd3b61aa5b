// Everything said between the main thread and a media worker, both ways. Nothing is said per packet.
import type {
  AgentTarget,
  AnswerEvidence,
  CallId,
  LocalRtp,
  MediaEvent,
  MediaStats,
  RemoteRtp,
} from '#core/contracts'
import type { ErrorCode } from '#core/errors'
import type { LogLevel } from '#core/telemetry'
import type { ClockAnchor } from '#core/time'
import type { AgentConnectionConfig } from '../elevenlabs/agent-connection-config.ts'
import type { PortRange } from '../rtp/port-pool.ts'
import type { SessionTiming } from '../session/media-session.ts'
import type { TallyReport } from './tally.ts'

/** What a worker is born with (workerData). */
export interface WorkerBirth {
  readonly anchor: ClockAnchor
  readonly evidenceKey: Uint8Array
  readonly logLevel: LogLevel
  readonly rtpHost: string
  readonly ports: PortRange
  readonly quarantineMs: number
  readonly agent: AgentConnectionConfig
  readonly timing: SessionTiming
}

/** Counted up by the main thread; a session's name between the threads. */
export type SessionId = number

export type ToWorker =
  | { readonly type: 'open'; readonly session: SessionId; readonly callId: CallId }
  | { readonly type: 'set-remote'; readonly session: SessionId; readonly remote: RemoteRtp }
  | { readonly type: 'prewarm'; readonly session: SessionId; readonly agent: AgentTarget }
  | {
      readonly type: 'open-agent'
      readonly session: SessionId
      readonly agent: AgentTarget
      readonly evidence: AnswerEvidence
    }
  | { readonly type: 'close-agent'; readonly session: SessionId; readonly reason: 'no-ack' }
  | { readonly type: 'close'; readonly session: SessionId }

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'opened'; readonly session: SessionId; readonly local: LocalRtp }
  | {
      readonly type: 'open-failed'
      readonly session: SessionId
      readonly code: ErrorCode
      readonly message: string
    }
  | { readonly type: 'event'; readonly session: SessionId; readonly event: MediaEvent }
  | { readonly type: 'closed'; readonly session: SessionId; readonly stats: MediaStats }
  | { readonly type: 'tally'; readonly report: TallyReport }
  /** One line of the worker's log, as JSON, already redacted. */
  | { readonly type: 'log'; readonly line: string }
