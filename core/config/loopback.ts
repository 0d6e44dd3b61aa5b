// The host of an address, and which hosts never leave this machine. A name counts as beyond it, unless it is `localhost`.
export const isLoopback = (host: string): boolean => {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return /^127\.\d+\.\d+\.\d+$/.test(bare) || bare === '::1' || bare === 'localhost'
}
export const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::'

/** Of `host`, `host:port`, `[::1]:port`, a bare IPv6 address, and a SIP URI without a user; without brackets. */
export function hostOf(text: string): string {
  const place = text.replace(/^sips?:/i, '').replace(/;.*$/, '')
  const isBareIpv6 = !place.startsWith('[') && place.split(':').length > 2
  return (isBareIpv6 ? place : place.replace(/:\d+$/, '')).replace(/^\[|\]$/g, '')
}
