// What the layers above see of a transport. UDP today; TCP and TLS become further implementations.
import { isIP } from 'node:net'

const MAX_PORT = 65_535

export interface Peer {
  readonly address: string
  readonly port: number
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** A real address of this family and a real port: port 0 and an empty host come in messages and lead nowhere. */
export const isReachable = ({ address, port }: Peer, family: 4 | 6): boolean =>
  isIP(address) === family && Number.isInteger(port) && port > 0 && port <= MAX_PORT

export interface Transport {
  readonly protocol: 'udp'
  /** Really bound. */
  readonly local: HostPort
  /** What others are told: the public address when there is one, else `local`. */
  readonly advertised: HostPort
  readonly family: 4 | 6
  /** Never throws: what cannot be sent is lost, as in the network. */
  send(bytes: Buffer, to: Peer): void
  /** Resolves `true` once the system reports that nobody listens there; `false` when nothing was reported. */
  isRefused(peer: Peer): Promise<boolean>
  close(): Promise<void>
}

export type MessageListener = (bytes: Buffer, from: Peer, transport: Transport) => void
