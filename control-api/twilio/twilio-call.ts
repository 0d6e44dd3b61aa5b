// One call of Twilio, as its owner sees it: what was told of it, in order, and the one Termination it ends in. Everything
// that happens on it is published here and nowhere else, but for the menu's own facts.
import {
  epochMs,
  termination,
  type AnswerEvidence,
  type CallEvent,
  type CallEventData,
  type CallEvents,
  type CallEventType,
  type CallIdentity,
  type CallSlot,
  type CallStatus,
  type EpochMs,
  type LiveCall,
  type MediaEvent,
  type MintAnswerEvidence,
  type RecordingAction,
  type Termination,
} from '#core/contracts'
import { ms } from '#core/contracts'
import { TimerSet, waitFor } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { mediaVerdictOf } from './agent-verdict.ts'
import { isFinal, isNews, terminationOf, type FinalWord } from './call-status.ts'
import type { CallPlan } from '../calls/call-plan.ts'
import type { ProviderCallChange, ProviderCallStore } from './provider-call-store.ts'
import { RecordingState } from './recording-state.ts'
import { wordsOf } from './vendor-errors.ts'

export interface TwilioCallDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly events: CallEvents
  readonly store: ProviderCallStore
  readonly mint: MintAnswerEvidence | undefined
}

export interface KnownCall {
  readonly identity: CallIdentity
  readonly plan: CallPlan
  readonly slot: CallSlot
  readonly sid: string | null
  /** Of one that an earlier run had begun. */
  readonly before?: {
    readonly status: CallStatus
    readonly answeredAt: EpochMs | null
    readonly vendorStatus: string
    readonly sequence: number
    readonly ending: Termination | null
    readonly streamId: string | null
    readonly recording: RecordingState
  }
}

/** Its audio, while a stream is connected. */
export interface CallAudio {
  /** The agent first, then the socket. Resolves when nothing is left of it. */
  close(detail: string): Promise<void>
  record(action: RecordingAction): void
  answerTool(toolCallId: string, result: string, isError: boolean): void
}

/** What is told of a call, by a callback, a webhook or an answer of the API. */
export interface StatusNews {
  readonly status: string
  /** Of status callbacks alone: they may overtake each other. */
  readonly sequence?: number | undefined
  readonly sipStatus?: number | null | undefined
  readonly errorCode?: string | null | undefined
}

const TOO_LONG = termination('success', 'max-duration', 'gateway')
/** Twilio counts in whole seconds. */
const TOLERANCE_MS = 1500
const AUDIO_CLOSE_DEADLINE = ms(5000)
/** A goodbye is said before Twilio hangs up. */
const ASK_AFTER_END_MS = 10_000
/** None is longer. */
const LAST_WORDS_MS = 60_000
/** Behind the end of its stream: its callback comes sooner, when it comes. */
const ASK_AFTER_STREAM_MS = 2500
/** Without news: then Twilio is asked. */
const ASK_AFTER_MS = 60_000

export class TwilioCall {
  readonly identity: CallIdentity
  readonly plan: CallPlan
  readonly logger: Logger
  readonly recording: RecordingState
  readonly timers = new TimerSet()
  readonly #deps: TwilioCallDeps
  readonly #slot: CallSlot
  readonly #over = Promise.withResolvers<Termination>()
  #sid: string | null
  #status: CallStatus = 'queued'
  #vendorStatus = 'queued'
  #sequence = -1
  #answeredAt: EpochMs | null = null
  #ending: Termination | null = null
  #endingAt: EpochMs | null = null
  #isFinished = false
  #streamId: string | null = null
  #audio: CallAudio | undefined
  /** When Twilio is asked what became of it. */
  askAt: EpochMs
  /** Machine detection has spoken. */
  isJudged = false
  /** Whom it rings for, while a human is called. */
  transfer: { readonly to: string; readonly by: 'api' | 'agent' | 'flow' } | undefined

