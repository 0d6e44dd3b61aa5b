// One attempt at a conversation: one socket's life as a state machine, from the upgrade request to the close. The
// vendor has no resume, so a lost socket is the end of it.
import {
  AGENT_AUDIO_FORMATS,
  type AgentAudioFormat,
  type EpochMs,
  type TelephoneCodec,
} from '#core/contracts'
import { monotonicMs } from '#core/time'
import { createAgentCodec } from '../audio/agent-codec.ts'
import { createAgentAudio, type AgentAudio } from './agent-audio.ts'
import { openAgentSocket, type AgentSocket, type SocketEnd } from './agent-socket.ts'
import { createClientTools } from './client-tools.ts'
import type {
  ConversationDeps,
  ConversationOptions,
  ConversationTiming,
} from './conversation-port.ts'
import { decodeMessage } from './decode-message.ts'
import { createDialogue, type Dialogue } from './dialogue.ts'
import type { EarlyAudio } from './early-audio.ts'
import { initiationData } from './initiation.ts'
import { startLiveness, type Liveness } from './liveness.ts'
import { createMessageBudget } from './message-budget.ts'
import { createOddMessages, type OddMessages } from './odd-messages.ts'
import type { PreparedUpgrade } from './prewarm.ts'
import type { ClientMessage, ServerMessageOf } from './protocol.ts'
import {
  endOfBreak,
  endOfClose,
  endOfUpgrade,
  endOfWait,
  vendorText,
  type AttemptEnd,
  type Progress,
} from './session-end.ts'
import { createUplink, type Uplink } from './uplink.ts'

export interface Attempt {
  /** False while the agent cannot hear yet, or no more. */
  send(line: Uint8Array, codec: TelephoneCodec): boolean
  say(message: ClientMessage): void
  /** What the agent was saying is not wanted any more; the id of it, or null when it has said nothing. */
  talkOver(): number | null
  answerTool(toolCallId: string, result: string, isError: boolean): void
  readonly isOpen: boolean
  readonly hadAudio: boolean
  readonly pendingTools: number
  /** The agent wanted the call to end: however it goes from here, it is not wanted back. */
  readonly isEnding: boolean
  readonly secondsSinceRequest: number
  /** Bytes of the line that the network did not take. */
  readonly droppedBytes: number
  /** Ends with close code 1000; `onEnd` is not told. */
  close(): void
  /** Resolves when its connection is gone for certain; cuts it. */
  destroyed(): Promise<void>
}

export interface AttemptOwner {
  onOpened(): void
  /** The agent hears from now on, and what was kept first. */
  onTalking(): void
  /** Once, unless `close` came first. */
  onEnd(end: AttemptEnd): void
}

export interface AttemptOptions extends Omit<
  ConversationOptions,
  'timing' | 'connection' | 'dtmf'
> {
  readonly timing: ConversationTiming
  readonly early: Pick<EarlyAudio, 'pieces'>
  readonly owner: AttemptOwner
}

/** Sends the upgrade request at once. */
export function startAttempt(
  deps: ConversationDeps,
  options: AttemptOptions,
  prepared: PreparedUpgrade,
): Attempt {
  return new AgentAttempt(deps, options, prepared)
}

type State =
  | { readonly kind: 'upgrading' }
  | { readonly kind: 'handshaking' }
  | { readonly kind: 'talking'; readonly uplink: Uplink }
  | { readonly kind: 'closed' }

class AgentAttempt implements Attempt {
  readonly #deps: ConversationDeps
  readonly #options: AttemptOptions
  readonly #socket: AgentSocket
  readonly #audio: AgentAudio
  readonly #dialogue: Dialogue
  readonly #odd: OddMessages
  readonly #budget = createMessageBudget()
  readonly #sentAt: EpochMs
  readonly #sentAtMs = monotonicMs()
  #state: State = { kind: 'upgrading' }
  #conversationId: string | null = null
  #deadline: NodeJS.Timeout | undefined
  #liveness: Liveness | undefined
  #droppedBytes = 0

