// One conversation with an ElevenLabs agent: prepared while the phone rings, opened once, with a second attempt where
// the first one failed early (the rule: session-end.ts). Two sockets are never open at once.
import type { DtmfDigit, TelephoneCodec } from '#core/contracts'
import { messageOf } from '#core/errors'
import { monotonicMs } from '#core/time'
import { startAttempt, type Attempt } from './agent-attempt.ts'
import type {
  Conversation,
  ConversationDeps,
  ConversationListener,
  ConversationOptions,
  ConversationTiming,
} from './conversation-port.ts'
import { createDtmfRelay, type DtmfRelay } from './dtmf-relay.ts'
import { createEarlyAudio } from './early-audio.ts'
import { guardedListener } from './guarded-listener.ts'
import { createPreparation, type Preparation, type PreparedUpgrade } from './prewarm.ts'
import { endOfBreak, endOfWait, type AttemptEnd, type SessionEnd } from './session-end.ts'

export type {
  Conversation,
  ConversationDeps,
  ConversationListener,
  ConversationOptions,
} from './conversation-port.ts'

const TIMING: ConversationTiming = {
  connectMs: 10_000,
  metadataMs: 30_000,
  silenceMs: 30_000,
  pingAnswerMs: 10_000,
  retryWithinMs: 10_000,
  interDigitMs: 1500,
  // Below the vendor's own timeout of 20 s, so that the agent learns what went wrong.
  toolMs: 15_000,
  transferMs: 10_000,
}

const MAX_ATTEMPTS = 2
/** Stands in a transcript for keys that were pressed: they may be a card number. */
const KEYS = '[keys]'
const DESTROY_WITHIN_MS = 2000

type State =
  | { readonly kind: 'idle' }
  /** Of this attempt nothing billable is under way. */
  | { readonly kind: 'preparing'; readonly number: number }
  | { readonly kind: 'attempting'; readonly number: number; readonly attempt: Attempt }
  | { readonly kind: 'closed' }

export function createConversation(
  deps: ConversationDeps,
  options: ConversationOptions,
): Conversation {
  return new AgentConversation(deps, options)
}

class AgentConversation implements Conversation {
  readonly #deps: ConversationDeps
  readonly #options: ConversationOptions
  readonly #listener: ConversationListener
  readonly #timing: ConversationTiming
  readonly #preparation: Preparation
  readonly #early = createEarlyAudio()
  readonly #keys: DtmfRelay
  #state: State = { kind: 'idle' }
  #prewarming = false
  #openedAtMs = 0
  /** What the caller says is kept: the agent does not hear yet, or a second attempt may have to hear it again. */
  #keepsAudio = true
  #lostBytes = 0
  #upgradeDeadline: NodeJS.Timeout | undefined
  #pause: NodeJS.Timeout | undefined

