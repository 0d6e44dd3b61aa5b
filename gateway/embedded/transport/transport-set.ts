// All transports of the server, and the choice among them for a destination.
import { lookup } from 'node:dns/promises'
import { isIP, isIPv4, isIPv6 } from 'node:net'
import type { SipUri } from '../message/uri.ts'
import type { Peer, Transport } from './transport.ts'

const DEFAULT_PORT = 5060

export class TransportSet {
  readonly #transports: readonly Transport[]

  constructor(transports: readonly Transport[]) {
    this.#transports = transports
  }

  get all(): readonly Transport[] {
    return this.#transports
  }

  /** The transport nearest to the destination; `undefined` when none speaks its protocol or address family. */
  choose(uri: SipUri): Transport | undefined {
    const protocol =
      uri.scheme === 'sips' ? 'tls' : (uri.parameters.get('transport') ?? 'udp').toLowerCase()
    const host = uri.parameters.get('maddr') ?? uri.host
    let best: Transport | undefined
    let bestScore = -1
    for (const transport of this.#transports) {
      if (transport.protocol !== protocol) continue
      const score = nearness(transport, host)
      if (score > bestScore) [best, bestScore] = [transport, score]
    }
    return best
  }

  isOwnAddress(peer: Peer): boolean {
    return this.#transports.some(
      ({ local, advertised }) =>
        (local.host === peer.address && local.port === peer.port) ||
        (advertised.host === peer.address && advertised.port === peer.port),
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()))
  }
}

/** An address as it stands, without asking anybody; `undefined` for a host name. */
export function literalPeer(uri: SipUri): Peer | undefined {
  const host = uri.parameters.get('maddr') ?? uri.host
  return isIP(host) === 0 ? undefined : { address: host, port: uri.port ?? DEFAULT_PORT }
}

/** One A or AAAA look-up. NAPTR and SRV (RFC 3263) are not built yet. */
export async function resolvePeer(uri: SipUri, family: 4 | 6): Promise<Peer> {
  const host = uri.parameters.get('maddr') ?? uri.host
  // The system takes an empty name for this machine.
  if (host === '') throw new Error('A URI without a host leads nowhere.')
  const { address } = await lookup(host, { family })
  return { address, port: uri.port ?? DEFAULT_PORT }
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
