// The vendor's socket at its barest: takes upgrades, sends the metadata, leaves the rest to the line it belongs to.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import type { E164 } from '../../core/contracts/index.ts'

export interface AgentServer {
  /** http://host:port */
  readonly url: string
  /** Upgrades accepted so far. */
  sessionCount(): number
  close(): Promise<void>
}

/** The way of an agent with audio, both directions. */
export type AgentFormat = 'ulaw_8000' | 'pcm_16000'

const metadataOf = (format: AgentFormat): string =>
  JSON.stringify({
    type: 'conversation_initiation_metadata',
    conversation_initiation_metadata_event: {
      conversation_id: 'conv_bench',
      agent_output_audio_format: format,
      user_input_audio_format: format,
    },
  })
const HOST = '127.0.0.1'

/** The agent id a line is asked for by. */
export const agentIdOf = (line: number): string => `line-${line}`

/** The number that is called where numbers decide about the agent. */
export const numberOf = (line: number): E164 => `+4930556${String(line).padStart(4, '0')}` as E164

/** `onSession` gets the line's number; an agent of another name only listens. */
export async function openAgentServer(
  onSession: (line: number, socket: WebSocket) => void,
  format: AgentFormat = 'ulaw_8000',
): Promise<AgentServer> {
  const server = new WebSocketServer({
    host: HOST,
    port: 0,
    backlog: 1024,
    perMessageDeflate: false,
    skipUTF8Validation: true,
  })
  await once(server, 'listening')
  const metadata = metadataOf(format)
  let sessions = 0
  server.on('connection', (socket, request) => {
    sessions += 1
    socket.on('error', () => undefined) // 'close' follows.
    // The metadata may go at once: nobody may speak before, so nothing is lost by not waiting for the initiation.
    socket.send(metadata)
    const agentId = new URL(request.url ?? '/', 'http://agent').searchParams.get('agent_id') ?? ''
    const line = /^line-(\d+)$/.exec(agentId)
    if (line) onSession(Number(line[1]), socket)
  })
  return {
    url: urlOf(server.address() as AddressInfo),
    sessionCount: () => sessions,
    close: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Accepts connections and never says a word: an agent that is not there, without a call that ends for it. */
export async function openDeafServer(): Promise<AgentServer> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.resume()
    socket.on('error', () => undefined) // 'close' follows.
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen({ port: 0, host: HOST, backlog: 1024 })
  await once(server, 'listening')
  return {
    url: urlOf(server.address() as AddressInfo),
    sessionCount: () => 0,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const urlOf = ({ port }: AddressInfo): string => `http://${HOST}:${port}`
