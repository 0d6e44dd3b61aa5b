// The agent's side of a media session: turns what a conversation tells into agent.* facts, keeps the evidence it was
// opened on, and makes sure that `agent.closed` is said exactly once and last.
import {
  epochMs,
  type AgentCloseReason,
  type AgentTarget,
  type AnswerEvidence,
  type CallEventData,
  type EpochMs,
  type LedgerEvidence,
  type MediaEvent,
  type TelephoneCodec,
} from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Alignment, HeardSpan, HeardUtterance } from '../audio/utterance.ts'
import type { Conversation, ConversationListener } from '../elevenlabs/conversation-port.ts'

/** What an agent may say to a timeline: hours of talk, not a flood. Audio and the end are not counted. */
const MAX_TOLD = 2000

export type AgentEnd = Parameters<ConversationListener['onClosed']>[0]

/** What the session does about what the agent does. */
export interface AgentSessionOwner {
  /** In which the caller's audio comes and the agent's is wanted. */
  readonly lineCodec: () => TelephoneCodec
  onAudio(line: Uint8Array, eventId: number, alignment?: Alignment): void
  /** Returns the milliseconds discarded. */
  onInterrupted(): number
  /** False when the line cannot carry them. */
  onDigitsRequested(digits: string): boolean
  onEnding(): void
  onEnded(end: AgentEnd): void
}

export interface AgentSessionDeps {
  readonly logger: Logger
  readonly clock: Clock
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  readonly emit: (event: MediaEvent) => void
  readonly createConversation: (
    agent: AgentTarget,
    listener: ConversationListener,
    lineCodec: () => TelephoneCodec,
  ) => Conversation
}

export class AgentSession implements ConversationListener {
  readonly target: AgentTarget
  readonly conversation: Conversation
  readonly #deps: AgentSessionDeps
  readonly #owner: AgentSessionOwner
  #evidence: LedgerEvidence | null = null
  #upgradeSentAt: EpochMs | null = null
  #endedAt: EpochMs | null = null
  #heard = false
  /** Words, interruptions and errors so far. */
  #said = 0
  #end: AgentEnd | null = null
  #finished = false

  constructor(deps: AgentSessionDeps, target: AgentTarget, owner: AgentSessionOwner) {
    this.#deps = deps
    this.#owner = owner
    this.target = target
    this.conversation = deps.createConversation(target, this, owner.lineCodec)
  }

  /** The one place an agent session is opened: after the guard admitted the evidence. */
  open({ dialog, cseq, answeredAt }: AnswerEvidence): void {
    this.#evidence = { dialog, cseq, answeredAt }
    this.conversation.open()
  }

