// What the media session knows of an agent conversation, whatever happens underneath.
import type { AgentTarget, EpochMs } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { AgentConnectionConfig } from './agent-connection-config.ts'
import type { SessionEnd } from './session-end.ts'

/** Told in order; nothing is told after `onClosed`. */
export interface ConversationListener {
  /** Signed URL and connection are ready, after this long. */
  onPrewarmed(elapsedMs: number): void
  /** Just before the upgrade request leaves. */
  onAttempted(attempt: number): void
  /** The upgrade was accepted; `upgradeSentAt` is when the request left. */
  onOpened(upgradeSentAt: EpochMs): void
  onMetadata(metadata: {
    readonly conversationId: string
    readonly inputFormat: string
    readonly outputFormat: string
  }): void
  /** Agent audio to be heard, µ-law 8000; what an interruption made stale is already gone. */
  onAudio(ulaw: Buffer, eventId: number): void
  /** The caller spoke over the agent: discard everything not yet played. */
  onInterrupted(eventId: number): void
  onUserTranscript(text: string, eventId: number): void
  onAgentResponse(text: string, eventId: number): void
  onAgentResponseCorrected(text: string, eventId: number): void
  /** The agent will hang up: let the caller hear the rest. */
  onEnding(): void
  onFault(errorType: string, detail: string): void
  /** Exactly once after `open` was called. */
  onClosed(end: SessionEnd): void
}

export interface Conversation {
  /** DNS, TCP, TLS and the signed URL: nothing billable. Idempotent. */
  prewarm(): void
  /** Opens the session, once; a second call does nothing. */
  open(): void
  /** µ-law 8000 from the caller, continuously, silence included; before `open` and after the end it is discarded. */
  sendCallerAudio(ulaw: Uint8Array): void
  /** Ends at once with close code 1000. Idempotent. */
  close(): void
}

export interface ConversationDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly onVendorRequest?: (
    operation: 'signed_url' | 'agent_socket',
    result: 'ok' | 'failed',
    seconds: number,
  ) => void
}

export interface ConversationOptions {
  readonly connection: AgentConnectionConfig
  readonly agent: AgentTarget
  readonly listener: ConversationListener
  readonly timing?: Partial<ConversationTiming>
}

export interface ConversationTiming {
  /** `open` to an accepted upgrade, the signed URL included. */
  readonly connectMs: number
  readonly metadataMs: number
  /** See liveness.ts. */
  readonly silenceMs: number
  readonly pingAnswerMs: number
}
