// What the layers above see of a transport: UDP (udp-transport.ts), TCP and TLS (stream-transport.ts).
import { isIP } from 'node:net'

const MAX_PORT = 65_535

export type SipProtocol = 'udp' | 'tcp' | 'tls'

export interface Peer {
  readonly address: string
  readonly port: number
  /** The domain of the URI it was found by: whom a TLS certificate must be for (RFC 5922 §7.3). */
  readonly domain?: string
  /** What the verified certificate of a connection that it opened says of it. */
  readonly tlsNames?: readonly string[]
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** A real address of this family and a real port: port 0 and an empty host come in messages and lead nowhere. */
export const isReachable = ({ address, port }: Peer, family: 4 | 6): boolean =>
  isIP(address) === family && Number.isInteger(port) && port > 0 && port <= MAX_PORT

export interface Transport {
  readonly protocol: SipProtocol
  /** Over a reliable transport nothing but the 2xx of an INVITE is repeated (RFC 3261 §17). */
  readonly isReliable: boolean
  /** Really bound. */
  readonly local: HostPort
  /** What others are told: the public address when there is one, else `local`. */
  readonly advertised: HostPort
  readonly family: 4 | 6
  /** Those that stand now; none over UDP. */
  readonly connectionCount: number
  /**
   * Sends a request, over the connection there is or a new one. Never throws: what cannot be sent is lost, as in the
   * network. `onFailed` is called at most once, when the system lets one know: the connection was refused, timed out, is
   * not trusted, or broke; over UDP, that there is no way there. Its words are a reason phrase: no address, no name.
   */
  send(bytes: Buffer, to: Peer, onFailed?: (why: string) => void): void
  /** Answers by the way the request came; when that connection broke, by a new one to its Via (RFC 3261 §18.2.2). */
  reply(bytes: Buffer, to: Peer, viaPort: number | undefined): void
  /** A connection to that address and port stands. Never over UDP. */
  isConnected(peer: Peer): boolean
  /**
   * The connection to that address and port carries a dialog or a registration, or what we asked over it was answered:
   * it is kept for `idleMs`, and no newcomer displaces it. For nothing over UDP.
   */
  keep(peer: Peer): void
  /** UDP: resolves `true` once the system reports that nobody listens there; `false` when nothing was reported. */
  isRefused(peer: Peer): Promise<boolean>
  close(): Promise<void>
}

/** Bytes that are, or claim to be, one message. `too-large`: the head alone, of one that is not read to its end. */
export type MessageListener = (
  bytes: Buffer,
  from: Peer,
  transport: Transport,
  size?: 'too-large',
) => void

/** Where a request goes, and by what. */
export interface Destination {
  readonly transport: Transport
  readonly peer: Peer
}
