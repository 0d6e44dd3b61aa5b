// One conversation with an ElevenLabs agent: a socket's life as a state machine, from the ringing phone to the close.
// One `open` makes one attempt; the vendor has no resume, so a lost socket is the end.
import type { AgentAudioFormat, AgentTarget, EpochMs } from '#core/contracts'
import { messageOf } from '#core/errors'
import { monotonicMs } from '#core/time'
import { openAgentSocket, type AgentSocket, type SocketEnd } from './agent-socket.ts'
import type {
  Conversation,
  ConversationDeps,
  ConversationListener,
  ConversationOptions,
  ConversationTiming,
} from './conversation-port.ts'
import { decodeMessage } from './decode-message.ts'
import { createDialogue, type Dialogue } from './dialogue.ts'
import { createEarlyAudio } from './early-audio.ts'
import { guardedListener } from './guarded-listener.ts'
import { initiationData } from './initiation.ts'
import { startLiveness, type Liveness } from './liveness.ts'
import { createOddMessages, type OddMessages } from './odd-messages.ts'
import { createPreparation, type Preparation, type PreparedUpgrade } from './prewarm.ts'
import type { ClientMessage, ServerMessageOf } from './protocol.ts'
import {
  describeRefusal,
  endOfBreak,
  endOfClose,
  vendorText,
  type Progress,
  type SessionEnd,
} from './session-end.ts'
import { createUplink, type Uplink } from './uplink.ts'

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
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'upgrading'; readonly socket: AgentSocket; readonly sentAt: EpochMs }
  | { readonly kind: 'handshaking'; readonly socket: AgentSocket }
  | { readonly kind: 'talking'; readonly socket: AgentSocket; readonly uplink: Uplink }
  | { readonly kind: 'closed' }

export function createConversation(
  deps: ConversationDeps,
  options: ConversationOptions,
): Conversation {
  return new AgentConversation(deps, options)
}

class AgentConversation implements Conversation {
  readonly #deps: ConversationDeps
  readonly #agent: AgentTarget
  readonly #listener: ConversationListener
  readonly #timing: ConversationTiming
  readonly #preparation: Preparation
  readonly #early = createEarlyAudio()
  readonly #dialogue: Dialogue
  readonly #odd: OddMessages
  #state: State = { kind: 'idle' }
  #prewarming = false
  #attemptedAtMs = 0
  #deadline: NodeJS.Timeout | undefined
  #liveness: Liveness | undefined

