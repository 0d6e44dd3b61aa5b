// Responses to a request (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq come from the request.
import { createHash } from 'node:crypto'
import { tagOf } from '../message/name-addr.ts'
import { SipHeaders } from '../message/sip-headers.ts'
import { serialize, statusLine } from '../message/serialize-message.ts'
import type { SipRequest } from '../message/sip-message.ts'
import type { InboundRequest } from './inbound-request.ts'

const COPIED = ['From', 'To', 'Call-ID', 'CSeq'] as const

/** The headers every response to this request has; `toTag` is added unless the request had one. */
export function responseHeaders(request: SipRequest, toTag?: string): SipHeaders {
  const headers = new SipHeaders()
  for (const via of request.headers.getAll('Via')) headers.append('Via', via)
  for (const name of COPIED) {
    const value = request.headers.get(name)
    if (value === undefined) continue
    const tagged = name === 'To' && toTag !== undefined && tagOf(value) === ''
    headers.append(name, tagged ? `${value};tag=${toTag}` : value)
  }
  return headers
}

/** A tag that comes out the same for a retransmission, so that the server need not remember it (§8.2.7). */
const statelessTag = (request: SipRequest): string =>
  createHash('sha1')
    .update(`${request.headers.get('Via') ?? ''}|${request.headers.get('Call-ID') ?? ''}`)
    .digest('hex')
    .slice(0, 16)

export interface PlainResponse {
  readonly status: number
  readonly reason?: string
  readonly toTag?: string
  readonly extra?: readonly (readonly [name: string, value: string])[]
}

/** A response without a body, as the server sends of itself. */
export function plainResponse(request: SipRequest, response: PlainResponse): Buffer {
  const { status, reason, extra } = response
  const toTag = status === 100 ? undefined : (response.toTag ?? statelessTag(request))
  const headers = responseHeaders(request, toTag)
  for (const [name, value] of extra ?? []) headers.append(name, value)
  return serialize(statusLine(status, reason), headers)
}

export const reply = ({ transport, source, via }: InboundRequest, bytes: Buffer): void => {
  transport.reply(bytes, source, via.port)
}
