// The least agent that can be talked to: a WebSocket server with the messages these tests need, and nothing else.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { WebSocketServer, type WebSocket } from 'ws'

export interface AgentServer {
  readonly url: string
  readonly connections: readonly AgentConnection[]
  /** How long metadata is held back. */
  metadataDelayMs: number
}

export interface AgentConnection {
  /** Every caller frame, in order. */
  readonly frames: readonly Buffer[]
  /** What it was told in words: keys. */
  readonly told: readonly string[]
  readonly isOpen: boolean
  closedAtMs: number
  audio(): Buffer
  speak(ulaw: Uint8Array, eventId?: number): void
  interrupt(eventId: number): void
  close(code: number): void
  cut(): void
}

export async function openAgentServer(t: Test): Promise<AgentServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const connections: AgentConnection[] = []
  const agent: AgentServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    metadataDelayMs: 0,
  }
  server.on('connection', (socket) => connections.push(converse(socket, agent)))
  t.teardown(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  return agent
}

function converse(socket: WebSocket, agent: AgentServer): AgentConnection {
  const frames: Buffer[] = []
  const told: string[] = []
  const send = (message: object): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
  }
  const connection: AgentConnection = {
    frames,
    told,
    get isOpen() {
      return socket.readyState === socket.OPEN
    },
    closedAtMs: 0,
    audio: () => Buffer.concat(frames),
    speak: (ulaw, eventId = 1) =>
      send({
        type: 'audio',
        audio_event: { audio_base_64: Buffer.from(ulaw).toString('base64'), event_id: eventId },
      }),
    interrupt: (eventId) =>
      send({ type: 'interruption', interruption_event: { event_id: eventId } }),
    close: (code) => socket.close(code),
    cut: () => socket.terminate(),
  }
  socket.on('close', () => (connection.closedAtMs = performance.now()))
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as {
      type?: string
      text?: string
      user_audio_chunk?: string
    }
    if (message.user_audio_chunk !== undefined)
      frames.push(Buffer.from(message.user_audio_chunk, 'base64'))
    if (message.type === 'user_message') told.push(message.text ?? '')
    if (message.type === 'conversation_initiation_client_data')
      setTimeout(() => send(METADATA), agent.metadataDelayMs)
  })
  return connection
}

const METADATA = {
  type: 'conversation_initiation_metadata',
  conversation_initiation_metadata_event: {
    conversation_id: 'conv_test',
    agent_output_audio_format: 'ulaw_8000',
    user_input_audio_format: 'ulaw_8000',
  },
}
