// Accepts TCP connections, counts them, and brings TLS ones through their handshake.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Server as TlsServer } from 'node:tls'
import type { Counters } from '../../counters.ts'
import { guarded } from '../../fault-sink.ts'
import { certifiedNames } from './certified-names.ts'
import type { ConnectionQuota, InboundPlace } from './connection-quota.ts'
import type { CreateTlsServer } from './tls-trust.ts'
import type { HostPort, Peer } from '../transport.ts'

type OnSocket = (socket: Socket, peer: Peer, place: InboundPlace) => void

interface Accepted {
  readonly peer: Peer
  readonly place: InboundPlace
}

interface StreamListenerOptions {
  readonly host: string
  readonly port: number
  /** For TLS. */
  readonly tls: CreateTlsServer | undefined
  readonly handshakeMs: number
  readonly quota: ConnectionQuota
  readonly counters: Pick<Counters, 'dropped'>
  readonly onError: (error: Error) => void
}

/** Rejects with the system's code (EADDRINUSE, EACCES, EADDRNOTAVAIL). */
export async function openStreamListener(options: StreamListenerOptions): Promise<StreamListener> {
  const server = createServer()
  const listener = new StreamListener(server, options)
  await listen(server, options)
  server.on('error', options.onError)
  return listener
}

function listen(server: Server, { host, port }: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // One family a socket, as with UDP: a mapped IPv4 address would never match what a Via says.
    server.listen({ host, port, exclusive: true, ipv6Only: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

export class StreamListener {
  readonly #server: Server
  readonly #options: StreamListenerOptions
  /** Accepted and not yet gone, during the handshake too. */
  readonly #accepted = new Set<Socket>()
  /** Of TLS connections during their handshake: what comes out of it is another socket. */
  readonly #places = new Map<string, InboundPlace>()

  constructor(server: Server, options: StreamListenerOptions) {
    this.#server = server
    this.#options = options
  }

  /** To be called in the turn in which it was opened: no connection is accepted before the next one. */
  serve(onSocket: OnSocket): void {
    const { tls } = this.#options
    const tlsServer = tls === undefined ? undefined : this.#createTlsServer(tls, onSocket)
    this.#server.on('connection', (socket) =>
      guarded(() => {
        const accepted = this.#accept(socket)
        if (accepted === undefined) socket.destroy()
        else if (tlsServer === undefined) onSocket(socket, accepted.peer, accepted.place)
        else this.#shakeHands(tlsServer, socket, accepted)
      }),
    )
  }

  get local(): HostPort {
    const { address, port } = this.#server.address() as AddressInfo
    return { host: address, port }
  }

  /** Destroys what was accepted; resolves when all of it is gone. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const socket of this.#accepted) socket.destroy()
    })
  }

  /** Who it is; `undefined` when the connection is not wanted. */
  #accept(socket: Socket): Accepted | undefined {
    const { remoteAddress: address, remotePort: port } = socket
    socket.on('error', () => {
      // Its 'close' follows, and that is all there is to say about a stranger's connection.
    })
    // Gone again already.
    if (address === undefined || port === undefined) return undefined
    const { quota, counters } = this.#options
    const place = quota.takeInbound(address, () => {
      counters.dropped('connection-displaced')
      socket.destroy()
    })
    if (typeof place === 'string') {
      counters.dropped(place)
      return undefined
    }
    this.#accepted.add(socket)
    socket.once('close', () => {
      this.#accepted.delete(socket)
      place.release()
    })
    return { peer: { address, port }, place }
  }

  #shakeHands(tlsServer: TlsServer, socket: Socket, { peer, place }: Accepted): void {
    const key = peerKey(peer)
    this.#places.set(key, place)
    socket.once('close', () => {
      if (this.#places.get(key) === place) this.#places.delete(key)
    })
    // The documented way to give a TLS server a connection that it did not accept itself.
    tlsServer.emit('connection', socket)
  }

  /** Only shakes hands: what listens, and counts, is the plain server. */
  #createTlsServer(create: CreateTlsServer, onSocket: OnSocket): TlsServer {
    const { counters, handshakeMs } = this.#options
    const server = create({ handshakeTimeout: handshakeMs })
    server.on('secureConnection', (socket) => {
      const { remoteAddress: address, remotePort: port } = socket
      if (address === undefined || port === undefined) {
        socket.destroy()
        return
      }
      const tlsNames = certifiedNames(socket)
      const peer = { address, port, ...(tlsNames && { tlsNames }) }
      const place = this.#places.get(peerKey(peer))
      if (place === undefined) socket.destroy()
      else guarded(() => onSocket(socket, peer, place))
    })
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      const late = error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT'
      counters.dropped(late ? 'tls-handshake-timeout' : 'tls-handshake-failed')
      socket.destroy()
    })
    return server
  }
}

const peerKey = ({ address, port }: Peer): string => `${address} ${port}`
