// What the agent's messages mean for a call, once the session stands: audio and words are told on, questions are
// answered, interruptions decide what is still heard. Knows nothing of sockets and deadlines.
import type { Logger } from '#core/telemetry'
import type { AgentAudio } from './agent-audio.ts'
import { answerMcpCall, type ClientTools } from './client-tools.ts'
import type { ConversationListener } from './conversation-port.ts'
import { digitsRequested } from './digits-requested.ts'
import type {
  AgentTool,
  AgentToolOutcome,
  ClientMessage,
  ErrorEvent,
  ServerMessage,
  ServerMessageOf,
} from './protocol.ts'
import { vendorText } from './session-end.ts'
import { createTranscript, type Transcript } from './transcript.ts'
import { createVendorTools } from './vendor-tools.ts'

/** Questions of approval remembered; a conversation with more of them is not one. */
const MAX_APPROVALS = 1024

export interface Dialogue {
  handle(message: Exclude<ServerMessage, ServerMessageOf<'conversation_initiation_metadata'>>): void
  /** Of a tool that our own side was asked for. */
  answerTool(toolCallId: string, result: string, isError: boolean): void
  /** Tools that run, ours and the vendor's. */
  readonly pendingTools: number
  /** The agent has hung up, or asked us to. */
  readonly isEnding: boolean
  /** It is over: tools are aborted, the caller's last words are told as they are. */
  close(): void
}

export interface DialogueDeps {
  readonly logger: Logger
  readonly listener: ConversationListener
  readonly send: (message: ClientMessage) => void
  readonly audio: AgentAudio
  readonly createTools: (onHangUp: () => void) => ClientTools
}

export function createDialogue(deps: DialogueDeps): Dialogue {
  return new AgentDialogue(deps)
}

class AgentDialogue implements Dialogue {
  readonly #deps: DialogueDeps
  readonly #listener: ConversationListener
  readonly #tools: ClientTools
  readonly #vendorTools = createVendorTools()
  readonly #transcript: Transcript
  readonly #approvalsAnswered = new Set<string>()
  #endingTold = false
  #digitsAskedFor = false

  constructor(deps: DialogueDeps) {
    this.#deps = deps
    this.#listener = deps.listener
    this.#tools = deps.createTools(() => this.#ending())
    this.#transcript = createTranscript(deps.listener)
  }

  get pendingTools(): number {
    return this.#tools.running + this.#vendorTools.running()
  }

  get isEnding(): boolean {
    return this.#endingTold
  }

  answerTool(toolCallId: string, result: string, isError: boolean): void {
    this.#tools.answerTransfer(toolCallId, result, isError)
  }

  close(): void {
    this.#tools.close()
    this.#transcript.close()
  }

  handle(message: Parameters<Dialogue['handle']>[0]): void {
    switch (message.type) {
      case 'audio':
        this.#deps.audio.heard(message)
        return
      case 'ping':
        this.#deps.send({ type: 'pong', event_id: message.ping_event.event_id })
        return
      case 'interruption':
        this.#interruption(message)
        return
      case 'user_transcript':
      case 'tentative_user_transcript':
      case 'agent_response':
      case 'agent_response_correction':
        this.#transcript.said(message)
        return
      case 'client_tool_call':
        this.#tools.answer(message)
        return
      case 'queue_status':
        this.#queue(message)
        return
      case 'dtmf_request':
        this.#digits(message)
        return
      case 'error':
      case 'client_error':
        this.#fault(message.error_event)
        return
      default:
        this.#vendorTool(message)
    }
  }

  #interruption(message: ServerMessageOf<'interruption'>): void {
    this.#listener.onInterrupted(this.#deps.audio.interrupted(message.interruption_event.event_id))
  }

  #vendorTool(message: ServerMessage): void {
    switch (message.type) {
      case 'agent_tool_request':
        this.#vendorTools.began(keyOf(message.agent_tool_request))
        return
      case 'agent_tool_response':
        this.#toolDone(message.agent_tool_response)
        return
      case 'agent_tool_response_full_payload':
        this.#toolDone(message.agent_tool_response_full_payload)
        return
      case 'mcp_tool_call':
        this.#mcpTool(message)
        return
      default:
        // The rest informs (protocol.ts); nothing on a telephone depends on it.
        return
    }
  }

  #toolDone(tool: AgentToolOutcome): void {
    this.#vendorTools.ended(keyOf(tool))
    if (tool.tool_name === 'end_call' && tool.is_error !== true) this.#ending()
  }

  #mcpTool(message: ServerMessageOf<'mcp_tool_call'>): void {
    const { tool_call_id: id, state } = message.mcp_tool_call
    if (state === 'loading') this.#vendorTools.began(id)
    else this.#vendorTools.ended(id)
    this.#approval(message)
  }

  /** Once per tool call: the vendor repeats the message with each state. */
  #approval(message: ServerMessageOf<'mcp_tool_call'>): void {
    const answer = answerMcpCall(message)
    if (answer === undefined || this.#approvalsAnswered.has(answer.tool_call_id)) return
    if (this.#approvalsAnswered.size >= MAX_APPROVALS) return
    this.#approvalsAnswered.add(answer.tool_call_id)
    this.#deps.send(answer)
  }

  #ending(): void {
    if (this.#endingTold) return
    this.#endingTold = true
    this.#listener.onEnding()
  }

  #queue(message: ServerMessageOf<'queue_status'>): void {
    if (message.queue_status_event.status !== 'timed_out') return
    this.#listener.onFault('queue_timed_out', 'the wait in the queue timed out')
  }

  #digits(message: ServerMessageOf<'dtmf_request'>): void {
    const digits = digitsRequested(message.dtmf_request)
    if (!this.#digitsAskedFor) {
      this.#digitsAskedFor = true
      this.#deps.logger.info({ found: digits !== undefined }, 'the agent asks for keys to be sent')
    }
    if (digits !== undefined) this.#listener.onDigitsRequested(digits)
  }

  #fault(event: ErrorEvent): void {
    const errorType = vendorText(event.error_type ?? `code_${event.code ?? 'unknown'}`)
    this.#listener.onFault(errorType, vendorText(event.message ?? event.reason ?? ''))
  }
}

const keyOf = ({ tool_call_id: id, tool_name: name }: AgentTool): string => id ?? name