  constructor(deps: TwilioCallDeps, { identity, plan, slot, sid, before }: KnownCall) {
    this.#deps = deps
    this.identity = identity
    this.plan = plan
    this.#slot = slot
    this.#sid = sid
    this.logger = deps.logger.child({ callId: identity.callId })
    this.recording = before?.recording ?? new RecordingState()
    this.askAt = before ? deps.clock.now() : epochMs(deps.clock.now() + ASK_AFTER_MS)
    if (!before) return
    this.#status = before.status
    this.#answeredAt = before.answeredAt
    this.#vendorStatus = before.vendorStatus
    this.#sequence = before.sequence
    this.#ending = before.ending
    this.#endingAt = before.ending && deps.clock.now()
    this.#streamId = before.streamId
  }

  get live(): LiveCall {
    return {
      ...this.identity,
      status: this.#status,
      answeredAt: this.#answeredAt,
      termination: this.#ending,
    }
  }

  /** Twilio's id; null while nobody knows whether it has the call. */
  get sid(): string | null {
    return this.#sid
  }

  get answeredAt(): EpochMs | null {
    return this.#answeredAt
  }

  /** How it ends, once that is decided. */
  get ending(): Termination | null {
    return this.#ending
  }

  /** It was to end so long ago, and Twilio goes on with it. */
  get isOverdue(): boolean {
    const since = this.#endingAt
    return since !== null && this.#deps.clock.now() - since > LAST_WORDS_MS
  }

  get isFinished(): boolean {
    return this.#isFinished
  }

  /** Resolves when its record is closed. */
  get over(): Promise<Termination> {
    return this.#over.promise
  }

  /** A stream was connected, or is: there is no second one. */
  get hadStream(): boolean {
    return this.#streamId !== null
  }

  get audio(): CallAudio | undefined {
    return this.#audio
  }

  note<T extends CallEventType>(
    type: T,
    data: CallEventData[T],
    at = this.#deps.clock.now(),
  ): void {
    const { callId } = this.identity
    this.#deps.events.publish({ type, callId, at, data } as unknown as CallEvent)
  }

  /** Kept for a restart; what is lost of it Twilio tells again. */
  keep(change: ProviderCallChange): void {
    const { store, clock } = this.#deps
    const kept = store.change(this.identity.callId, change, clock.now())
    inBackground(kept, this.logger, 'keeping what Twilio told')
  }

