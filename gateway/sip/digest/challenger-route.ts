// Where a request goes that is repeated with credentials.
import { isIP, isIPv6 } from 'node:net'

export interface Challenger {
  /** Empty when our own SIP server made the response. */
  readonly source_address?: string
  readonly source_port?: number
  readonly protocol?: string
}

/**
 * The server that challenged, when the next hop was a name: looked up again, the name may lead to another one, which
 * never gave that nonce. `undefined`: where the first request went will do.
 */
export function challengerRoute(
  requestUri: string,
  { source_address: address = '', source_port: port, protocol }: Challenger,
): string | undefined {
  const [, scheme, host = ''] = SIP_URI.exec(requestUri) ?? []
  // With TLS the certificate names the host: an address in its place would not be believed.
  if (scheme?.toLowerCase() !== 'sip' || protocol === 'tls') return undefined
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || isIP(address) === 0 || port === undefined)
    return undefined
  const transport = protocol === undefined || protocol === '' ? '' : `;transport=${protocol}`
  return `sip:${isIPv6(address) ? `[${address}]` : address}:${port}${transport}`
}

const SIP_URI = /^(sips?):(?:[^@]*@)?(\[[^\]]*\]|[^:;?>]*)/i