  constructor(deps: ConversationDeps, options: AttemptOptions, prepared: PreparedUpgrade) {
    this.#deps = deps
    this.#options = options
    this.#audio = createAgentAudio(options.listener, options.lineCodec)
    this.#dialogue = this.#createDialogue()
    this.#odd = createOddMessages(deps.logger)
    this.#sentAt = deps.clock.now()
    this.#socket = openAgentSocket(prepared, {
      onOpen: () => this.#opened(),
      onText: (text) => this.#received(text),
      onSignOfLife: () => this.#liveness?.heard(),
      onEnd: (end) => this.#socketEnded(end),
    })
  }

  get isOpen(): boolean {
    return this.#state.kind === 'handshaking' || this.#state.kind === 'talking'
  }

  get hadAudio(): boolean {
    return this.#audio.hadAudio
  }

  get pendingTools(): number {
    return this.#dialogue.pendingTools
  }

  get isEnding(): boolean {
    return this.#dialogue.isEnding
  }

  get secondsSinceRequest(): number {
    return (monotonicMs() - this.#sentAtMs) / 1000
  }

  get droppedBytes(): number {
    return this.#droppedBytes
  }

  send(line: Uint8Array, codec: TelephoneCodec): boolean {
    if (this.#state.kind !== 'talking') return false
    this.#state.uplink.send(line, codec)
    return true
  }

  say(message: ClientMessage): void {
    // Who asks without reading gets no more answers, and no more of our memory.
    if (this.isOpen && this.#socket.bufferedBytes() <= MAX_ANSWER_BACKLOG_BYTES)
      this.#socket.send(JSON.stringify(message))
  }

  talkOver(): number | null {
    return this.#audio.hadAudio ? this.#audio.interrupted(undefined) : null
  }

  answerTool(toolCallId: string, result: string, isError: boolean): void {
    this.#dialogue.answerTool(toolCallId, result, isError)
  }

  close(): void {
    this.#finish()
  }

  destroyed(): Promise<void> {
    return this.#socket.terminate()
  }

  #createDialogue(): Dialogue {
    const { logger } = this.#deps
    const { listener, tools, agent, timing } = this.#options
    const send = (message: ClientMessage): void => this.say(message)
    return createDialogue({
      logger,
      listener,
      send,
      audio: this.#audio,
      createTools: (onHangUp) =>
        createClientTools(
          { logger, listener, send, onHangUp },
          {
            ...(tools.server === undefined ? {} : { server: tools.server }),
            deadlineMs: timing.toolMs,
            transferMs: timing.transferMs,
            asker: () => ({
              call_id: tools.callId,
              conversation_id: this.#conversationId,
              agent_id: agent.agentId,
            }),
          },
        ),
    })
  }

  #opened(): void {
    if (this.#state.kind !== 'upgrading') return
    const { timing, agent, listener, owner } = this.#options
    this.#state = { kind: 'handshaking' }
    this.say(initiationData(agent))
    this.#reportUpgrade('ok')
    this.#deadline = setTimeout(() => {
      this.#end(
        endOfWait(`no conversation metadata within ${timing.metadataMs} ms`, this.#progress()),
      )
    }, timing.metadataMs)
    this.#liveness = startLiveness({
      silenceMs: timing.silenceMs,
      answerMs: timing.pingAnswerMs,
      sendPing: () => this.#socket.ping(),
      onDead: () => {
        // It will not answer a close frame either.
        void this.#socket.terminate()
        this.#end(endOfWait('the vendor fell silent', this.#progress()))
      },
    })
    owner.onOpened()
    listener.onOpened(this.#sentAt)
  }

  #received(text: string): void {
    if (this.#state.kind === 'closed') return
    if (!this.#budget.spend(text.length)) {
      this.#end(endOfWait('the agent sent more than anybody can hear', this.#progress()))
      return
    }
    try {
      this.#handle(text)
    } catch (error) {
      // What one message does to us must not reach the thread, and with it every other call on it.
      const what = error instanceof Error ? error.name : 'unknown fault'
      this.#odd.note({ kind: 'malformed', why: `it could not be handled: ${what}` })
    }
  }

  #handle(text: string): void {
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
    const { listener } = this.#options
    const event = message.conversation_initiation_metadata_event
    const input = event.user_input_audio_format.slice(0, MAX_NAME_CHARS)
    const output = event.agent_output_audio_format.slice(0, MAX_NAME_CHARS)
    // A copy: a slice would keep the whole message for as long as the call lasts.
    const conversationId = Buffer.from(event.conversation_id.slice(0, MAX_NAME_CHARS)).toString()
    clearTimeout(this.#deadline)
    listener.onMetadata({ conversationId, inputFormat: input, outputFormat: output })
    if (!isFormat(input) || !isFormat(output)) {
      const detail = formatAdvice(input, output)
      this.#end({ reason: 'refused', closeCode: 1000, detail, retryAfterMs: null })
      return
    }
    this.#conversationId = conversationId
    // Whoever was told may have closed us.
    if (this.isOpen) this.#talk(input, output)
  }

  #talk(input: AgentAudioFormat, output: AgentAudioFormat): void {
    const { frameMs, early, owner } = this.#options
    const codec = createAgentCodec(input, output)
    this.#audio.use(codec)
    const uplink = createUplink({ socket: this.#socket, codec, format: input, frameMs })
    this.#state = { kind: 'talking', uplink }
    uplink.sendEarly(early.pieces())
    owner.onTalking()
  }

  #socketEnded(end: SocketEnd): void {
    if (this.#state.kind === 'upgrading') this.#reportUpgrade('failed')
    this.#end(this.#endOf(end))
  }

  #endOf(end: SocketEnd): AttemptEnd {
    switch (end.kind) {
      case 'upgrade-refused':
        return endOfUpgrade(end.httpStatus)
      case 'closed':
        return endOfClose(end.code, end.reason, this.#progress())
      case 'broken':
        return endOfBreak(end.detail, this.#progress())
      default:
        return end satisfies never
    }
  }

  #progress(): Progress {
    return { hadMetadata: this.#state.kind === 'talking', hadAudio: this.#audio.hadAudio }
  }

  #reportUpgrade(result: 'ok' | 'failed'): void {
    this.#deps.onVendorRequest?.('agent_socket', result, this.secondsSinceRequest)
  }

  #end(end: AttemptEnd): void {
    if (this.#state.kind === 'closed') return
    this.#finish()
    this.#options.owner.onEnd(end)
  }

  /** The one way out of every state. The socket is closed here, whoever ended the session. */
  #finish(): void {
    if (this.#state.kind === 'closed') return
    if (this.#state.kind === 'talking') this.#droppedBytes = this.#state.uplink.droppedBytes()
    this.#state = { kind: 'closed' }
    clearTimeout(this.#deadline)
    this.#liveness?.stop()
    this.#socket.close()
    this.#odd.close()
    this.#dialogue.close()
  }
}

const MAX_ANSWER_BACKLOG_BYTES = 1024 * 1024

/** Far more than any id or format has: they go into the ledger. */
const MAX_NAME_CHARS = 256

const isFormat = (name: string): name is AgentAudioFormat =>
  AGENT_AUDIO_FORMATS.some((format) => format === name)

const named = (format: string): string => (format === '' ? 'unnamed' : vendorText(format))

const formatAdvice = (input: string, output: string): string =>
  `the agent hears ${named(input)} and speaks ${named(output)}: set ` +
  'asr.user_input_audio_format and tts.agent_output_audio_format of the agent to one of ' +
  `${AGENT_AUDIO_FORMATS.join(', ')} (ulaw_8000 costs least)`
