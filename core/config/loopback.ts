// The host of an address, and which hosts never leave this machine. A name counts as beyond it, unless it is `localhost`.
import { BlockList, isIP } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** An IPv6 address may stand in brackets; an IPv4 address may be written as IPv6, as two-family sockets do. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  const family = isIP(bare)
  if (family === 0) return bare === 'localhost'
  return LOOPBACK.check(bare, family === 6 ? 'ipv6' : 'ipv4')
}
export const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::'

/** Of `host`, `host:port`, `[::1]:port`, a bare IPv6 address, and a SIP URI without a user; without brackets. */
export function hostOf(text: string): string {
  const place = text.replace(/^sips?:/i, '').replace(/;.*$/, '')
  const isBareIpv6 = !place.startsWith('[') && place.split(':').length > 2
  return (isBareIpv6 ? place : place.replace(/:\d+$/, '')).replace(/^\[|\]$/g, '')
}
