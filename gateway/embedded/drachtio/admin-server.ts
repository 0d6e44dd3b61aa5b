// The admin protocol's TCP side: connections, credentials, and which client gets which kind of request.
import { timingSafeEqual } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import type { Counters } from '../counters.ts'
import { KNOWN_METHODS } from '../message/validate-request.ts'
import { AppClient } from './app-client.ts'
import { decodeAppFrame, type AppFrame } from './app-frame.ts'
import { FrameReader } from './frame-reader.ts'

export type SipFrame = Extract<AppFrame, { kind: 'sip' }>

/** `busy`: those who asked for the method read slower than they are written to. */
export type Readiness = 'ready' | 'busy' | 'no-route'

export interface AdminServerOptions {
  readonly host: string
  readonly secret: string
  readonly counters: Counters
  /** `udp/host:port,…`, advertised and local. */
  readonly hostPorts: { readonly advertised: string; readonly local: string }
  readonly onSip: (client: AppClient, frame: SipFrame) => void
  readonly onClientGone: (client: AppClient) => void
}

/** Makes drachtio-srf use pings, which it does from v0.8.2 on. */
const SERVER_VERSION = 'v0.9.10-embedded'
/** Who has not named the secret by then is cut off. */
const AUTHENTICATION_MS = 5_000
/** drachtio-server's receive buffer for each client; a larger frame would break it. */
const DRACHTIO_FRAME_BYTES = 12_228
/** Any process of this machine may connect: those who have not named the secret yet are few. */
const MAX_STRANGERS = 16
const CDR_VERBS: ReadonlySet<string> = new Set(['cdr:attempt', 'cdr:start', 'cdr:stop'])

export class AdminServer {
  readonly #options: AdminServerOptions
  readonly #server: Server
  readonly #clients = new Map<Socket, AppClient>()
  readonly #turns = new Map<string, number>()

  constructor(options: AdminServerOptions) {
    this.#options = options
    this.#server = createServer({ noDelay: true }, (socket) => this.#onConnection(socket))
  }

  get clientCount(): number {
    return this.#clients.size
  }

  /** Resolves with the port. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, this.#options.host, () => {
        this.#server.off('error', reject)
        const address = this.#server.address()
        resolve(address !== null && typeof address === 'object' ? address.port : 0)
      })
    })
  }

  readiness(method: string): Readiness {
    const asked = this.#askingFor(method.toLowerCase())
    if (asked.length === 0) return 'no-route'
    return asked.some(({ isBusy }) => !isBusy) ? 'ready' : 'busy'
  }

  /** Round robin among those who asked for this method and keep up with what they get. */
  pickClient(method: string): AppClient | undefined {
    const verb = method.toLowerCase()
    const able = this.#askingFor(verb).filter(({ isBusy }) => !isBusy)
    if (able.length === 0) return undefined
    const turn = (this.#turns.get(verb) ?? 0) % able.length
    this.#turns.set(verb, turn + 1)
    return able[turn]
  }

  get #strangers(): number {
    let count = 0
    for (const { authenticated } of this.#clients.values()) if (!authenticated) count += 1
    return count
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve()
      })
      for (const socket of this.#clients.keys()) socket.destroy()
    })
  }

  #askingFor(verb: string): AppClient[] {
    return [...this.#clients.values()].filter(({ isOpen, routes }) => isOpen && routes.has(verb))
  }

  #onConnection(socket: Socket): void {
    if (this.#strangers >= MAX_STRANGERS) {
      this.#options.counters.dropped('admin-connections-full')
      socket.destroy()
      return
    }
    const client = new AppClient(socket)
    const reader = new FrameReader()
    this.#clients.set(socket, client)
    const patience = setTimeout(() => {
      if (!client.authenticated) socket.destroy()
    }, AUTHENTICATION_MS)
    socket.on('data', (chunk) => {
      const read = reader.push(chunk)
      if (read.kind === 'broken') {
        this.#options.counters.dropped('broken-frame')
        socket.destroy()
        return
      }
      for (const payload of read.frames) this.#onFrame(client, socket, payload)
    })
    // What went wrong does not matter: "close" follows and says that the client is gone.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(patience)
      this.#clients.delete(socket)
      if (client.authenticated) this.#options.onClientGone(client)
    })
  }

  #onFrame(client: AppClient, socket: Socket, payload: Buffer): void {
    if (payload.length > DRACHTIO_FRAME_BYTES) this.#options.counters.add('oversizedFrames')
    const frame = decodeAppFrame(payload)
    if (frame.kind === 'authenticate') {
      this.#authenticate(client, socket, frame.id, frame.secret)
      return
    }
    if (!client.authenticated) {
      socket.destroy()
      return
    }
    switch (frame.kind) {
      case 'ping':
        client.accept(frame.id, 'pong')
        return
      case 'route':
        this.#route(client, frame.id, frame.verb)
        return
      case 'remove-route':
        client.routes.delete(frame.verb)
        client.accept(frame.id)
        return
      case 'sip':
        this.#options.onSip(client, frame)
        return
      case 'unknown':
        client.refuse(frame.id, 'Unknown message type')
        return
      default:
        frame satisfies never
    }
  }

  #authenticate(client: AppClient, socket: Socket, frameId: string, given: string): void {
    const expected = Buffer.from(this.#options.secret)
    const offered = Buffer.from(given)
    if (offered.length === expected.length && timingSafeEqual(offered, expected)) {
      client.authenticated = true
      const { advertised, local } = this.#options.hostPorts
      client.accept(frameId, advertised, SERVER_VERSION, local)
      return
    }
    client.refuse(frameId, 'incorrect secret')
    socket.end()
  }

  /** Asked again for all of them after each new route: so nothing changes the second time. */
  #route(client: AppClient, frameId: string, verb: string): void {
    if (!KNOWN_METHODS.has(verb.toUpperCase()) && !CDR_VERBS.has(verb)) {
      client.refuse(frameId, 'Route request includes unsupported verb')
      return
    }
    client.routes.add(verb)
    client.accept(frameId)
  }
}
