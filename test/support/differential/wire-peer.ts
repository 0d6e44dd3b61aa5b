// The far side of the wire, over UDP or TCP: the test writes each message and sees each that comes.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { headerOf, headersOf, readSipText, tagIn, writeSipText, type SipText } from './sip-text.ts'

export type WireProtocol = 'udp' | 'tcp'

export interface Received extends SipText {
  readonly atMs: number
  readonly text: string
  /** Answers by the way it came. */
  readonly answerBy: (text: string) => void
}

export interface Answer {
  /** Default: this peer's own. */
  readonly tag?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
  /** Default: a Contact in answers to INVITE and SUBSCRIBE. */
  readonly contact?: string | false
}

const HOST = '127.0.0.1'
const POLL_MS = 2
export const PEER_TAG = 'peertag'

export abstract class WirePeer {
  readonly received: Received[] = []
  readonly protocol: WireProtocol
  readonly host = HOST
  readonly port: number

  protected constructor(protocol: WireProtocol, port: number) {
    this.protocol = protocol
    this.port = port
  }

  get hostPort(): string {
    return `${this.host}:${this.port}`
  }

  get contact(): string {
    return `<sip:peer@${this.hostPort}${this.protocol === 'tcp' ? ';transport=tcp' : ''}>`
  }

  /** Opened by either side so far; none over UDP. */
  abstract readonly connections: number
  abstract send(text: string, to: { readonly port: number }): void
  /** Every connection breaks. */
  abstract drop(): void
  abstract close(): Promise<void>

  /** The n-th different message of this kind, waited for. */
  async wait(what: string, nth = 1, withinMs = 3_000): Promise<Received> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const found = this.#distinct().filter((message) => message.what === what)[nth - 1]
      if (found !== undefined) return found
      if (performance.now() > deadline) {
        const seen = this.received.map((message) => message.what).join(', ')
        throw new Error(`no ${what} (${nth}) within ${withinMs} ms; got: ${seen}`)
      }
      await sleep(POLL_MS)
    }
  }

  answer(request: SipText & Pick<Received, 'answerBy'>, status: string, more: Answer = {}): void {
    const to = headerOf(request, 'To')
    const isTagged = tagIn(to) !== '' || status.startsWith('100')
    const isOpening = /^(INVITE|SUBSCRIBE)$/.test(request.what)
    const contact = more.contact ?? (isOpening && /^[12]/.test(status) && this.contact)
    const body = more.body ?? ''
    const copied = ['Via', 'Record-Route', 'From', 'Call-ID', 'CSeq'].flatMap((name) =>
      headersOf(request, name).map((value) => [name, value] as const),
    )
    const headers = [
      ...copied,
      ['To', isTagged ? to : `${to};tag=${more.tag ?? PEER_TAG}`] as const,
      ...(contact === false ? [] : [['Contact', contact] as const]),
      ...(more.headers ?? []),
      ...(body === '' ? [] : [['Content-Type', 'application/sdp'] as const]),
    ]
    request.answerBy(writeSipText(`SIP/2.0 ${status}`, headers, body))
  }

  protected take(text: string, answerBy: (text: string) => void): void {
    // A keep-alive is no message.
    if (text.trim() === '') return
    this.received.push({ ...readSipText(text), atMs: performance.now(), text, answerBy })
  }

  #distinct(): Received[] {
    const texts = new Set<string>()
    return this.received.filter(({ text }) => !texts.has(text) && texts.add(text))
  }
}

class UdpPeer extends WirePeer {
  readonly connections = 0
  readonly #socket: UdpSocket

  constructor(socket: UdpSocket) {
    super('udp', socket.address().port)
    this.#socket = socket
    socket.on('message', (bytes, from) =>
      this.take(bytes.toString('utf8'), (text) => this.send(text, from)),
    )
  }

  send(text: string, { port }: { readonly port: number }): void {
    this.#socket.send(text, port, HOST)
  }

  drop(): void {
    // Nothing to break.
  }

  async close(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }
}

class TcpPeer extends WirePeer {
  readonly #server: Server
  readonly #all = new Set<Socket>()
  readonly #byPort = new Map<number, Socket>()

  constructor(server: Server, port: number) {
    super('tcp', port)
    this.#server = server
    server.on('connection', (socket) => this.#read(socket))
  }

  /** Over the connection there is. */
  send(text: string, { port }: { readonly port: number }): void {
    let socket = this.#byPort.get(port)
    if (socket === undefined || socket.destroyed) {
      socket = connect(port, HOST)
      this.#byPort.set(port, socket)
      this.#read(socket)
    }
    socket.write(text)
  }

  get connections(): number {
    return this.#all.size
  }

  drop(): void {
    for (const socket of this.#all) socket.destroy()
  }

  async close(): Promise<void> {
    this.drop()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #read(socket: Socket): void {
    this.#all.add(socket)
    // A broken connection shows as a message that is missing.
    socket.on('error', () => undefined)
    let kept = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      kept = Buffer.concat([kept, chunk])
      for (;;) {
        const end = kept.indexOf('\r\n\r\n')
        if (end === -1) return
        const head = kept.toString('latin1', 0, end)
        const length = Number(/^(?:Content-Length|l)\s*:\s*(\d+)/im.exec(head)?.[1] ?? 0)
        if (kept.length < end + 4 + length) return
        const text = kept.toString('utf8', 0, end + 4 + length)
        kept = kept.subarray(end + 4 + length)
        this.take(text.replace(/^(\r\n)+/, ''), (answer) => socket.write(answer))
      }
    })
  }
}

export async function openWirePeer(protocol: WireProtocol): Promise<WirePeer> {
  if (protocol === 'udp') {
    const socket = createSocket('udp4').bind(0, HOST)
    await once(socket, 'listening')
    return new UdpPeer(socket)
  }
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  return new TcpPeer(server, typeof address === 'object' ? (address?.port ?? 0) : 0)
}
