// An agent over its real WebSocket, as the platform's connector speaks to it: PCM at 16 kHz both ways, pings answered.
// elevenlabs.io/docs/eleven-agents/api-reference (WebSocket, read autumn 2026)
import { WebSocket, type RawData } from 'ws'
import type { AgentFields, AgentLink, AgentListener } from './agent-link.ts'
import { callerSpeech, type CallerSpeech } from './caller-speech.ts'

const PATH = '/v1/convai/conversation'
const HANDSHAKE_MS = 10_000
const CLOSE_MS = 2000
/** Of audio in one message. The agent lives in real time, whatever the session's pace. */
const CHUNK_MS = 100
/** A voice that begins after so much silence begins anew. */
const SILENCE_MS = 1000

export interface AgentSocketOptions {
  readonly url: string
  readonly agentId: string
  readonly apiKey: string
}

export function openAgentSocket(options: AgentSocketOptions, listener: AgentListener): AgentLink {
  return new ConnectedAgent(options, listener)
}

class ConnectedAgent implements AgentLink {
  readonly #socket: WebSocket
  readonly #listener: AgentListener
  readonly #speech: CallerSpeech = callerSpeech(CHUNK_MS)
  #talking: NodeJS.Timeout | undefined
  #cutting: NodeJS.Timeout | undefined
  #isOpen = false
  #isOver = false
  #heardAt = -Infinity

  constructor(options: AgentSocketOptions, listener: AgentListener) {
    this.#listener = listener
    this.#socket = new WebSocket(addressOf(options), {
      headers: { 'xi-api-key': options.apiKey },
      handshakeTimeout: HANDSHAKE_MS,
      perMessageDeflate: false,
    })
    this.#socket.on('open', () => {
      this.#isOpen = true
      listener.opened()
    })
    this.#socket.on('message', (data: RawData) => this.#receive((data as Buffer).toString()))
    this.#socket.on('unexpected-response', (request, response) => {
      request.destroy()
      this.#failed(`HTTP ${response.statusCode ?? 0}`)
    })
    // Errors of an open socket are followed by 'close'.
    this.#socket.on('error', (error) => this.#failed(error.message))
    this.#socket.on('close', (code, reason) => this.#closed(code, reason.toString()))
  }

  send(message: AgentFields): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  join(): void {
    if (this.#isOver) return
    this.#talking ??= setInterval(() => {
      this.send({ user_audio_chunk: this.#speech.next() })
    }, CHUNK_MS)
  }

  close(): void {
    clearInterval(this.#talking)
    this.#cutting ??= setTimeout(() => this.#socket.terminate(), CLOSE_MS)
    this.#socket.close(1000)
  }

  #receive(text: string): void {
    const message = parseObject(text)
    if (message === null) return
    if (message['type'] === 'ping') this.#pong(message['ping_event'])
    if (message['type'] !== 'audio') {
      this.#listener.message(message)
      return
    }
    const now = Date.now()
    if (now - this.#heardAt > SILENCE_MS) this.#listener.mediaStarted()
    this.#heardAt = now
  }

  #pong(event: unknown): void {
    const { event_id } = typeof event === 'object' && event !== null ? (event as AgentFields) : {}
    this.send({ type: 'pong', event_id })
  }

  #failed(reason: string): void {
    if (this.#isOpen || this.#isOver) return
    this.#isOver = true
    this.#listener.refused(reason)
  }

  #closed(code: number, reason: string): void {
    clearInterval(this.#talking)
    clearTimeout(this.#cutting)
    if (this.#isOver) return
    this.#isOver = true
    if (this.#isOpen) this.#listener.closed(code, reason, code === 1000 || code === 1005)
    else this.#listener.refused('closed')
  }
}

function addressOf({ url, agentId }: AgentSocketOptions): URL {
  const address = new URL(url)
  if (address.pathname === '/') address.pathname = PATH
  address.searchParams.set('agent_id', agentId)
  return address
}

function parseObject(text: string): AgentFields | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as AgentFields) : null
  } catch {
    // The connector would call it Unknown; nobody here sends such a thing.
    return null
  }
}
