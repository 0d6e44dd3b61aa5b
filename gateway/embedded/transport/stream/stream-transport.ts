// SIP over TCP and TLS (RFC 3261 §18, §26.2.1): one listening address, and the connections it accepts or opens.
import { connect, isIPv6, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import type { Counters } from '../../counters.ts'
import { guarded } from '../../fault-sink.ts'
import type { SipLimits, SipTimers, SipTls } from '../../server-options.ts'
import { Connection } from './connection.ts'
import type { ConnectionFailure } from './connection-failure.ts'
import type { ConnectionHost, ConnectionOptions } from './connection-host.ts'
import { ConnectionQuota, type InboundPlace } from './connection-quota.ts'
import { ConnectionTable } from './connection-table.ts'
import { openStreamListener, type StreamListener } from './stream-listener.ts'
import { clientTrust, serverTls, verifyAs } from './tls-trust.ts'
import {
  isReachable,
  type HostPort,
  type MessageListener,
  type Peer,
  type Transport,
} from '../transport.ts'

const DEFAULT_PORTS = { tcp: 5060, tls: 5061 } as const

export interface StreamTransportOptions {
  readonly protocol: 'tcp' | 'tls'
  readonly host: string
  readonly port: number
  readonly advertise: HostPort | undefined
  readonly onMessage: MessageListener
  /** A connection could not be opened, or no further one accepted. Never thrown at the caller. */
  readonly onError: (error: Error) => void
  readonly counters: Pick<Counters, 'dropped'>
  readonly timers: SipTimers
  readonly limits: Pick<
    SipLimits,
    'maxMessageBytes' | 'maxConnections' | 'maxConnectionsPerAddress'
  >
  readonly tls: SipTls
  /** To share its limits among several transports; without it each may take as much. */
  readonly quota?: ConnectionQuota
  /** How long a message may stay incomplete. Default 30 000. */
  readonly messageDeadlineMs?: number
}

export interface StreamTransport extends Transport {
  /** Those that stand or are being opened; inbound TLS ones after their handshake. */
  readonly connectionCount: number
}

/**
 * Rejects with the system's code (EADDRINUSE, EACCES, EADDRNOTAVAIL), or OpenSSL's for a certificate it cannot read.
 * TLS without a certificate only calls out: nothing listens, and `local` has the configured port, 5061 for 0.
 */
export async function openStreamTransport(
  options: StreamTransportOptions,
): Promise<StreamTransport> {
  const { protocol, host, port, limits } = options
  const quota =
    options.quota ?? new ConnectionQuota(limits.maxConnections, limits.maxConnectionsPerAddress)
  const certificate = protocol === 'tls' ? serverTls(options.tls) : undefined
  const trust = protocol === 'tls' ? clientTrust(options.tls) : undefined
  if (protocol === 'tls' && certificate === undefined) {
    const local = { host, port: port === 0 ? DEFAULT_PORTS.tls : port }
    return new TcpOrTlsTransport(options, { quota, trust, local })
  }
  const listener = await openStreamListener({
    host,
    port,
    tls: certificate,
    handshakeMs: options.timers.connectMs,
    quota,
    counters: options.counters,
    onError: options.onError,
  })
  return new TcpOrTlsTransport(options, { quota, trust, local: listener.local, listener })
}

interface StreamTransportParts {
  readonly quota: ConnectionQuota
  readonly trust: SecureContext | undefined
  readonly local: HostPort
  readonly listener?: StreamListener
}

class TcpOrTlsTransport implements StreamTransport {
  readonly protocol: 'tcp' | 'tls'
  readonly isReliable = true
  readonly local: HostPort
  readonly advertised: HostPort
  readonly family: 4 | 6
  readonly #options: StreamTransportOptions
  readonly #parts: StreamTransportParts
  readonly #table = new ConnectionTable()
  readonly #host: ConnectionHost
  #onEmpty: (() => void) | undefined
  #closed: Promise<void> | undefined

  constructor(options: StreamTransportOptions, parts: StreamTransportParts) {
    const { protocol, advertise, counters, timers, limits, messageDeadlineMs } = options
    this.#options = options
    this.#parts = parts
    this.protocol = protocol
    this.local = parts.local
    this.advertised =
      advertise === undefined
        ? parts.local
        : { host: advertise.host, port: advertise.port === 0 ? parts.local.port : advertise.port }
    this.family = isIPv6(options.host) ? 6 : 4
    this.#host = {
      counters,
      timers,
      unsent: parts.quota.unsent,
      maxMessageBytes: limits.maxMessageBytes,
      ...(messageDeadlineMs === undefined ? {} : { messageDeadlineMs }),
      onMessage: (bytes, { peer }, size) => options.onMessage(bytes, peer, this, size),
      onClosed: (connection, error) => this.#onClosed(connection, error),
    }
    parts.listener?.serve((socket, peer, place) => this.#accept(socket, peer, place))
  }

  get connectionCount(): number {
    return this.#table.size
  }

  send(bytes: Buffer, to: Peer, onFailed?: (why: string) => void): void {
    if (this.#closed !== undefined) return
    if (!isReachable(to, this.family)) {
      this.#options.onError(new Error('No address and port of this transport.'))
      failLater(onFailed, 'Network Unreachable')
      return
    }
    const domain = to.domain === undefined ? undefined : comparableName(to.domain)
    // Whoever names a domain trusts none but a connection verified for it; an answer goes back as it came.
    const reused = this.#table.find(to, this.protocol === 'tls' ? domain : undefined)
    if (reused !== undefined) reused.send(bytes, onFailed)
    else this.#open(bytes, to, domain ?? to.address, onFailed)
  }

  reply(bytes: Buffer, to: Peer, viaPort: number | undefined): void {
    const { address } = to
    const live = isReachable(to, this.family) ? this.#table.find(to) : undefined
    if (live !== undefined) live.send(bytes)
    else this.send(bytes, { address, port: viaPort ?? DEFAULT_PORTS[this.protocol] })
  }

  /** A refused connection is heard of by `onFailed`: there is nothing to ask for. */
  isConnected(peer: Peer): boolean {
    return this.#table.find(peer)?.isOpen === true
  }

  keep(peer: Peer): void {
    for (const connection of this.#table.at(peer)) connection.keep()
  }

  isRefused(): Promise<boolean> {
    return Promise.resolve(false)
  }

  /** `onFailed` of what was sent is not called any more: whoever closes a transport has ended its transactions. */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll()
    return this.#closed
  }

  #accept(socket: Socket, peer: Peer, place: InboundPlace): void {
    if (this.#closed !== undefined) socket.destroy()
    else this.#table.add(new Connection(this.#host, { socket, peer, place }))
  }

  async #closeAll(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      if (this.#table.size === 0) resolve()
      else this.#onEmpty = resolve
    })
    for (const connection of this.#table.all()) connection.destroy()
    await Promise.all([gone, this.#parts.listener?.close()])
  }

  #open(bytes: Buffer, to: Peer, name: string, onFailed?: (why: string) => void): void {
    const { quota } = this.#parts
    const exceeded = quota.takeOutbound()
    if (exceeded !== undefined) {
      this.#options.counters.dropped(exceeded)
      failLater(onFailed, 'Too Many Connections')
      return
    }
    let connection: Connection
    try {
      connection = new Connection(this.#host, this.#connect(to, name))
    } catch (error) {
      // Node throws at a name that cannot be put into a handshake, which a message may contain.
      quota.releaseOutbound()
      this.#options.onError(error instanceof Error ? error : new Error(String(error)))
      failLater(onFailed, 'Connection Failed')
      return
    }
    this.#table.add(connection)
    connection.send(bytes, onFailed)
  }

  /** Any port of our own address: the other side sees where we are, and may send its requests back that way. */
  #connect({ address, port }: Peer, name: string): ConnectionOptions {
    const { trust, local } = this.#parts
    const to = {
      host: address,
      port,
      ...(isWildcard(local.host) ? {} : { localAddress: local.host }),
    }
    const peer = { address, port }
    if (trust === undefined) return { socket: connect(to), peer, readyEvent: 'connect' }
    const socket = connectTls({ ...to, secureContext: trust, ...verifyAs(name) })
    return { socket, peer, readyEvent: 'secureConnect', verifiedFor: name }
  }

  #onClosed(connection: Connection, error: Error | undefined): void {
    this.#table.remove(connection)
    if (connection.isOutbound) this.#parts.quota.releaseOutbound()
    if (error !== undefined && this.#closed === undefined) this.#options.onError(error)
    if (this.#table.size === 0) this.#onEmpty?.()
  }
}

/** Never from within `send`: the caller has not even kept what it sent. */
function failLater(onFailed: ((why: string) => void) | undefined, why: ConnectionFailure): void {
  if (onFailed !== undefined) setImmediate(() => guarded(() => onFailed(why)))
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::'

const comparableName = (domain: string): string => domain.toLowerCase().replace(/\.$/, '')
