// Whether an address belongs to the public internet (IANA special-purpose registries, by ipaddr.js): all that leads to
// this machine, its network, its cloud's metadata, or into IPv4 by a side door, does not.
import ipaddr from 'ipaddr.js'

/** Global unicast (RFC 4291 §2.4): what ipaddr.js has no name for lies outside of it. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** @param text an IPv4 or IPv6 address, IPv4 within IPv6 too */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  // Unwraps ::ffff:127.0.0.1.
  const address = ipaddr.process(text)
  if (address.range() !== 'unicast') return false
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST)
}

export function isLoopbackAddress(text: string): boolean {
  return ipaddr.isValid(text) && ipaddr.process(text).range() === 'loopback'
}
