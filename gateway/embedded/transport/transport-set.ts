// All transports of the server, and the choice among them for a destination.
import { isIPv4, isIPv6 } from 'node:net'
import type { Peer, SipProtocol, Transport } from './transport.ts'

const FAMILIES = [4, 6] as const

export class TransportSet {
  readonly #transports: readonly Transport[]

  constructor(transports: readonly Transport[]) {
    this.#transports = transports
  }

  get all(): readonly Transport[] {
    return this.#transports
  }

  /** The transport nearest to an address; `undefined` when none speaks the protocol to its family. */
  nearest(protocol: string, address: string): Transport | undefined {
    let best: Transport | undefined
    let bestScore = -1
    for (const transport of this.#transports) {
      if (transport.protocol !== protocol) continue
      const score = nearness(transport, address)
      if (score > bestScore) [best, bestScore] = [transport, score]
    }
    return best
  }

  /** The transport of another protocol nearest to where this one is. */
  sibling({ local, family }: Transport, protocol: SipProtocol): Transport | undefined {
    const able = this.#transports.filter(
      (other) => other.protocol === protocol && other.family === family,
    )
    return able.find((other) => other.local.host === local.host) ?? able[0]
  }

  /** The address families that one of the protocols is spoken to. */
  families(protocols: readonly SipProtocol[]): readonly (4 | 6)[] {
    const spoken = this.#transports.filter(({ protocol }) => protocols.includes(protocol))
    return FAMILIES.filter((family) => spoken.some((transport) => transport.family === family))
  }

  /** We ourselves, by that protocol. */
  isOwnAddress(protocol: SipProtocol, peer: Peer): boolean {
    return this.#transports.some(
      ({ protocol: spoken, local, advertised }) =>
        (spoken === protocol && local.host === peer.address && local.port === peer.port) ||
        (advertised.host === peer.address && advertised.port === peer.port),
    )
  }

  get connectionCount(): number {
    return this.#transports.reduce((sum, { connectionCount }) => sum + connectionCount, 0)
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()))
  }
}

function nearness(transport: Transport, host: string): number {
  const local = transport.local.host
  if ((isIPv4(host) && transport.family === 6) || (isIPv6(host) && transport.family === 4))
    return -1
  const toLoopback = host.startsWith('127.') || host === '::1'
  const onLoopback = local.startsWith('127.') || local === '::1'
  // The same octets in front mean the same network, roughly; loopback only reaches loopback.
  const shared = isIPv4(host) ? commonOctets(host, local) : 0
  return (toLoopback === onLoopback ? 10 : 0) + shared
}

function commonOctets(one: string, other: string): number {
  const left = one.split('.')
  const right = other.split('.')
  let count = 0
  while (count < 4 && left[count] === right[count]) count += 1
  return count
}
