// The bridge as most people write it in Node, and as it is found in many repositories: a dgram socket, a WebSocket and a
// setInterval of 20 ms for each call; JSON.stringify and JSON.parse, a Buffer that grows by Buffer.concat. It works.
// Nothing in it is made slow, and nothing is done about clocks, garbage or noise.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import WebSocket from 'ws'
import { agentIdOf } from '../load/agent-server.ts'
import { serve } from '../process/serve.ts'
import { createUsageMeter } from '../process/usage-meter.ts'
import type { MediaSubject } from './media-subject.ts'
import { residentBytes } from './resident.ts'

const HOST = '127.0.0.1'
const FRAME_MS = 20
const FRAME_BYTES = 160
const HEADER_BYTES = 12
const ULAW_SILENCE = 0xff
const AT_A_TIME = 20

/** What it reads of an agent's messages. */
interface AgentMessage {
  readonly type: string
  readonly audio_event?: { readonly audio_base_64: string }
  readonly ping_event?: { readonly event_id: number }
}

class PlainCall {
  readonly #socket: Socket = createSocket('udp4')
  readonly #agent: WebSocket
  readonly #remotePort: number
  readonly #ssrc = Math.floor(Math.random() * 0xffffffff)
  #timer: NodeJS.Timeout | undefined
  #queue = Buffer.alloc(0)
  #sequence = 0
  #timestamp = 0

  constructor(agentUrl: string, line: number, remotePort: number) {
    this.#remotePort = remotePort
    const url = `${agentUrl.replace('http', 'ws')}/v1/convai/conversation?agent_id=${agentIdOf(line)}`
    this.#agent = new WebSocket(url)
    this.#agent.on('error', () => undefined) // The load ended first.
    this.#socket.on('error', () => undefined) // The same.
  }

  /** Resolves with our port once the agent talks. */
  async open(): Promise<number> {
    this.#socket.bind(0, HOST)
    await once(this.#socket, 'listening')
    const metadata = once(this.#agent, 'message')
    await once(this.#agent, 'open')
    this.#agent.send(JSON.stringify({ type: 'conversation_initiation_client_data' }))
    await metadata
    this.#agent.on('message', (data: Buffer) => this.#onAgent(data))
    this.#socket.on('message', (packet) => this.#onCaller(packet))
    this.#timer = setInterval(() => this.#sendFrame(), FRAME_MS)
    return this.#socket.address().port
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#socket.close()
    this.#agent.close()
    if (this.#agent.readyState !== WebSocket.CLOSED) await once(this.#agent, 'close')
  }

  #onCaller(packet: Buffer): void {
    const audio = packet.subarray(HEADER_BYTES)
    this.#agent.send(JSON.stringify({ user_audio_chunk: audio.toString('base64') }))
  }

  #onAgent(data: Buffer): void {
    const message = JSON.parse(data.toString()) as AgentMessage
    switch (message.type) {
      case 'audio': {
        const audio = Buffer.from(message.audio_event?.audio_base_64 ?? '', 'base64')
        this.#queue = Buffer.concat([this.#queue, audio])
        break
      }
      case 'interruption':
        this.#queue = Buffer.alloc(0)
        break
      case 'ping':
        this.#agent.send(
          JSON.stringify({ type: 'pong', event_id: message.ping_event?.event_id ?? 0 }),
        )
        break
      default:
        break
    }
  }

  #sendFrame(): void {
    let audio = Buffer.alloc(FRAME_BYTES, ULAW_SILENCE)
    if (this.#queue.length >= FRAME_BYTES) {
      audio = this.#queue.subarray(0, FRAME_BYTES)
      this.#queue = this.#queue.subarray(FRAME_BYTES)
    }
    const header = Buffer.alloc(HEADER_BYTES)
    header[0] = 0x80
    header.writeUInt16BE(this.#sequence, 2)
    header.writeUInt32BE(this.#timestamp, 4)
    header.writeUInt32BE(this.#ssrc, 8)
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#timestamp = (this.#timestamp + FRAME_BYTES) >>> 0
    this.#socket.send(Buffer.concat([header, audio]), this.#remotePort, HOST)
  }
}

const meter = createUsageMeter()
let calls: PlainCall[] = []
let agentUrl = ''

serve({
  start(wanted) {
    agentUrl = wanted.agentUrl
  },
  async openCalls({ first, remotes }) {
    const ports: number[] = []
    for (let at = 0; at < remotes.length; at += AT_A_TIME) {
      const group = remotes
        .slice(at, at + AT_A_TIME)
        .map((remote, index) => new PlainCall(agentUrl, first + at + index, remote))
      calls.push(...group)
      ports.push(...(await Promise.all(group.map((call) => call.open()))))
    }
    return ports
  },
  async closeCalls() {
    const closing = calls
    calls = []
    await Promise.all(closing.map((call) => call.close()))
  },
  setManner: () => undefined,
  begin: () => meter.begin(),
  end: () => meter.end(),
  residentBytes,
} satisfies MediaSubject)
