// Answers to what an agent asks of its client. Every question gets an answer: an agent left without one falls silent
// until its own timeout (20 s by default). A transfer is the call's owner's to answer; what we do not know ourselves goes to
// the operator's tool server.
import type { Logger } from '#core/telemetry'
import { monotonicMs } from '#core/time'
import type { ConversationListener, ToolServer } from './conversation-port.ts'
import type { ClientMessage, McpToolApprovalResult, ServerMessageOf } from './protocol.ts'
import { askToolServer, type ToolAnswer } from './tool-server.ts'
import { isTransferTool, numberIn, TransferRequest } from './transfer-request.ts'

/** HTTP tools of one conversation at once. */
const MAX_RUNNING = 8
/** Failures of one conversation that are logged one by one. */
const MAX_LOGGED = 5
/** Names and ids go into the timeline. */
const MAX_NAME_CHARS = 256
/** `end_call` is the vendor's name for its own tool; some agents define it as a client tool. */
const HANG_UP: ReadonlySet<string> = new Set(['hang_up', 'end_call'])

export interface ClientTools {
  answer(message: ServerMessageOf<'client_tool_call'>): void
  /** The call's owner answers what `onTransferRequested` asked for. */
  answerTransfer(toolCallId: string, result: string, isError: boolean): void
  /** HTTP tools under way, and a transfer that is not answered. */
  readonly running: number
  /** Aborts them; nothing is answered or told afterwards. */
  close(): void
}

export interface ClientToolsDeps {
  readonly logger: Logger
  readonly listener: Pick<
    ConversationListener,
    'onToolCalled' | 'onToolAnswered' | 'onTransferRequested'
  >
  readonly send: (message: ClientMessage) => void
  /** The agent wants the call to end, once it has said what it says. */
  readonly onHangUp: () => void
}

export interface ClientToolsOptions {
  readonly server?: ToolServer
  readonly deadlineMs: number
  /** For the call's owner, when it is asked for a transfer. */
  readonly transferMs: number
  /** Who asks, for the tool server. */
  readonly asker: () => {
    readonly call_id: string
    readonly conversation_id: string | null
    readonly agent_id: string
  }
}

export function createClientTools(deps: ClientToolsDeps, options: ClientToolsOptions): ClientTools {
  return new ToolAnswers(deps, options)
}

type ToolCall = ServerMessageOf<'client_tool_call'>['client_tool_call']

class ToolAnswers implements ClientTools {
  readonly #deps: ClientToolsDeps
  readonly #options: ClientToolsOptions
  readonly #closed = new AbortController()
  readonly #transfer: TransferRequest
  #running = 0
  #failures = 0

  constructor(deps: ClientToolsDeps, options: ClientToolsOptions) {
    this.#deps = deps
    this.#options = options
    this.#transfer = new TransferRequest(options.transferMs)
  }

  get running(): number {
    return this.#running + (this.#transfer.isOpen ? 1 : 0)
  }

  answer({ client_tool_call: call }: ServerMessageOf<'client_tool_call'>): void {
    const startedAt = monotonicMs()
    const { listener } = this.#deps
    listener.onToolCalled(short(call.tool_name), short(call.tool_call_id))
    const settle = (result: string, isError: boolean): void => {
      const { tool_call_id: id, tool_name: name } = call
      this.#deps.send({ type: 'client_tool_result', tool_call_id: id, result, is_error: isError })
      listener.onToolAnswered(short(name), short(id), isError, monotonicMs() - startedAt)
    }
    if (HANG_UP.has(call.tool_name)) {
      settle('The call ends when you have finished speaking.', false)
      this.#deps.onHangUp()
    } else if (isTransferTool(call.tool_name)) {
      const id = short(call.tool_call_id)
      const to = numberIn(call.parameters)
      this.#transfer.ask(id, () => listener.onTransferRequested(id, to), settle)
    } else {
      this.#ask(call, settle)
    }
  }

  answerTransfer(toolCallId: string, result: string, isError: boolean): void {
    this.#transfer.answer(toolCallId, result, isError)
  }

  close(): void {
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    this.#transfer.close()
    const untold = this.#failures - MAX_LOGGED
    if (untold > 0) this.#deps.logger.warn({ untold }, 'more client tools failed')
  }

  #ask(call: ToolCall, settle: (result: string, isError: boolean) => void): void {
    const { server, asker, deadlineMs } = this.#options
    if (server === undefined) {
      settle(unknownTool(call.tool_name), true)
      return
    }
    if (this.#running >= MAX_RUNNING) {
      settle('Too many tools are running at once; try again when one is done.', true)
      return
    }
    this.#running += 1
    const { tool_name, tool_call_id, parameters } = call
    const asked = { tool_name, tool_call_id, parameters, ...asker() }
    const { signal } = this.#closed
    void askToolServer(server, asked, { deadlineMs, signal }).then((answer) => {
      this.#running -= 1
      if (signal.aborted) return
      if (answer.kind === 'failed') this.#failed(answer.words)
      settle(wordsOf(answer, tool_name), answer.kind !== 'answered' || answer.isError)
    })
  }

  #failed(reason: string): void {
    this.#failures += 1
    if (this.#failures <= MAX_LOGGED) this.#deps.logger.warn({ reason }, 'a client tool failed')
  }
}

function wordsOf(answer: ToolAnswer, toolName: string): string {
  switch (answer.kind) {
    case 'answered':
      return answer.result
    case 'unknown':
      return unknownTool(toolName)
    case 'failed':
      return answer.words
    default:
      return answer satisfies never
  }
}

/** The words official clients use for a tool they do not know. */
const unknownTool = (name: string): string =>
  `Client tool with name ${short(name)} is not defined on client`

const short = (text: string): string => text.slice(0, MAX_NAME_CHARS)

/** Nobody is there to approve; only a call that waits for approval is answered. */
export function answerMcpCall(
  message: ServerMessageOf<'mcp_tool_call'>,
): McpToolApprovalResult | undefined {
  const { state, tool_call_id: id } = message.mcp_tool_call
  if (state !== 'awaiting_approval') return undefined
  return { type: 'mcp_tool_approval_result', tool_call_id: id, is_approved: false }
}
