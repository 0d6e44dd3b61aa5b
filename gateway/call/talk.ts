// The talk within a call: what its media tells, whom the caller is being handed to, what may be recorded by hand, and the
// ending that any of it leads to.
import {
  termination,
  type MediaEvent,
  type MediaSession,
  type PromptSource,
  type RecordingAction,
  type RecordingPolicy,
  type RecordingRefusal,
  type RemoteRtp,
  type Termination,
} from '#core/contracts'
import { CallerPresence } from './caller-presence.ts'
import type { Handover } from './handover.ts'
import { verdictOf, type MediaVerdict } from './media-verdict.ts'
import { RecordingSwitch } from './recording-switch.ts'
import { SpokenFarewell } from './spoken-farewell.ts'

export interface TalkOptions {
  readonly recording: RecordingPolicy
  /** What callers are told when their agent failed; nothing when absent. */
  readonly fallbackPrompt: PromptSource | undefined
  readonly media: () => MediaSession | undefined
  /** The caller is still here: nobody took him. */
  readonly handedBack: () => void
  /** Ends the call. */
  readonly end: (ending: Termination) => void
}

export class Talk {
  readonly #options: TalkOptions
  readonly #presence: CallerPresence
  readonly #recording: RecordingSwitch
  readonly #farewell: SpokenFarewell
  #handover: Handover | undefined
  /** The agent is gone, and the caller still waits for the human. */
  #owed: MediaVerdict | undefined
  #isAnswered = false
  #isClosed = false

  constructor(options: TalkOptions) {
    const { end } = options
    this.#options = options
    this.#presence = new CallerPresence(() =>
      end(termination('upstream_error', 'media-lost', 'gateway')),
    )
    this.#recording = new RecordingSwitch(options.recording)
    this.#farewell = new SpokenFarewell(options.fallbackPrompt, end)
  }

  /** How the call ends, decided before its last words were spoken. */
  get due(): Termination | undefined {
    return this.#farewell.due
  }

  /** Whether the far end holds the call. */
  describe(remote: RemoteRtp): void {
    if (!this.#isClosed) this.#presence.describe(remote)
  }

  answered(): void {
    this.#isAnswered = true
    this.#presence.answered()
  }

  note(event: MediaEvent): void {
    this.#recording.note(event)
    this.#presence.note(event)
    this.#farewell.note(event)
    if (this.#isClosed) return
    const verdict = verdictOf(event)
    if (event.type === 'agent.silent' && !this.due) this.#options.media()?.closeAgent('silent')
    if (verdict?.isOfAgent === true && this.#handover) this.#owed ??= verdict
    else if (verdict) this.#judge(verdict)
  }

  record(action: RecordingAction): 'done' | RecordingRefusal {
    const taken = this.#recording.take(action, this.#isAnswered && !this.#isClosed)
    if (taken === 'done') this.#options.media()?.record(action)
    return taken
  }

  /**
   * The caller is being handed to somebody else: until that is settled an agent that goes ends nothing.
   * @param handover undefined when nothing came of it: what was due meanwhile happens now
   */
  handOver(handover: Handover | undefined): void {
    const owed = this.#owed
    this.#handover = handover
    this.#owed = undefined
    if (owed && !this.#isClosed) this.#judge(owed)
    else if (!handover) this.#options.handedBack()
  }

  /** Ends the call with what callers are told when something of ours failed. */
  apologise(ending: Termination): void {
    if (!this.#isClosed) this.#judge({ ending, owesFarewell: true, isOfAgent: false })
  }

  /** Under way, or done. */
  get handover(): Handover | undefined {
    return this.#handover
  }

  close(): void {
    this.#isClosed = true
    this.#farewell.close()
    this.#presence.close()
  }

  #judge({ owesFarewell, ending }: MediaVerdict): void {
    const audible = this.#presence.isHearing ? this.#options.media() : undefined
    if (owesFarewell) this.#farewell.begin(ending, audible)
    else this.#options.end(ending)
  }
}