  constructor(deps: ConversationDeps, options: ConversationOptions) {
    this.#deps = deps
    this.#options = options
    const listener = guardedListener(options.listener, (error) => {
      deps.logger.error({ err: error }, 'conversation listener failed')
    })
    this.#listener = {
      ...listener,
      onUserTranscript: (text, eventId, tentative) =>
        listener.onUserTranscript(this.#keys.wasTold(text) ? KEYS : text, eventId, tentative),
    }
    this.#timing = { ...TIMING, ...options.timing }
    this.#keys = createDtmfRelay({
      mode: options.dtmf,
      interDigitMs: this.#timing.interDigitMs,
      send: (message) => this.#attempt?.say(message),
      onTalkedOver: () => this.#talkedOverByKeys(),
    })
    this.#preparation = createPreparation(deps.logger, {
      connection: options.connection,
      agentId: options.agent.agentId,
      onSignedUrlRequest: (result, seconds) =>
        deps.onVendorRequest?.('signed_url', result, seconds),
      onBusy: () => this.#listener.onBusy('signed-url'),
    })
  }

  get pendingTools(): number {
    return this.#attempt?.pendingTools ?? 0
  }

  prewarm(): void {
    if (this.#prewarming || this.#state.kind !== 'idle') return
    this.#prewarming = true
    const startedAt = monotonicMs()
    this.#preparation.warm().then(
      () => {
        if (this.#state.kind !== 'closed') this.#listener.onPrewarmed(monotonicMs() - startedAt)
      },
      (error: unknown) => {
        // Opening tries again from the start, so this costs time, not the call.
        if (this.#state.kind === 'closed') return
        this.#deps.logger.warn({ reason: messageOf(error) }, 'agent prewarm failed')
      },
    )
  }

  open(): void {
    if (this.#state.kind !== 'idle') return
    this.#openedAtMs = monotonicMs()
    this.#prepare(1)
  }

  sendCallerAudio(line: Uint8Array, codec: TelephoneCodec): void {
    const { kind } = this.#state
    if (kind === 'idle' || kind === 'closed') return
    const heard = this.#attempt?.send(line, codec) ?? false
    if (heard && this.#keepsAudio && !this.#mayTryAgain()) {
      this.#keepsAudio = false
      this.#early.forget()
    }
    if (!this.#keepsAudio) return
    const lostBytes = this.#early.keep(line, codec)
    if (!heard) this.#lostBytes += lostBytes
  }

  pressed(digit: DtmfDigit): void {
    if (this.#state.kind === 'preparing' || this.#state.kind === 'attempting')
      this.#keys.pressed(digit)
  }

  inform(text: string): void {
    this.#attempt?.say({ type: 'contextual_update', text })
  }

  answerTool(toolCallId: string, result: string, isError: boolean): void {
    this.#attempt?.answerTool(toolCallId, result, isError)
  }

  close(): void {
    const attempt = this.#attempt
    if (this.#state.kind === 'idle') {
      this.#state = { kind: 'closed' }
      this.#preparation.close()
      return
    }
    const closeCode = attempt?.isOpen === true ? 1000 : null
    attempt?.close()
    this.#end({ reason: 'closed-by-us', closeCode, detail: 'closed by the gateway' })
  }

  /** A method, for listeners and waits may change it between two looks. */
  #isClosed(): boolean {
    return this.#state.kind === 'closed'
  }

  get #attempt(): Attempt | undefined {
    return this.#state.kind === 'attempting' ? this.#state.attempt : undefined
  }

  /** Makes ready what is not, and sends the upgrade request. */
  #prepare(number: number): void {
    this.#state = { kind: 'preparing', number }
    const { connectMs } = this.#timing
    this.#upgradeDeadline = setTimeout(() => {
      this.#attempt?.close()
      this.#end(endOfWait(`no accepted upgrade within ${connectMs} ms`, NOTHING_YET))
    }, connectMs)
    this.#preparation
      .take()
      .then((prepared) => this.#upgrade(prepared, number))
      .catch((error: unknown) => this.#end(endOfBreak(messageOf(error), NOTHING_YET)))
  }

  #upgrade(prepared: PreparedUpgrade, number: number): void {
    if (this.#state.kind !== 'preparing') {
      prepared.socket.destroy()
      return
    }
    this.#listener.onAttempted(number)
    if (this.#isClosed()) {
      prepared.socket.destroy()
      return
    }
    const attempt = startAttempt(
      this.#deps,
      {
        ...this.#options,
        listener: this.#listener,
        timing: this.#timing,
        early: this.#early,
        owner: {
          onOpened: () => clearTimeout(this.#upgradeDeadline),
          onTalking: () => this.#keys.ready(),
          onEnd: (end) => this.#attemptEnded(end),
        },
      },
      prepared,
    )
    this.#state = { kind: 'attempting', number, attempt }
  }

  #talkedOverByKeys(): void {
    const eventId = this.#attempt?.talkOver() ?? null
    if (eventId !== null) this.#listener.onTalkedOverByKeys(eventId)
  }

  #mayTryAgain(): boolean {
    return (
      this.#state.kind === 'attempting' &&
      this.#state.number < MAX_ATTEMPTS &&
      !this.#state.attempt.hadAudio &&
      monotonicMs() - this.#openedAtMs < this.#timing.retryWithinMs
    )
  }

  #attemptEnded(end: AttemptEnd): void {
    if (this.#state.kind !== 'attempting') return
    this.#keys.notReady()
    clearTimeout(this.#upgradeDeadline)
    if (end.isBusy === true) this.#listener.onBusy('socket')
    const { attempt, number } = this.#state
    if (attempt.isEnding) {
      // It had said goodbye: a line that breaks behind it is no failure, and another session would be paid for nothing.
      this.#end(end.reason === 'dropped' ? { ...end, reason: 'agent-ended' } : end)
      return
    }
    if (end.retryAfterMs === null || !this.#mayTryAgain()) {
      this.#end(end)
      return
    }
    this.#state = { kind: 'preparing', number: number + 1 }
    void this.#tryAgain(attempt, number, end, end.retryAfterMs)
  }

  /** Never rejects. */
  async #tryAgain(
    failed: Attempt,
    number: number,
    end: AttemptEnd,
    afterMs: number,
  ): Promise<void> {
    this.#lostBytes += failed.droppedBytes
    // A connection that cannot be got rid of is no reason to open another beside it.
    this.#upgradeDeadline = setTimeout(() => this.#end(end), DESTROY_WITHIN_MS)
    await failed.destroyed()
    clearTimeout(this.#upgradeDeadline)
    if (this.#isClosed()) return
    const { closeCode, detail } = end
    const seconds = failed.secondsSinceRequest
    this.#listener.onAttemptFailed({ attempt: number, closeCode, detail, seconds })
    if (this.#isClosed()) return
    this.#preparation.renew()
    this.#pause = setTimeout(() => this.#prepare(number + 1), afterMs)
  }

  /** The one way out of every state. */
  #end(end: SessionEnd): void {
    if (this.#state.kind === 'closed') return
    this.#lostBytes += this.#attempt?.droppedBytes ?? 0
    this.#state = { kind: 'closed' }
    clearTimeout(this.#upgradeDeadline)
    clearTimeout(this.#pause)
    this.#keys.close()
    this.#early.forget()
    this.#preparation.close()
    if (this.#lostBytes > 0)
      this.#deps.logger.warn({ lostBytes: this.#lostBytes }, 'caller audio did not reach the agent')
    const { reason, closeCode, detail } = end
    this.#listener.onClosed({ reason, closeCode, detail })
  }
}

const NOTHING_YET = { hadMetadata: false, hadAudio: false }
