// IP addresses and networks (`203.0.113.0/24`), both families; an IPv4 address mapped into IPv6 is the same one
// (RFC 4291 §2.5.5.2).
import { BlockList, isIP } from 'node:net'

interface Network {
  readonly address: string
  readonly family: 'ipv4' | 'ipv6'
  readonly prefixLength: number
}

export class NetworkSet {
  readonly #list = new BlockList()

  /** What cannot be read matches nobody. */
  constructor(networks: Iterable<string>) {
    for (const text of networks) {
      const network = decodeNetwork(text)
      if (network) this.#list.addSubnet(network.address, network.prefixLength, network.family)
    }
  }

  has(address: string): boolean {
    const plain = plainAddress(address)
    const family = isIP(plain)
    return family !== 0 && this.#list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
  }
}

/** One form for each address: lower case, the shortest, without a zone, and IPv4 where it is. Empty: it is none. */
export function plainAddress(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const family = isIP(bare)
  if (family !== 6) return family === 4 ? bare : ''
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(short) ?? []
  if (high === undefined || low === undefined) return short
  const groups = [high, low].map((group) => Number.parseInt(group, 16))
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join('.')
}

function decodeNetwork(text: string): Network | undefined {
  const [written = '', length] = text.split('/')
  const address = plainAddress(written)
  if (address === '' || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined
  const isV4 = isIP(address) === 4
  const bits = isV4 ? 32 : 128
  // The length of a mapped network counts the 96 bits before it.
  const mapped = isV4 && isIP(written) === 6 ? 96 : 0
  const prefixLength = length === undefined ? bits : Number(length) - mapped
  if (prefixLength < 0 || prefixLength > bits) return undefined
  return { address, family: isV4 ? 'ipv4' : 'ipv6', prefixLength }
}