  /** Twilio has the call, under this id. */
  bind(sid: string): void {
    if (this.#sid !== null) return
    this.#sid = sid
    this.keep({ provider_call_id: sid })
    this.invited(sid)
  }

  invited(sid: string): void {
    this.note('provider.invited', { direction: this.identity.direction, providerCallId: sid })
    if (this.#status === 'queued') this.#status = 'dialing'
  }

  /** News of its state. What comes late, or twice, changes nothing. */
  tell({ status, sequence, sipStatus = null, errorCode = null }: StatusNews): void {
    this.askAfter(ASK_AFTER_MS)
    if (this.#isFinished || !isNews(this.#vendorStatus, status)) return
    // Two callbacks that crossed: the later one has told already what this one knows.
    if (sequence !== undefined && sequence <= this.#sequence && !isFinal(status)) return
    this.#sequence = Math.max(this.#sequence, sequence ?? -1)
    this.#vendorStatus = status
    if (isFinal(status)) {
      this.#finish({ status, sipStatus, errorCode })
      return
    }
    this.keep({ status, sequence: this.#sequence })
    if (status === 'ringing') this.#ringing()
    if (status === 'in-progress') this.answered()
  }

  askAfter(inMs: number): void {
    this.askAt = epochMs(this.#deps.clock.now() + inMs)
  }

  answered(): void {
    if (this.#answeredAt !== null || this.#isFinished) return
    this.#answeredAt = this.#deps.clock.now()
    this.#status = 'answered'
    if (isNews(this.#vendorStatus, 'in-progress')) this.#vendorStatus = 'in-progress'
    this.note('provider.answered', {}, this.#answeredAt)
  }

  /**
   * Its stream has come: the only way to an agent. Undefined when the call is not answered, over, or had its stream.
   * @param audio closed with the call
   */
  streamStarted(streamSid: string, audio: CallAudio): AnswerEvidence | undefined {
    const { mint, clock } = this.#deps
    const { callId, direction } = this.identity
    if (!mint || this.#isFinished || this.#ending !== null || this.hadStream) return undefined
    // Its caller is talking to a human, or is about to.
    if (this.transfer !== undefined) return undefined
    // Twilio picks a call up to carry out what we told it, and connects no stream of one that only rings.
    if (direction === 'inbound') this.answered()
    const answeredAt = this.#answeredAt
    if (answeredAt === null) return undefined
    this.#streamId = streamSid
    this.#audio = audio
    this.keep({ stream_id: streamSid })
    const answer = { dialog: streamSid, cseq: 1 }
    const at = clock.now()
    this.note('provider.stream_started', answer, at)
    return mint({ callId, ...answer, answeredAt: at })
  }

  streamStopped(detail: string): void {
    if (!this.#isFinished) this.note('provider.stream_stopped', { detail })
    this.#slot.agentOver()
    // It ends now, as TwiML says, or has ended: the word of that may be lost.
    this.askAfter(ASK_AFTER_STREAM_MS)
  }

  /** Everything the media session reports. Returns how the call is to end, when that follows. */
  onMedia(event: MediaEvent): Termination | undefined {
    this.note(event.type, event.data, event.at)
    this.recording.note(event.type)
    if (event.type === 'agent.closed') this.#slot.agentOver()
    return this.transfer === undefined ? mediaVerdictOf(event) : undefined
  }

  /** There will be no agent. */
  agentOver(): void {
    this.#slot.agentOver()
  }

  /** How it ends, whatever Twilio says of it later. The first one counts. */
  end(ending: Termination): void {
    if (this.#ending !== null || this.#isFinished) return
    this.#ending = ending
    this.#endingAt = this.#deps.clock.now()
    this.keep({ ending: JSON.stringify(ending) })
    this.askAfter(ASK_AFTER_END_MS)
  }

  /** It ended without a word of Twilio: nobody there knows it, or nobody answers. */
  giveUp(ending: Termination, detail: string): void {
    if (this.#isFinished) return
    this.end(ending)
    const word = { status: this.#vendorStatus, sipStatus: null, errorCode: null }
    this.#finish(word, detail)
  }

  #ringing(): void {
    if (this.#status === 'queued' || this.#status === 'dialing') this.#status = 'ringing'
    this.note('provider.ringing', {})
  }

  #finish(word: FinalWord, detail = wordsOf(word.errorCode)): void {
    this.#isFinished = true
    this.timers.clear()
    const { direction } = this.identity
    const isAnswered = this.#answeredAt !== null
    const told = terminationOf(word, { direction, isAnswered })
    const ending = (this.#ending ??=
      this.#isTooLong() && told.reason === 'hangup' ? TOO_LONG : told)
    this.note('provider.ended', { ...word, ...(detail === undefined ? {} : { detail }) })
    const closed = this.#closeAudio()
    void closed.then(() => {
      this.#status = 'ended'
      this.note('call.ended', { termination: ending })
      this.keep({ status: word.status, plan: null, ended_at: this.#deps.clock.now() })
      this.#slot.release()
      this.logger.info({ termination: ending }, 'call ended')
      this.#over.resolve(ending)
    })
  }

  /** Twilio ends it by itself then, and says no more than that it did. */
  #isTooLong(): boolean {
    const since = this.#answeredAt
    return since !== null && this.#deps.clock.now() - since >= this.plan.maxDuration - TOLERANCE_MS
  }

  /** Never rejects: whatever hangs, the record is closed. */
  async #closeAudio(): Promise<void> {
    const audio = this.#audio
    if (!audio) return
    try {
      const closing = audio.close('the call is over')
      await waitFor(closing, { name: 'the audio of a call', timeout: AUDIO_CLOSE_DEADLINE })
    } catch (error) {
      this.logger.error({ err: error }, 'the audio of a call did not close')
    }
  }
}
