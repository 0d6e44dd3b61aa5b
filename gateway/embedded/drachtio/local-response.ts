// A failure nobody sent: a timeout is taken as a 408, an unreachable destination as a 503 (RFC 3261 §8.1.3.1).
import { serialize, statusLine } from '../message/serialize-message.ts'
import { SipHeaders } from '../message/sip-headers.ts'
import type { ClientFailure } from '../transaction/client-transaction.ts'
import type { OutboundRequest } from '../transaction/outbound-request.ts'
import { randomToken } from '../random-token.ts'

const COPIED = ['Via', 'From', 'To', 'Call-ID', 'CSeq'] as const

export function localResponse(request: OutboundRequest, failure: ClientFailure): Buffer {
  return failure.kind === 'timeout'
    ? localStatus(request, 408)
    : localStatus(request, 503, failure.why)
}

export function localStatus(
  { headers: sent }: OutboundRequest,
  status: number,
  reason?: string,
): Buffer {
  const headers = new SipHeaders()
  for (const name of COPIED) {
    const value = sent.get(name) ?? ''
    headers.append(
      name,
      name === 'To' && !/;\s*tag=/i.test(value) ? `${value};tag=${randomToken()}` : value,
    )
  }
  return serialize(statusLine(status, reason), headers)
}
