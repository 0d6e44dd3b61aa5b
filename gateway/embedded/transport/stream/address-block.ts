// Whom a limit for one address counts together: an IPv6 customer has a whole /64 (RFC 4291 §2.5.4), so it counts as one.
import { isIPv6 } from 'node:net'

const GROUPS = 8
const GROUPS_OF_64_BITS = 4

export function addressBlock(address: string): string {
  // A mapped IPv4 address (RFC 4291 §2.5.5.2) stands for itself: all of them share one /64.
  if (!isIPv6(address) || address.includes('.')) return address
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::')
  const groups = [...groupsOf(head)]
  if (tail !== undefined) {
    const last = groupsOf(tail)
    while (groups.length + last.length < GROUPS) groups.push(0)
    groups.push(...last)
  }
  const prefix = groups.slice(0, GROUPS_OF_64_BITS).map((group) => group.toString(16))
  return `${prefix.join(':')}::/64`
}

const groupsOf = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
