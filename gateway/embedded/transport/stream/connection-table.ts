// The live connections by the other side's address and port (RFC 3261 §18).
import { isIPv6, SocketAddress } from 'node:net'
import type { Connection } from './connection.ts'
import type { Peer } from '../transport.ts'

export class ConnectionTable {
  /** Nearly always one; several only for TLS, where each was verified for another domain. */
  readonly #byAddress = new Map<string, Connection[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(connection: Connection): void {
    const key = addressKey(connection.peer)
    const list = this.#byAddress.get(key)
    if (list === undefined) this.#byAddress.set(key, [connection])
    else list.push(connection)
    this.#size += 1
  }

  remove(connection: Connection): void {
    const key = addressKey(connection.peer)
    const list = this.#byAddress.get(key) ?? []
    const left = list.filter((other) => other !== connection)
    this.#size -= list.length - left.length
    if (left.length > 0) this.#byAddress.set(key, left)
    else this.#byAddress.delete(key)
  }

  /**
   * `verifiedFor`: only one whose certificate was checked for this name. Without it any that stands; of those that are
   * being opened none that may yet be found to lead to somebody else.
   */
  find(peer: Peer, verifiedFor?: string): Connection | undefined {
    const usable = this.at(peer).filter(({ isUsable }) => isUsable)
    if (verifiedFor !== undefined) return usable.find((one) => one.verifiedFor === verifiedFor)
    const sure = ({ verifiedFor: name }: Connection): boolean =>
      name === undefined || name === peer.address
    return usable.find(({ isOpen }) => isOpen) ?? usable.find(sure)
  }

  at(peer: Peer): readonly Connection[] {
    return this.#byAddress.get(addressKey(peer)) ?? []
  }

  all(): Connection[] {
    return [...this.#byAddress.values()].flat()
  }
}

/** IPv6 addresses are written in many ways, in messages too. */
function addressKey({ address, port }: Peer): string {
  if (!isIPv6(address)) return `${address}:${port}`
  return `[${new SocketAddress({ address, family: 'ipv6' }).address}]:${port}`
}
