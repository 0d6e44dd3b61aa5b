// A TCP or TLS transport under test, and raw sockets at its other end.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import {
  completeConfig,
  type SipTimers,
  type SipTls,
} from '../../../../../gateway/embedded/server-options.ts'
import {
  openStreamTransport,
  type StreamTransport,
  type StreamTransportOptions,
} from '../../../../../gateway/embedded/transport/stream/stream-transport.ts'
import type { Peer } from '../../../../../gateway/embedded/transport/transport.ts'
import { eventually } from '../../../../support/process.ts'

export interface ReceivedMessage {
  readonly text: string
  readonly from: Peer
  readonly size: string | undefined
}

export interface StreamRig {
  readonly transport: StreamTransport
  readonly messages: ReceivedMessage[]
  readonly errors: Error[]
  /** How often each cause was counted. */
  readonly dropped: Map<string, number>
  /** What `onFailed` heard, in order. */
  readonly failures: string[]
  readonly onFailed: (why: string) => void
}

type RigOptions = Partial<Omit<StreamTransportOptions, 'timers' | 'limits' | 'tls'>> & {
  readonly timers?: Partial<SipTimers>
  readonly limits?: Partial<StreamTransportOptions['limits']>
  readonly tls?: SipTls
  /** Answers each message over the transport. */
  readonly answer?: (bytes: Buffer) => string
}

export async function openStreamRig(t: Test, options: RigOptions = {}): Promise<StreamRig> {
  const { timers = {}, limits = {}, tls = {}, answer, ...rest } = options
  const config = completeConfig({ listen: [], timers, limits, tls }, '')
  const rig = { messages: [], errors: [], dropped: new Map<string, number>(), failures: [] }
  const { messages, errors, dropped, failures }: Omit<StreamRig, 'transport' | 'onFailed'> = rig
  const transport = await openStreamTransport({
    protocol: 'tcp',
    host: '127.0.0.1',
    port: 0,
    advertise: undefined,
    counters: { dropped: (cause) => dropped.set(cause, (dropped.get(cause) ?? 0) + 1) },
    onError: (error) => errors.push(error),
    ...rest,
    timers: config.timers,
    limits: config.limits,
    tls,
    onMessage: (bytes, from, via, size) => {
      messages.push({ text: bytes.toString('latin1'), from, size })
      if (answer !== undefined) via.reply(Buffer.from(answer(bytes)), from, undefined)
    },
  })
  t.teardown(() => transport.close())
  return { transport, messages, errors, dropped, failures, onFailed: (why) => failures.push(why) }
}

interface Target {
  readonly host: string
  readonly port: number
  /** Whom it comes from. */
  readonly localAddress?: string
}

/** A plain socket, connected. What it reads is kept as text. */
export async function dial(t: Test, { host, port, localAddress }: Target): Promise<Line> {
  const socket = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) })
  const line = new Line(t, socket)
  await once(socket, 'connect')
  return line
}

/** One end of a connection, whichever side opened it. */
export class Line {
  readonly socket: Socket
  text = ''
  closed = false
  readonly errors: Error[] = []

  constructor(t: Test, socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => (this.text += chunk.toString('latin1')))
    socket.on('error', (error) => this.errors.push(error))
    socket.on('close', () => (this.closed = true))
    t.teardown(() => socket.destroy())
  }

  async waitFor(text: string, timeoutMs = 3_000): Promise<void> {
    await eventually(`${JSON.stringify(text)} to arrive`, timeoutMs, () => this.text.includes(text))
  }

  async waitForClose(timeoutMs = 3_000): Promise<void> {
    await eventually('the connection to close', timeoutMs, () => this.closed)
  }
}

export interface AnsweringServer {
  readonly peer: Peer
  readonly lines: Line[]
}

/** A plain server; each connection it accepts is a line. */
export async function answerCalls(
  t: Test,
  host = '127.0.0.1',
  server: Server = createServer(),
  event = 'connection',
): Promise<AnsweringServer> {
  const lines: Line[] = []
  server.on(event, (socket: Socket) => lines.push(new Line(t, socket)))
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return { peer: { address: host, port }, lines }
}

let sequence = 0

/** A request; `extra` are whole lines. */
export function request(body = '', extra: readonly string[] = []): string {
  sequence += 1
  return [
    'OPTIONS sip:a@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK-${sequence}`,
    `Call-ID: call-${sequence}`,
    ...extra,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}

export { eventually, sleep }
