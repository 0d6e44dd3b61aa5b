// The host of an address, and which hosts never leave this machine. A name counts as beyond it, unless it is `localhost`.
export const isLoopback = (host: string): boolean => {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return /^127\.\d+\.\d+\.\d+$/.test(bare) || bare === '::1' || bare === 'localhost'
}
export const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::'

/** Of `host`, `host:port`, `[::1]:port` and a bare IPv6 address; without brackets. */
export const hostOf = (text: string): string =>
  (text.split(':').length > 2 && !text.startsWith('[') ? text : text.replace(/:\d+$/, '')).replace(
    /^\[|\]$/g,
    '',
  )
