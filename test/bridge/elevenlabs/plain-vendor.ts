// A vendor that does what one function says: for what the simulator does not do, and no more than sockets.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'
import { WebSocketServer, type WebSocket } from 'ws'
import { createLogger } from '#core/telemetry'
import { createClock } from '#core/time'
import { createConversation } from '../../../bridge/elevenlabs/conversation.ts'
import type {
  Conversation,
  ConversationOptions,
} from '../../../bridge/elevenlabs/conversation-port.ts'
import { AGENT_ID, CALL_ID, createWitness, type Witness } from './support.ts'

export interface PlainVendor {
  readonly conversation: Conversation
  readonly witness: Witness
  /** Sockets that were accepted, in order. */
  readonly sockets: readonly WebSocket[]
  readonly received: readonly Record<string, unknown>[]
  /** Of upgrade requests: when they came, and how many connections were open then, this one among them. */
  readonly upgrades: readonly { readonly at: number; readonly openConnections: number }[]
  readonly signedUrls: readonly number[]
  /** Connections that are open now, of any kind. */
  readonly connections: ReadonlySet<Socket>
  readonly logged: readonly string[]
}

export interface PlainVendorOptions extends Partial<
  Pick<ConversationOptions, 'timing' | 'lineCodec' | 'frameMs' | 'dtmf'>
> {
  /** An HTTP status instead of the upgrade, by attempt. */
  readonly status?: (attempt: number) => number | undefined
  /** What an accepted socket does. */
  readonly accepted?: (socket: WebSocket, attempt: number, raw: Socket) => void
  /** With a key: the statuses of signed URL requests; 200 when they run out. */
  readonly signedUrl?: number[]
  readonly withKey?: boolean
  readonly toolServer?: NonNullable<ConversationOptions['tools']['server']>
}

export const METADATA = (output = 'ulaw_8000', input = 'ulaw_8000') =>
  JSON.stringify({
    type: 'conversation_initiation_metadata',
    conversation_initiation_metadata_event: {
      conversation_id: 'conv_plain',
      agent_output_audio_format: output,
      user_input_audio_format: input,
    },
  })

export const AUDIO = (bytes: Uint8Array, eventId: number | string = 1, more: object = {}) =>
  JSON.stringify({
    type: 'audio',
    audio_event: {
      audio_base_64: Buffer.from(bytes).toString('base64'),
      event_id: eventId,
      ...more,
    },
  })

export async function startPlainVendor(t: Test, options: PlainVendorOptions): Promise<PlainVendor> {
  const sockets: WebSocket[] = []
  const received: Record<string, unknown>[] = []
  const upgrades: { at: number; openConnections: number }[] = []
  const signedUrls: number[] = []
  const connections = new Set<Socket>()
  const statuses = [...(options.signedUrl ?? [])]
  const http = createServer((request, response) => {
    signedUrls.push(performance.now())
    const url = `ws://${String(request.headers.host)}/?conversation_signature=${signedUrls.length}`
    response.writeHead(statuses.shift() ?? 200, { connection: 'close' })
    response.end(JSON.stringify({ signed_url: url }))
  })
  const upgrader = new WebSocketServer({ noServer: true })
  http.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => connections.delete(socket))
  })
  http.on('upgrade', (request: IncomingMessage, raw: Socket, head: Buffer) => {
    upgrades.push({ at: performance.now(), openConnections: connections.size })
    const attempt = upgrades.length
    const status = options.status?.(attempt)
    if (status !== undefined) {
      raw.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
      return
    }
    upgrader.handleUpgrade(request, raw, head, (socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.on('message', (data: Buffer) => {
        received.push(JSON.parse(data.toString()) as Record<string, unknown>)
      })
      options.accepted?.(socket, attempt, raw)
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const witness = createWitness()
  const logged: string[] = []
  const conversation = createConversation(
    {
      logger: createLogger('debug', { write: (line: string) => void logged.push(line) }),
      clock: createClock(),
    },
    {
      connection: {
        restUrl: `http://127.0.0.1:${port}`,
        ...(options.withKey === true ? { apiKey: 'key' } : {}),
      },
      agent: { agentId: AGENT_ID, dynamicVariables: {} },
      listener: witness.listener,
      lineCodec: options.lineCodec ?? (() => 'PCMU'),
      dtmf: options.dtmf ?? 'user_message',
      frameMs: options.frameMs ?? 20,
      tools: {
        callId: CALL_ID,
        ...(options.toolServer === undefined ? {} : { server: options.toolServer }),
      },
      ...(options.timing === undefined ? {} : { timing: options.timing }),
    },
  )
  t.teardown(() => {
    conversation.close()
    for (const socket of connections) socket.destroy()
    http.close()
  })
  return { conversation, witness, sockets, received, upgrades, signedUrls, connections, logged }
}
