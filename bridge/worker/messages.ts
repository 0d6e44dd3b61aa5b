// Everything said between the main thread and a media worker, both ways. Nothing is said per packet, but for callers who
// are connected by a stream, whose socket is the main thread's: their frames cross as transferred buffers.
import type {
  AgentTarget,
  AnswerEvidence,
  CallId,
  DtmfDigit,
  EpochMs,
  LocalRtp,
  MediaEvent,
  RecordingAction,
  RecordingPolicy,
  RemoteRtp,
} from '#core/contracts'
import type { ErrorCode } from '#core/errors'
import type { ClockAnchor } from '#core/time'
import type { FrameLengthMs } from '../audio/framer.ts'
import type { AgentConnectionConfig } from '../elevenlabs/agent-connection-config.ts'
import type { DtmfMode, ToolServer } from '../elevenlabs/conversation-port.ts'
import type { PortRange } from '../rtp/port-pool.ts'
import type { SessionResult, SessionTiming } from '../session/session-options.ts'
import type { RecordingConfig } from '../session/session-recording.ts'
import type { TallyReport } from './tally.ts'

/** What a worker is born with (workerData). */
export interface WorkerBirth {
  readonly anchor: ClockAnchor
  readonly evidenceKey: Uint8Array
  /** Shared: from which level on lines are written. */
  readonly logThreshold: SharedArrayBuffer
  readonly rtpHost: string
  readonly ports: PortRange
  readonly quarantineMs: number
  readonly agent: AgentConnectionConfig
  readonly conversation: ConversationConfig
  readonly recording: RecordingConfig
  readonly timing: SessionTiming
}

/** How every conversation is led. */
export interface ConversationConfig {
  /** How much caller audio one message to the agent carries. */
  readonly frameMs: FrameLengthMs
  /** How the agent learns of keys. */
  readonly dtmf: DtmfMode
  /** Where client tools that we do not know are sent. */
  readonly toolServer?: ToolServer
}

/** Counted up by the main thread; a session's name between the threads. */
export type SessionId = number

/** What a session is opened as. */
export interface SessionBirth {
  readonly callId: CallId
  readonly line: 'rtp' | 'stream'
  /** It will be joined with this one: it has no agent and no recording of its own. */
  readonly beside: SessionId | null
  /** Null: as all are. */
  readonly recording: RecordingPolicy | null
}

export type ToWorker =
  | {
      readonly type: 'open'
      readonly session: SessionId
      readonly birth: SessionBirth
    }
  | { readonly type: 'set-remote'; readonly session: SessionId; readonly remote: RemoteRtp }
  | { readonly type: 'prewarm'; readonly session: SessionId; readonly agent: AgentTarget }
  | {
      readonly type: 'open-agent'
      readonly session: SessionId
      readonly agent: AgentTarget
      readonly evidence: AnswerEvidence
    }
  | { readonly type: 'answered'; readonly session: SessionId; readonly at: EpochMs }
  | { readonly type: 'tell-digits'; readonly session: SessionId; readonly tell: boolean }
  | {
      readonly type: 'close-agent'
      readonly session: SessionId
      readonly reason: 'no-ack' | 'silent' | 'transferred'
    }
  | {
      readonly type: 'play'
      readonly session: SessionId
      readonly promptId: string
      /** µ-law, 8000 bytes a second. */
      readonly ulaw: Uint8Array
      readonly stopOnDigit: boolean
    }
  | {
      readonly type: 'answer-tool'
      readonly session: SessionId
      readonly toolCallId: string
      readonly result: string
      readonly isError: boolean
    }
  | { readonly type: 'inform'; readonly session: SessionId; readonly text: string }
  /** Both are of this worker. */
  | { readonly type: 'join'; readonly session: SessionId; readonly other: SessionId }
  | { readonly type: 'stop-playing'; readonly session: SessionId }
  | { readonly type: 'pressed'; readonly session: SessionId; readonly digit: DtmfDigit }
  | { readonly type: 'record'; readonly session: SessionId; readonly action: RecordingAction }
  | {
      readonly type: 'stream-audio'
      readonly session: SessionId
      /** µ-law. Transferred. */
      readonly ulaw: Uint8Array<ArrayBuffer>
      /** Since the stream began. */
      readonly atMs: number
    }
  | { readonly type: 'stream-played'; readonly session: SessionId; readonly mark: string }
  | { readonly type: 'close'; readonly session: SessionId }

/** What a session gives its stream. */
export type StreamOutput =
  | {
      readonly type: 'stream-audio'
      readonly session: SessionId
      /** µ-law. Transferred. */
      readonly ulaw: Uint8Array<ArrayBuffer>
    }
  | { readonly type: 'stream-clear'; readonly session: SessionId }
  | { readonly type: 'stream-mark'; readonly session: SessionId; readonly mark: string }

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'opened'; readonly session: SessionId; readonly local: LocalRtp }
  | {
      readonly type: 'open-failed'
      readonly session: SessionId
      readonly code: ErrorCode
      readonly message: string
    }
  | StreamOutput
  | { readonly type: 'event'; readonly session: SessionId; readonly event: MediaEvent }
  | { readonly type: 'closed'; readonly session: SessionId; readonly result: SessionResult }
  | { readonly type: 'tally'; readonly report: TallyReport }
  /** One line of the worker's log, as JSON, already redacted. */
  | { readonly type: 'log'; readonly line: string }
