// A SIP endpoint made of a bare UDP socket: the test writes every message itself and sees every datagram.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { systemCodeOf } from '../../../core/errors/index.ts'
import { parseMessage } from '../../../gateway/embedded/message/parse-message.ts'
import type { SipHeaders } from '../../../gateway/embedded/message/sip-headers.ts'

export interface Received {
  readonly atMs: number
  /** `INVITE` or `200 INVITE`. */
  readonly what: string
  /** A request, byte for byte as before: its sender repeats it (RFC 3261 §17.1). An ACK answers each time anew. */
  readonly isRepeat: boolean
  readonly text: string
  readonly headers: SipHeaders
  readonly from: { address: string; port: number }
}

let sequence = 0

export class SipPeer {
  readonly received: Received[] = []
  readonly port: number
  readonly host: string
  readonly #socket: Socket
  readonly #requests = new Set<string>()

  private constructor(socket: Socket) {
    this.#socket = socket
    const { address, port } = socket.address()
    this.host = address
    this.port = port
    socket.on('message', (bytes, from) => {
      const message = parseMessage(bytes, { trustContentLength: true })
      if (message.kind === 'not-sip') return
      const { headers } = message
      const method = (headers.get('CSeq') ?? '').split(' ')[1] ?? ''
      const what = message.kind === 'request' ? message.method : `${message.status} ${method}`
      const text = bytes.toString('latin1')
      const isRepeat = this.#requests.has(text)
      if (message.kind === 'request' && what !== 'ACK') this.#requests.add(text)
      this.received.push({ atMs: performance.now(), what, isRepeat, text, headers, from })
    })
  }

  static async open(
    t: { teardown: (run: () => unknown) => unknown },
    host = '127.0.0.1',
  ): Promise<SipPeer> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, host, resolve))
    t.teardown(() => new Promise<void>((resolve) => socket.close(() => resolve())))
    return new SipPeer(socket)
  }

  /** At the port that the server then listens at by TCP. */
  static async beside(
    server: Server,
    t: { teardown: (run: () => unknown) => unknown },
  ): Promise<SipPeer> {
    for (;;) {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      try {
        return await SipPeer.at((server.address() as AddressInfo).port, t)
      } catch (error) {
        // Somebody else's, by UDP.
        if (systemCodeOf(error) !== 'EADDRINUSE') throw error
        server.close()
        await once(server, 'close')
      }
    }
  }

  static async at(
    port: number,
    t: { teardown: (run: () => unknown) => unknown },
    host = '127.0.0.1',
  ): Promise<SipPeer> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(port, host, resolve)
    })
    t.teardown(() => new Promise<void>((resolve) => socket.close(() => resolve())))
    return new SipPeer(socket)
  }

  get hostPort(): string {
    return `${this.host}:${this.port}`
  }

  send(text: string | Buffer, to: { host: string; port: number }): void {
    this.#socket.send(text, to.port, to.host)
  }

  /** Of requests without their repeats, like `wait`: a busy machine may make one. */
  count(what: string): number {
    return this.received.filter((message) => message.what === what && !message.isRepeat).length
  }

  countWithRepeats(what: string): number {
    return this.received.filter((message) => message.what === what).length
  }

  /** The n-th message of this kind, repeats of a request aside, waited for. */
  async wait(what: string, nth = 1, withinMs = 3_000): Promise<Received> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const found = this.received.filter((m) => m.what === what && !m.isRepeat)[nth - 1]
      if (found !== undefined) return found
      if (performance.now() > deadline) {
        throw new Error(`no ${what} (${nth}); got: ${this.received.map((m) => m.what).join(', ')}`)
      }
      await delay(2)
    }
  }

  /** Answers a request that came here. */
  reply(
    request: Received,
    status: string,
    more: { tag?: string; headers?: string[]; body?: string } = {},
  ): void {
    const { headers } = request
    const to = headers.get('To') ?? ''
    const tagged = more.tag === undefined || to.includes('tag=') ? to : `${to};tag=${more.tag}`
    const lines = [`SIP/2.0 ${status}`, ...headers.getAll('Via').map((via) => `Via: ${via}`)]
    lines.push(`From: ${headers.get('From')}`, `To: ${tagged}`)
    lines.push(
      `Call-ID: ${headers.get('Call-ID')}`,
      `CSeq: ${headers.get('CSeq')}`,
      ...(more.headers ?? []),
    )
    const body = more.body ?? ''
    lines.push(`Content-Length: ${Buffer.byteLength(body)}`, '', body)
    this.send(lines.join('\r\n'), { host: request.from.address, port: request.from.port })
  }
}

export interface RequestParts {
  readonly method: string
  readonly target: string
  readonly peer: SipPeer
  readonly branch?: string
  readonly callId?: string
  readonly seq?: number
  readonly fromTag?: string
  readonly toTag?: string | undefined
  readonly headers?: string[]
  readonly body?: string
  readonly via?: string
}

export const newCallId = (): string => `call-${process.pid}-${(sequence += 1)}`
export const newBranch = (): string => `z9hG4bK-t${process.pid}-${(sequence += 1)}`

/** A request as a careful caller would write it. */
export function requestText(parts: RequestParts): string {
  const { method, target, peer, toTag, body = '' } = parts
  const via =
    parts.via ?? `SIP/2.0/UDP ${peer.hostPort};rport;branch=${parts.branch ?? newBranch()}`
  return [
    `${method} ${target} SIP/2.0`,
    `Via: ${via}`,
    'Max-Forwards: 70',
    `From: <sip:caller@${peer.hostPort}>;tag=${parts.fromTag ?? 'caller1'}`,
    `To: <sip:callee@example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${parts.callId ?? newCallId()}`,
    `CSeq: ${parts.seq ?? 1} ${method}`,
    `Contact: <sip:caller@${peer.hostPort}>`,
    ...(parts.headers ?? []),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}

export const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
