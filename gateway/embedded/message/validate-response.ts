// What a response must look like to be used (RFC 3261 §8.1.3, §18.1.2). A bad one is dropped, never answered.
import { isContentReadable } from './readable-content.ts'
import { parseNameAddr } from './name-addr.ts'
import { parseCSeq, type CSeq, type SipResponse } from './sip-message.ts'
import { parseVia } from './via.ts'

export interface ResponseEssentials {
  readonly branch: string
  readonly cseq: CSeq
  readonly callId: string
  readonly fromTag: string
  readonly toTag: string
}

export type ResponseVerdict =
  | { readonly kind: 'valid'; readonly essentials: ResponseEssentials }
  | { readonly kind: 'dropped'; readonly reason: string }

const dropped = (reason: string): ResponseVerdict => ({ kind: 'dropped', reason })

export function validateResponse({ defect, headers, body }: SipResponse): ResponseVerdict {
  if (defect !== undefined || !isContentReadable(headers, body))
    return dropped('malformed-response')
  // This server puts on one Via and is nobody's proxy: a second one means the response is not for it (§8.1.3.3).
  if (headers.count('Via') !== 1) return dropped('response-via-count')
  const via = parseVia(headers.get('Via') ?? '')
  const cseq = parseCSeq(headers.get('CSeq'))
  const callId = headers.get('Call-ID')
  const from = parseNameAddr(headers.get('From') ?? '')
  const to = parseNameAddr(headers.get('To') ?? '')
  if (via === undefined || cseq === undefined || callId === undefined)
    return dropped('malformed-response')
  if (from === undefined || to === undefined) return dropped('malformed-response')
  const essentials = {
    branch: via.branch,
    cseq,
    callId,
    fromTag: from.parameters.get('tag') ?? '',
    toTag: to.parameters.get('tag') ?? '',
  }
  return { kind: 'valid', essentials }
}
