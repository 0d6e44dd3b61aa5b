// Route sets (RFC 3261 §12.1) and the address to answer behind a NAT.
import { isIPv4 } from 'node:net'
import { parseNameAddrList } from '../message/name-addr.ts'
import type { SipHeaders } from '../message/sip-headers.ts'
import { parseUri } from '../message/uri.ts'
import type { Peer } from '../transport/transport.ts'

/** The URI of a route entry or of a bare target. */
export const uriInBrackets = (text: string): string => {
  const open = text.indexOf('<')
  return open === -1 ? text : text.slice(open + 1, text.indexOf('>', open))
}

/** A strict router (RFC 2543) has no `lr`; an empty set counts as loose. */
export function usesLooseRouting(routeSet: readonly string[]): boolean {
  const first = routeSet[0]
  return first === undefined || parseUri(uriInBrackets(first))?.parameters.has('lr') !== false
}

/** The URI of the first Contact; `undefined` when there is none that can be called. */
export function contactUri(headers: SipHeaders): string | undefined {
  const contact = headers.get('Contact')
  const uri = contact === undefined ? undefined : parseNameAddrList(contact)?.[0]?.uri
  return uri === undefined || parseUri(uri) === undefined ? undefined : uri
}

/** UAS side, as drachtio-server does: no Record-Route and a Contact that is not where the request came from. */
export function natPeerOfRequest(headers: SipHeaders, source: Peer): Peer | undefined {
  const [first] = headers.getAll('Record-Route')
  if (first !== undefined) return leadsNowhere(first) ? source : undefined
  return differs(contactUri(headers), source)
}

/** UAC side: a private first route, or a Contact that is missing or not where the response came from. */
export function natPeerOfResponse(
  routeSet: readonly string[],
  headers: SipHeaders,
  source: Peer,
): Peer | undefined {
  const first = routeSet[0]
  if (first === undefined) {
    const contact = contactUri(headers)
    return contact === undefined ? source : differs(contact, source)
  }
  if (leadsNowhere(first)) return source
  return isPrivateIPv4(parseUri(uriInBrackets(first))?.host ?? '') ? source : undefined
}

/** Nothing can be sent by such a route: the address the message came from is the only one left. */
const leadsNowhere = (route: string): boolean => parseUri(uriInBrackets(route)) === undefined

const differs = (uri: string | undefined, source: Peer): Peer | undefined =>
  uri === undefined || isAt(uri, source) ? undefined : source

/** Whether the URI names the address a message came from. */
export const isAt = (uri: string, { address }: Peer): boolean => parseUri(uri)?.host === address

/** RFC 1918. */
function isPrivateIPv4(host: string): boolean {
  if (!isIPv4(host)) return false
  const [first = 0, second = 0] = host.split('.').map(Number)
  return (
    first === 10 ||
    (first === 192 && second === 168) ||
    (first === 172 && second >= 16 && second < 32)
  )
}
