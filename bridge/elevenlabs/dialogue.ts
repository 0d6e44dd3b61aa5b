// What the agent's messages mean for a call, once the session stands: audio and words are told on, questions are
// answered, interruptions decide what is still heard. Knows nothing of sockets and deadlines.
import { answerMcpCall, answerToolCall } from './client-tools.ts'
import type { ConversationListener } from './conversation-port.ts'
import { createInterruptionFilter } from './interruption-filter.ts'
import type {
  AgentToolOutcome,
  ClientMessage,
  ErrorEvent,
  ServerMessage,
  ServerMessageOf,
} from './protocol.ts'
import { vendorText } from './session-end.ts'

/** What one message may put into a call's timeline: an hour of talk, not a memory's worth. */
const MAX_TEXT_BYTES = 16 * 1024
/** Questions of approval remembered; a conversation with more of them is not one. */
const MAX_APPROVALS = 1024

export interface Dialogue {
  handle(message: Exclude<ServerMessage, ServerMessageOf<'conversation_initiation_metadata'>>): void
  /** Some audio was told on. */
  hadAudio(): boolean
}

export function createDialogue(
  listener: ConversationListener,
  send: (message: ClientMessage) => void,
): Dialogue {
  return new AgentDialogue(listener, send)
}

class AgentDialogue implements Dialogue {
  readonly #listener: ConversationListener
  readonly #send: (message: ClientMessage) => void
  readonly #wanted = createInterruptionFilter()
  readonly #approvalsAnswered = new Set<string>()
  #hadAudio = false
  #endingTold = false

  constructor(listener: ConversationListener, send: (message: ClientMessage) => void) {
    this.#listener = listener
    this.#send = send
  }

  hadAudio(): boolean {
    return this.#hadAudio
  }

  handle(message: Parameters<Dialogue['handle']>[0]): void {
    switch (message.type) {
      case 'ping':
        this.#send({ type: 'pong', event_id: message.ping_event.event_id })
        return
      case 'audio':
        this.#audio(message)
        return
      case 'interruption':
        this.#interruption(message)
        return
      case 'user_transcript':
      case 'agent_response':
      case 'agent_response_correction':
        this.#words(message)
        return
      case 'client_tool_call':
        this.#send(answerToolCall(message))
        return
      case 'mcp_tool_call':
        this.#approval(message)
        return
      case 'agent_tool_response':
        this.#toolDone(message.agent_tool_response)
        return
      case 'agent_tool_response_full_payload':
        this.#toolDone(message.agent_tool_response_full_payload)
        return
      case 'queue_status':
        this.#queue(message)
        return
      case 'error':
      case 'client_error':
        this.#fault(message.error_event)
        return
      default:
        // The rest informs (protocol.ts); nothing on a telephone depends on it.
        return
    }
  }

  #audio(message: ServerMessageOf<'audio'>): void {
    const { audio_base_64: base64, event_id: eventId } = message.audio_event
    if (!this.#wanted.accepts(eventId) || base64 === '') return
    this.#hadAudio = true
    this.#listener.onAudio(Buffer.from(base64, 'base64'), eventId ?? 0)
  }

  #interruption(message: ServerMessageOf<'interruption'>): void {
    const { event_id: eventId } = message.interruption_event
    this.#wanted.interrupted(eventId)
    this.#listener.onInterrupted(eventId)
  }

  #words(
    message: ServerMessageOf<'user_transcript' | 'agent_response' | 'agent_response_correction'>,
  ): void {
    switch (message.type) {
      case 'user_transcript': {
        const event = message.user_transcription_event
        this.#listener.onUserTranscript(clipped(event.user_transcript), event.event_id ?? 0)
        return
      }
      case 'agent_response': {
        const event = message.agent_response_event
        this.#listener.onAgentResponse(clipped(event.agent_response), event.event_id ?? 0)
        return
      }
      case 'agent_response_correction': {
        const event = message.agent_response_correction_event
        const text = clipped(event.corrected_agent_response)
        this.#listener.onAgentResponseCorrected(text, event.event_id ?? 0)
        return
      }
      default:
        message satisfies never
    }
  }

  /** Once per tool call: the vendor repeats the message with each state. */
  #approval(message: ServerMessageOf<'mcp_tool_call'>): void {
    const answer = answerMcpCall(message)
    if (answer === undefined || this.#approvalsAnswered.has(answer.tool_call_id)) return
    if (this.#approvalsAnswered.size >= MAX_APPROVALS) return
    this.#approvalsAnswered.add(answer.tool_call_id)
    this.#send(answer)
  }

  #toolDone({ tool_name: name, is_error: failed }: AgentToolOutcome): void {
    if (name !== 'end_call' || failed === true || this.#endingTold) return
    this.#endingTold = true
    this.#listener.onEnding()
  }

  #queue(message: ServerMessageOf<'queue_status'>): void {
    if (message.queue_status_event.status !== 'timed_out') return
    this.#listener.onFault('queue_timed_out', 'the wait in the queue timed out')
  }

  #fault(event: ErrorEvent): void {
    const errorType = vendorText(event.error_type ?? `code_${event.code ?? 'unknown'}`)
    this.#listener.onFault(errorType, vendorText(event.message ?? event.reason ?? ''))
  }
}

/** The text itself, or its first 16 kB. */
function clipped(text: string): string {
  const start = text.slice(0, MAX_TEXT_BYTES)
  const bytes = Buffer.from(start)
  if (bytes.length <= MAX_TEXT_BYTES) return start
  // A character cut in half becomes U+FFFD, which is a byte or two longer: it is left out.
  return bytes.toString('utf8', 0, MAX_TEXT_BYTES - 3).replace(/\uFFFD$/, '')
}
