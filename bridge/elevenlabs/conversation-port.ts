// What the media session knows of an agent conversation, whatever happens underneath.
import type { AgentTarget, CallId, DtmfDigit, EpochMs, TelephoneCodec } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { FrameLengthMs } from '../audio/framer.ts'
import type { Alignment } from '../audio/utterance.ts'
import type { AgentConnectionConfig } from './agent-connection-config.ts'
import type { SessionEnd } from './session-end.ts'

/** An attempt that ended early enough for a second one. */
export interface FailedAttempt {
  readonly attempt: number
  readonly closeCode: number | null
  readonly detail: string
  /** From the upgrade request until its socket was dead for certain. */
  readonly seconds: number
}

/** Told in order; nothing is told after `onClosed`. */
export interface ConversationListener {
  /** Signed URL and connection are ready, after this long. */
  onPrewarmed(elapsedMs: number): void
  /** The vendor answered 429; it is asked again where the rules allow it. */
  onBusy(asked: 'signed-url' | 'socket'): void
  /** Just before the upgrade request leaves; 1, or 2 after `onAttemptFailed`. */
  onAttempted(attempt: number): void
  /** The first attempt is over, its socket is gone, and a second one is on its way (or `onClosed`). */
  onAttemptFailed(failed: FailedAttempt): void
  /** The upgrade was accepted; `upgradeSentAt` is when the request left. */
  onOpened(upgradeSentAt: EpochMs): void
  onMetadata(metadata: {
    readonly conversationId: string
    readonly inputFormat: string
    readonly outputFormat: string
  }): void
  /**
   * Agent audio to be heard, in the line codec of this moment; what an interruption made stale is already gone. The
   * bytes are valid until this returns: whoever keeps them copies them.
   */
  onAudio(line: Uint8Array, eventId: number, alignment?: Alignment): void
  /** The caller spoke over the agent: discard everything not yet played. */
  onInterrupted(eventId: number): void
  /**
   * Keys the caller pressed go to the agent as words: discard what is not yet played, if anything is. The vendor
   * knows nothing of it; `eventId` is the answer that was coming.
   */
  onTalkedOverByKeys(eventId: number): void
  /** `tentative`: the caller's last words, which never got settled; only just before `onClosed`. */
  onUserTranscript(text: string, eventId: number, tentative: boolean): void
  onAgentResponse(text: string, eventId: number): void
  onAgentResponseCorrected(text: string, eventId: number, originalText?: string): void
  /** A tool of ours is asked for. Each one is followed by its `onToolAnswered`, unless the conversation ends first. */
  onToolCalled(name: string, toolCallId: string): void
  onToolAnswered(name: string, toolCallId: string, isError: boolean, elapsedMs: number): void
  /** The agent wants the caller to talk to a human. Whoever is told answers, by `answerTool`. */
  onTransferRequested(toolCallId: string, to: string | null): void
  /** The agent wants keys pressed on the line, as `[0-9A-D*#]` and `w` for a pause. Personal: never in a log. */
  onDigitsRequested(digits: string): void
  /** The agent will hang up, or asks us to: let the caller hear the rest. At most once. */
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
  /** Audio from the caller, continuously, silence included; before `open` and after the end it is discarded. */
  sendCallerAudio(line: Uint8Array, codec: TelephoneCodec): void
  /** A key; collected, and told to the agent as `dtmf` says. Before `open` and after the end it is discarded. */
  pressed(digit: DtmfDigit): void
  /** The answer to what `onTransferRequested` asked for; nothing when it was answered, or is not asked any more. */
  answerTool(toolCallId: string, result: string, isError: boolean): void
  /** Context for the agent, no turn of talk. Before `open` and after the end it is discarded. */
  inform(text: string): void
  /** Tools the agent waits for, ours and its own: while there are any, its silence is no fault. */
  readonly pendingTools: number
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

/** How the agent learns of keys: as words of the caller, as context, or not at all. */
export type DtmfMode = 'user_message' | 'contextual_update' | 'off'

export interface ToolServer {
  readonly url: string
  /** Signs each request. */
  readonly secret: string
  /** Of all calls, those that are traced; none unless told. */
  readonly traceRatio?: number
}

export interface ConversationOptions {
  readonly connection: AgentConnectionConfig
  readonly agent: AgentTarget
  readonly listener: ConversationListener
  /** What the caller hears and speaks on the line now; asked for with each chunk of agent audio. */
  readonly lineCodec: () => TelephoneCodec
  readonly dtmf: DtmfMode
  /** How much audio one call of `sendCallerAudio` carries. */
  readonly frameMs: FrameLengthMs
  readonly tools: { readonly callId: CallId; readonly server?: ToolServer }
  readonly timing?: Partial<ConversationTiming>
}

export interface ConversationTiming {
  /** `open` to an accepted upgrade, the signed URL included; for a second attempt anew. */
  readonly connectMs: number
  readonly metadataMs: number
  /** See liveness.ts. */
  readonly silenceMs: number
  readonly pingAnswerMs: number
  /** Later than this after `open` no second attempt is made. */
  readonly retryWithinMs: number
  /** Keys further apart than this belong to different entries. */
  readonly interDigitMs: number
  /** Our deadline for an HTTP tool. */
  readonly toolMs: number
  /** For whoever is asked for a transfer. */
  readonly transferMs: number
}
