// Whether the application's own parser can read the content in reasonable time: drachtio-srf takes seconds for a long
// Content-Type of separators, and for a part of a multipart body whose header is mostly blanks.
import type { SipHeaders } from './sip-headers.ts'

/** RFC 2045 has nothing longer in use. */
const MAX_CONTENT_TYPE = 256
/** RFC 5322 §2.1.1. */
const MAX_LINE = 998
const MULTIPART = /^multipart\//i

export function isContentReadable(headers: SipHeaders, body: Buffer): boolean {
  const type = headers.get('Content-Type')
  if (type === undefined || body.length === 0) return (type?.length ?? 0) <= MAX_CONTENT_TYPE
  if (type.length > MAX_CONTENT_TYPE) return false
  return !MULTIPART.test(type) || hasReadableLines(body)
}

function hasReadableLines(body: Buffer): boolean {
  const text = body.toString('latin1')
  return !/[ \t]{64}/.test(text) && text.split('\n').every(({ length }) => length <= MAX_LINE)
}
