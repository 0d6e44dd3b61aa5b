// A request of ours, ready to be sent, and the same over another transport.
import { randomToken } from '../random-token.ts'
import type { SipHeaders } from '../message/sip-headers.ts'
import { requestLine, serialize } from '../message/serialize-message.ts'
import { formatVia, MAGIC_COOKIE } from '../message/via.ts'
import type { Transport } from '../transport/transport.ts'

export interface OutboundRequest {
  readonly method: string
  readonly uri: string
  readonly branch: string
  readonly headers: SipHeaders
  readonly body: Buffer
  readonly bytes: Buffer
}

export const newBranch = (): string => `${MAGIC_COOKIE}${randomToken()}`

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
export function overTransport(request: OutboundRequest, transport: Transport): OutboundRequest {
  const branch = newBranch()
  const headers = request.headers.copy().set('Via', viaOf(transport, branch))
  return outboundRequest({ ...request, branch }, headers, request.body)
}