  constructor(deps: ConversationDeps, options: ConversationOptions) {
    this.#deps = deps
    this.#agent = options.agent
    this.#listener = guardedListener(options.listener, (error) => {
      deps.logger.error({ err: error }, 'conversation listener failed')
    })
    this.#dialogue = createDialogue(this.#listener, (message) => this.#send(message))
    this.#odd = createOddMessages(deps.logger)
    this.#timing = { ...TIMING, ...options.timing }
    this.#preparation = createPreparation(deps.logger, {
      connection: options.connection,
      agentId: options.agent.agentId,
      onSignedUrlRequest: (result, seconds) =>
        deps.onVendorRequest?.('signed_url', result, seconds),
    })
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
    this.#state = { kind: 'connecting' }
    this.#expect('accepted upgrade', this.#timing.connectMs)
    this.#preparation
      .take()
      .then((prepared) => this.#upgrade(prepared))
      .catch((error: unknown) => this.#end(endOfBreak(messageOf(error), this.#progress())))
  }

  sendCallerAudio(ulaw: Uint8Array): void {
    switch (this.#state.kind) {
      case 'talking':
        this.#state.uplink.send(ulaw)
        return
      case 'connecting':
      case 'upgrading':
      case 'handshaking':
        this.#early.keep(ulaw)
        return
      case 'idle':
      case 'closed':
        return
      default:
        this.#state satisfies never
    }
  }

  close(): void {
    if (this.#state.kind === 'idle') {
      this.#state = { kind: 'closed' }
      this.#preparation.close()
      return
    }
    const wasOpen = this.#state.kind === 'handshaking' || this.#state.kind === 'talking'
    const closeCode = wasOpen ? 1000 : null
    this.#end({ reason: 'closed-by-us', closeCode, detail: 'closed by the gateway' })
  }

  #upgrade(prepared: PreparedUpgrade): void {
    if (this.#state.kind !== 'connecting') {
      prepared.socket.destroy()
      return
    }
    this.#listener.onAttempted(1)
    this.#attemptedAtMs = monotonicMs()
    const sentAt = this.#deps.clock.now()
    const socket = openAgentSocket(prepared, {
      onOpen: () => this.#opened(),
      onText: (text) => this.#received(text),
      onSignOfLife: () => this.#liveness?.heard(),
      onEnd: (end) => this.#socketEnded(end),
    })
    this.#state = { kind: 'upgrading', socket, sentAt }
  }

  #opened(): void {
    if (this.#state.kind !== 'upgrading') return
    const { socket, sentAt } = this.#state
    this.#state = { kind: 'handshaking', socket }
    this.#send(initiationData(this.#agent))
    this.#reportUpgrade('ok')
    this.#expect('conversation metadata', this.#timing.metadataMs)
    this.#liveness = startLiveness({
      silenceMs: this.#timing.silenceMs,
      answerMs: this.#timing.pingAnswerMs,
      sendPing: () => socket.ping(),
      onDead: () => {
        socket.terminate()
        this.#end(endOfBreak('the vendor fell silent', this.#progress()))
      },
    })
    this.#listener.onOpened(sentAt)
  }

  #received(text: string): void {
    const decoded = decodeMessage(text)
    if (!('kind' in decoded)) {
      if (decoded.type === 'conversation_initiation_metadata') this.#metadata(decoded)
      else this.#dialogue.handle(decoded)
    } else {
      this.#odd.note(decoded)
    }
  }

  #metadata(message: ServerMessageOf<'conversation_initiation_metadata'>): void {
    if (this.#state.kind !== 'handshaking') return
    const { socket } = this.#state
    const event = message.conversation_initiation_metadata_event
    const input = event.user_input_audio_format.slice(0, MAX_NAME_CHARS)
    const output = event.agent_output_audio_format.slice(0, MAX_NAME_CHARS)
    clearTimeout(this.#deadline)
    this.#listener.onMetadata({
      conversationId: event.conversation_id.slice(0, MAX_NAME_CHARS),
      inputFormat: input,
      outputFormat: output,
    })
    if (input !== TELEPHONE_FORMAT || output !== TELEPHONE_FORMAT) {
      this.#end({ reason: 'refused', closeCode: 1000, detail: formatAdvice(input, output) })
      return
    }
    const uplink = createUplink(socket)
    this.#state = { kind: 'talking', socket, uplink }
    uplink.sendEarly(this.#early.take())
  }

  #send(message: ClientMessage): void {
    if (this.#state.kind !== 'handshaking' && this.#state.kind !== 'talking') return
    const { socket } = this.#state
    // Who asks without reading gets no more answers, and no more of our memory.
    if (socket.bufferedBytes() <= MAX_ANSWER_BACKLOG_BYTES) socket.send(JSON.stringify(message))
  }

  #socketEnded(end: SocketEnd): void {
    if (this.#state.kind === 'upgrading') this.#reportUpgrade('failed')
    this.#end(this.#endOf(end))
  }

  #endOf(end: SocketEnd): SessionEnd {
    switch (end.kind) {
      case 'upgrade-refused':
        return {
          reason: 'refused',
          closeCode: null,
          detail: describeRefusal('the agent socket', end.httpStatus),
        }
      case 'closed':
        return endOfClose(end.code, end.reason, this.#progress())
      case 'broken':
        return endOfBreak(end.detail, this.#progress())
    }
  }

  #progress(): Progress {
    return { hadMetadata: this.#state.kind === 'talking', hadAudio: this.#dialogue.hadAudio() }
  }

  #reportUpgrade(result: 'ok' | 'failed'): void {
    const seconds = (monotonicMs() - this.#attemptedAtMs) / 1000
    this.#deps.onVendorRequest?.('agent_socket', result, seconds)
  }

  /** One deadline at a time: the next thing the vendor owes us. */
  #expect(what: string, withinMs: number): void {
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => {
      this.#end(endOfBreak(`no ${what} within ${withinMs} ms`, this.#progress()))
    }, withinMs)
  }

  /** The one way out of every state. The socket is closed here, whoever ended the session. */
  #end(end: SessionEnd): void {
    const state = this.#state
    if (state.kind === 'closed') return
    this.#state = { kind: 'closed' }
    clearTimeout(this.#deadline)
    this.#liveness?.stop()
    this.#preparation.close()
    this.#odd.close()
    if ('socket' in state) state.socket.close()
    const lostBytes =
      this.#early.droppedBytes + (state.kind === 'talking' ? state.uplink.droppedBytes() : 0)
    if (lostBytes > 0) this.#deps.logger.warn({ lostBytes }, 'caller audio did not reach the agent')
    this.#listener.onClosed(end)
  }
}

const MAX_ANSWER_BACKLOG_BYTES = 1024 * 1024

/** Far more than any id or format has: they go into the ledger. */
const MAX_NAME_CHARS = 256

const TELEPHONE_FORMAT: AgentAudioFormat = 'ulaw_8000'

const formatAdvice = (input: string, output: string): string =>
  `the agent hears ${vendorText(input)} and speaks ${vendorText(output)}: set both ` +
  'asr.user_input_audio_format and tts.agent_output_audio_format of the agent to ulaw_8000'
