// SIP over UDP (RFC 3261 §18): one socket for each address, never a wildcard with a guessed Contact.
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { guarded } from '../fault-sink.ts'
import { probeUdpPort } from './probe-udp-port.ts'
import {
  isReachable,
  type HostPort,
  type MessageListener,
  type Peer,
  type Transport,
} from './transport.ts'

/** Enough for a burst of a few thousand messages while the thread is busy. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024

/** The system will say the same of each repetition. A full buffer is not among them: that passes. */
const NO_WAY_THERE: ReadonlySet<string> = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'EHOSTUNREACH',
  'EINVAL',
  'ENETDOWN',
  'ENETUNREACH',
  'EPERM',
])

export interface UdpTransportOptions {
  readonly host: string
  readonly port: number
  readonly advertise: HostPort | undefined
  readonly onMessage: MessageListener
  /** The socket could not send, or broke. Never thrown at the caller: SIP's own timers deal with the loss. */
  readonly onError: (error: Error) => void
}

/** Rejects with the system's code (EADDRINUSE, EACCES, EADDRNOTAVAIL). */
export async function openUdpTransport(options: UdpTransportOptions): Promise<Transport> {
  const family = isIPv6(options.host) ? 6 : 4
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    // Else [::] would take IPv4 too, and its callers would come as ::ffff:… addresses.
    ipv6Only: family === 6,
    recvBufferSize: SOCKET_BUFFER_BYTES,
    sendBufferSize: SOCKET_BUFFER_BYTES,
    // Destinations are resolved before they come here; skipping the look-up keeps a send synchronous.
    lookup: (host, _options, done) => {
      done(null, host, family)
    },
  })
  await bind(socket, options)
  const { address, port } = socket.address()
  return new UdpTransport(socket, { host: address, port }, family, options)
}

function bind(socket: Socket, { host, port }: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.close()
      reject(error)
    }
    socket.once('error', fail)
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', fail)
      resolve()
    })
  })
}

class UdpTransport implements Transport {
  readonly protocol = 'udp'
  readonly isReliable = false
  readonly connectionCount = 0
  readonly local: HostPort
  readonly advertised: HostPort
  readonly family: 4 | 6
  readonly #socket: Socket
  readonly #onError: (error: Error) => void
  #closed: Promise<void> | undefined

  constructor(socket: Socket, local: HostPort, family: 4 | 6, options: UdpTransportOptions) {
    this.#socket = socket
    this.local = local
    const { advertise } = options
    this.advertised =
      advertise === undefined
        ? local
        : { host: advertise.host, port: advertise.port === 0 ? local.port : advertise.port }
    this.family = family
    this.#onError = options.onError
    socket.on('error', this.#onError)
    socket.on('message', (bytes, from) => {
      options.onMessage(bytes, { address: from.address, port: from.port }, this)
    })
  }

  send(bytes: Buffer, to: Peer, onFailed?: (why: string) => void): void {
    if (this.#closed !== undefined) return
    const fail = (error: NodeJS.ErrnoException): void => {
      this.#onError(error)
      if (error.code === undefined || NO_WAY_THERE.has(error.code))
        onFailed?.('Network Unreachable')
    }
    if (!isReachable(to, this.family)) {
      setImmediate(() => guarded(() => fail(new Error('No address and port of this transport.'))))
      return
    }
    try {
      this.#socket.send(bytes, to.port, to.address, (error) => {
        if (error !== null) guarded(() => fail(error))
      })
    } catch (error) {
      this.#onError(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Answers go where the request came from, whatever its Via says (RFC 3581, also when rport was not asked for). */
  reply(bytes: Buffer, to: Peer): void {
    this.send(bytes, to)
  }

  isConnected(): boolean {
    return false
  }

  keep(): void {
    // There is no connection to keep.
  }

  isRefused(peer: Peer): Promise<boolean> {
    if (this.#closed !== undefined) return Promise.resolve(false)
    return isReachable(peer, this.family) ? probeUdpPort(peer, this.local) : Promise.resolve(true)
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#socket.close(() => {
        resolve()
      })
    })
    return this.#closed
  }
}