  /** Closes what is still open and says `agent.closed`; only the first time. */
  finish(reason: AgentCloseReason): void {
    this.conversation.close()
    if (this.#finished) return
    const at = this.#deps.clock.now()
    const endedAt = this.#endedAt ?? at
    const seconds = this.#upgradeSentAt === null ? 0 : (endedAt - this.#upgradeSentAt) / 1000
    const closeCode = this.#end?.closeCode ?? null
    const detail = this.#end?.detail ?? 'closed by the gateway'
    this.#emit({ type: 'agent.closed', at, data: { reason, closeCode, detail, seconds } })
    this.#finished = true
    const untold = this.#said - MAX_TOLD
    if (untold > 0) this.#deps.logger.info({ untold }, 'agent events that were not told')
  }

  onPrewarmed(elapsedMs: number): void {
    this.#emit({ type: 'agent.prewarmed', at: this.#deps.clock.now(), data: { elapsedMs } })
  }

  onBusy(asked: CallEventData['agent.busy']['asked']): void {
    this.#tell({ type: 'agent.busy', at: this.#deps.clock.now(), data: { asked } })
  }

  onAttempted(attempt: number): void {
    if (this.#evidence === null) return
    const at = this.#deps.clock.now()
    // The vendor may accept what we no longer wait for: money is counted from the request, not from its answer.
    this.#upgradeSentAt ??= at
    this.#emit({ type: 'agent.attempted', at, data: { evidence: this.#evidence, attempt } })
  }

  onOpened(upgradeSentAt: EpochMs): void {
    if (this.#evidence === null) return
    const data = { evidence: this.#evidence, upgradeSentAt }
    this.#emit({ type: 'agent.opened', at: this.#deps.clock.now(), data })
  }

  onMetadata(data: Parameters<ConversationListener['onMetadata']>[0]): void {
    this.#emit({ type: 'agent.metadata', at: this.#deps.clock.now(), data })
  }

  onAttemptFailed(failure: CallEventData['agent.attempt_failed']): void {
    // Its seconds are told with it; `agent.closed` tells those of the last attempt.
    this.#upgradeSentAt = null
    this.#emit({ type: 'agent.attempt_failed', at: this.#deps.clock.now(), data: failure })
  }

  onAudio(line: Uint8Array, eventId: number, alignment?: Alignment): void {
    if (!this.#heard) {
      this.#heard = true
      this.#emit({ type: 'agent.first_audio', at: this.#deps.clock.now(), data: {} })
    }
    this.#owner.onAudio(line, eventId, alignment)
  }

  onInterrupted(eventId: number): void {
    const discardedMs = this.#owner.onInterrupted()
    const data = { eventId, discardedMs }
    this.#tell({ type: 'agent.interrupted', at: this.#deps.clock.now(), data })
  }

  /** Keys go to the agent as the caller's words: what it was saying is cut off like by speech. */
  onTalkedOverByKeys(eventId: number): void {
    const discardedMs = this.#owner.onInterrupted()
    if (discardedMs === 0) return
    const data = { eventId, discardedMs }
    this.#tell({ type: 'agent.interrupted', at: this.#deps.clock.now(), data })
  }

  onUserTranscript(text: string, eventId: number, tentative: boolean): void {
    const data = { text, eventId, ...(tentative ? { tentative } : {}) }
    this.#tell({ type: 'agent.user_transcript', at: this.#deps.clock.now(), data })
  }

  onAgentResponse(text: string, eventId: number): void {
    this.#tell({ type: 'agent.response', at: this.#deps.clock.now(), data: { text, eventId } })
  }

  onAgentResponseCorrected(text: string, eventId: number, originalText?: string): void {
    const data = { text, eventId, ...(originalText === undefined ? {} : { originalText }) }
    this.#tell({ type: 'agent.response_corrected', at: this.#deps.clock.now(), data })
  }

  /** One utterance left for the caller, or what there was of it. */
  onUtterance(heard: HeardUtterance, span: HeardSpan | null): void {
    const at = this.#deps.clock.now()
    const wallMs = at - this.#deps.now()
    const times = span && {
      startedAt: epochMs(wallMs + span.startedAtMs),
      endedAt: epochMs(wallMs + span.endedAtMs),
    }
    this.#tell({ type: 'agent.heard', at, data: { ...heard, ...times } })
  }

  onToolCalled(toolName: string, toolCallId: string): void {
    const data = { toolName, toolCallId }
    this.#tell({ type: 'agent.tool_called', at: this.#deps.clock.now(), data })
  }

  onToolAnswered(toolName: string, toolCallId: string, isError: boolean, elapsedMs: number): void {
    const data = { toolName, toolCallId, isError, elapsedMs }
    this.#tell({ type: 'agent.tool_answered', at: this.#deps.clock.now(), data })
  }

  onTransferRequested(toolCallId: string, to: string | null): void {
    const data = { toolCallId, to }
    this.#tell({ type: 'agent.transfer_requested', at: this.#deps.clock.now(), data })
  }

  /** The session's watchdog found that it owes the caller an answer. */
  onSilent(silentMs: number): void {
    this.#tell({ type: 'agent.silent', at: this.#deps.clock.now(), data: { silentMs } })
  }

  onDigitsRequested(digits: string): void {
    if (!this.#owner.onDigitsRequested(digits))
      this.#deps.logger.warn('the agent asked for keys, which this call cannot carry')
  }

  onFault(errorType: string, detail: string): void {
    const data = { errorType, detail }
    this.#tell({ type: 'agent.error', at: this.#deps.clock.now(), data })
  }

  onEnding(): void {
    this.#owner.onEnding()
  }

  onClosed(end: AgentEnd): void {
    this.#end = end
    this.#endedAt = this.#deps.clock.now()
    this.#owner.onEnded(end)
  }

  /** What the agent makes as many of as it likes; beyond the bound it is only counted. */
  #tell(event: MediaEvent): void {
    if (this.#finished) return
    this.#said += 1
    if (this.#said <= MAX_TOLD) this.#emit(event)
    else if (this.#said === MAX_TOLD + 1)
      this.#deps.logger.warn({ told: MAX_TOLD }, 'agent floods: its further events are not told')
  }

  /** Nothing is said of an agent after its end. */
  #emit(event: MediaEvent): void {
    if (!this.#finished) this.#deps.emit(event)
  }
}
