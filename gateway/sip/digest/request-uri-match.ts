// Whether credentials were made for this Request-URI (RFC 7616 §3.4.6), as far as it survives real phones and proxies.

interface Target {
  readonly user: string
  readonly host: string
}

/**
 * Port, parameters, password and `sips` do not count: phones leave them out, and proxies add them. Nor does a user that
 * the credentials do not name: some phones always write `sip:domain`.
 */
export function isForRequestUri(credentialsUri: string, requestUri: string): boolean {
  if (credentialsUri === requestUri) return true
  const claimed = targetOf(credentialsUri)
  const actual = targetOf(requestUri)
  if (!claimed || !actual || claimed.host !== actual.host) return false
  return claimed.user === '' || claimed.user === actual.user
}

const SIP_URI = /^sips?:(?:([^@:]*)(?::[^@]*)?@)?(\[[^\]]*\]|[^:;?@]+)/i

function targetOf(uri: string): Target | undefined {
  const [, user = '', host] = SIP_URI.exec(uri) ?? []
  return host === undefined ? undefined : { user, host: host.toLowerCase() }
}
