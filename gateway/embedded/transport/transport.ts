// What the layers above see of a transport. UDP today; TCP and TLS become further implementations.

export interface Peer {
  readonly address: string
  readonly port: number
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

export interface Transport {
  readonly protocol: 'udp'
  /** Really bound. */
  readonly local: HostPort
  /** What others are told: the public address when there is one, else `local`. */
  readonly advertised: HostPort
  readonly family: 4 | 6
  send(bytes: Buffer, to: Peer): void
  /** Resolves `true` once the system reports that nobody listens there; `false` when nothing was reported. */
  isRefused(peer: Peer): Promise<boolean>
  close(): Promise<void>
}

export type MessageListener = (bytes: Buffer, from: Peer, transport: Transport) => void
