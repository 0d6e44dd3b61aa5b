// A request of ours, ready to be sent, and the same over another transport.
import { createHash } from 'node:crypto'
import { randomToken } from '../random-token.ts'
import type { SipHeaders } from '../message/sip-headers.ts'
import { requestLine, serialize } from '../message/serialize-message.ts'
import { formatVia, MAGIC_COOKIE } from '../message/via.ts'
import type { Destination, Transport } from '../transport/transport.ts'

export interface OutboundRequest {
  readonly method: string
  readonly uri: string
  readonly branch: string
  readonly headers: SipHeaders
  readonly body: Buffer
  readonly bytes: Buffer
}

export const newBranch = (): string => `${MAGIC_COOKIE}${randomToken()}`

/**
 * Of an INVITE that goes there: as unguessable as its Call-ID and tag, and known again to a later run that has to call it
 * off and has only these (RFC 3261 §9.1).
 */
export function inviteBranch(headers: SipHeaders, { transport, peer }: Destination): string {
  const names = [headers.get('Call-ID'), headers.get('From'), headers.get('CSeq')]
  const place = [transport.protocol, peer.address, peer.port]
  const hash = createHash('sha256').update([...names, ...place].join('\n'), 'latin1')
  return `${MAGIC_COOKIE}${hash.digest('hex').slice(0, 32)}`
}

export const viaOf = ({ protocol, advertised }: Transport, branch: string): string =>
  formatVia(protocol, advertised.host, advertised.port, branch)

/** `headers` begin with the Via of this branch. */
export function outboundRequest(
  start: { readonly method: string; readonly uri: string; readonly branch: string },
  headers: SipHeaders,
  body: Buffer,
): OutboundRequest {
  const { method, uri, branch } = start
  const bytes = serialize(requestLine(method, uri), headers, body)
  return { method, uri, branch, headers, body, bytes }
}

/** Another server is another transaction: the Via names this transport and a new branch (RFC 3263 §4.3). */
export function overTransport(
  request: OutboundRequest,
  transport: Transport,
  branch = newBranch(),
): OutboundRequest {
  const headers = request.headers.copy().set('Via', viaOf(transport, branch))
  return outboundRequest({ ...request, branch }, headers, request.body)
}
