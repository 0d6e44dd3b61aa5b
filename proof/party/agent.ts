// The vendor's socket at its barest, for many calls: the metadata, one piece of speech, a count of what is heard, and a
// goodbye where the call's manners want one. Which call it is, it learns as any agent does: from its variables.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { FRAME_BYTES, FRAME_MS } from '../../core/contracts/index.ts'

export interface AgentCall {
  readonly callId: string
  readonly calledNumber: string
  readonly socket: WebSocket
}

export interface AgentOptions {
  /** Said at once. */
  readonly speechMs: number
  /** After so long the agent of this call says goodbye. */
  readonly leavesAfterMs: (calledNumber: string) => number | 'never'
  readonly onBegun?: (call: AgentCall) => void
  readonly onEnded?: (call: AgentCall, heard: AgentHeard) => void
}

export interface AgentHeard {
  /** Upgrade accepted to socket closed. */
  readonly seconds: number
  /** Messages with audio of the caller. */
  readonly pieces: number
}

const HOST = '127.0.0.1'
const METADATA = JSON.stringify({
  type: 'conversation_initiation_metadata',
  conversation_initiation_metadata_event: {
    conversation_id: 'conv_proof',
    agent_output_audio_format: 'ulaw_8000',
    user_input_audio_format: 'ulaw_8000',
  },
})
/** `u` of user_audio_chunk: tells audio of the caller from all else. */
const U = 0x75

export class Agent {
  readonly #server: WebSocketServer
  readonly #options: AgentOptions
  readonly #speech: string
  /** Now open. */
  open = 0
  /** At any moment. */
  mostOpen = 0
  total = 0
  /** Sessions that never said which call they are of. */
  nameless = 0

  private constructor(server: WebSocketServer, options: AgentOptions) {
    this.#server = server
    this.#options = options
    this.#speech = speechMessage(options.speechMs)
    server.on('connection', (socket) => this.#begin(socket))
  }

  static async listen(options: AgentOptions): Promise<Agent> {
    const server = new WebSocketServer({
      host: HOST,
      port: 0,
      backlog: 1024,
      perMessageDeflate: false,
      skipUTF8Validation: true,
    })
    await once(server, 'listening')
    return new Agent(server, options)
  }

  get url(): string {
    return `ws://${HOST}:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #begin(socket: WebSocket): void {
    const beganAt = performance.now()
    this.total += 1
    this.open += 1
    this.mostOpen = Math.max(this.mostOpen, this.open)
    let call: AgentCall | undefined
    let pieces = 0
    let leaves: NodeJS.Timeout | undefined
    socket.on('error', () => undefined) // 'close' follows.
    socket.on('message', (data) => {
      const bytes = data as Buffer
      if (bytes[2] === U) pieces += 1
      else if (call === undefined) {
        call = callOf(bytes, socket)
        if (call) leaves = this.#greet(call)
      }
    })
    socket.on('close', () => {
      clearTimeout(leaves)
      this.open -= 1
      if (call === undefined) this.nameless += 1
      else this.#options.onEnded?.(call, { seconds: (performance.now() - beganAt) / 1000, pieces })
    })
  }

  #greet(call: AgentCall): NodeJS.Timeout | undefined {
    const { onBegun, leavesAfterMs, speechMs } = this.#options
    call.socket.send(METADATA)
    if (speechMs > 0) call.socket.send(this.#speech)
    onBegun?.(call)
    const afterMs = leavesAfterMs(call.calledNumber)
    return afterMs === 'never' ? undefined : setTimeout(() => call.socket.close(1000), afterMs)
  }
}

function callOf(bytes: Buffer, socket: WebSocket): AgentCall | undefined {
  const message = JSON.parse(bytes.toString()) as {
    readonly dynamic_variables?: Readonly<Record<string, unknown>>
  }
  const { call_id: callId, called_number: calledNumber } = message.dynamic_variables ?? {}
  if (typeof callId !== 'string' || typeof calledNumber !== 'string') return undefined
  return { callId, calledNumber, socket }
}

/** µ-law codes of a loud wave; never silence. */
function speechMessage(lengthMs: number): string {
  const bytes = (lengthMs / FRAME_MS) * FRAME_BYTES
  const audio = Buffer.from(Array.from({ length: bytes }, (_, at) => 0x80 + (at % 96)))
  return JSON.stringify({
    type: 'audio',
    audio_event: { audio_base_64: audio.toString('base64'), event_id: 1 },
  })
}
