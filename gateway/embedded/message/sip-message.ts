// A SIP message in memory (RFC 3261 §7). Text is kept as latin1, one character a byte, so that every byte,
// UTF-8 or not, leaves as it came and a string's length is its length in bytes.
import type { SipHeaders } from './sip-headers.ts'

export interface SipRequest {
  readonly kind: 'request'
  readonly method: string
  readonly uri: string
  readonly version: string
  readonly headers: SipHeaders
  readonly body: Buffer
  /** What is wrong with the message although it could be read; a request is refused with 400, a response dropped. */
  readonly defect: string | undefined
}

export interface SipResponse {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
  readonly headers: SipHeaders
  readonly body: Buffer
  readonly defect: string | undefined
}

export type SipMessage = SipRequest | SipResponse

/** Bytes that are no SIP message at all: a keep-alive, or noise. Nothing is answered. */
export interface NotSip {
  readonly kind: 'not-sip'
  readonly reason: 'keep-alive' | 'no-start-line' | 'bad-header-line'
}

export interface CSeq {
  readonly seq: number
  readonly method: string
}

const CSEQ = /^(\d{1,10})[ \t]+(\S+)$/
const MAX_CSEQ = 2 ** 31

/** RFC 3261 §8.1.1.5: the sequence number is below 2^31. */
export function parseCSeq(value: string | undefined): CSeq | undefined {
  const match = value === undefined ? null : CSEQ.exec(value)
  if (match === null) return undefined
  const seq = Number(match[1])
  return seq < MAX_CSEQ ? { seq, method: match[2] ?? '' } : undefined
}

/** The tokens of a comma-separated header such as Require or Supported, as written. */
export function tokensOf(headers: SipHeaders, name: string): string[] {
  return headers
    .getAll(name)
    .flatMap((value) => value.split(','))
    .map((token) => token.trim())
    .filter((token) => token !== '')
}

/** Option tags compare without regard to case. */
export const hasToken = (headers: SipHeaders, name: string, token: string): boolean =>
  tokensOf(headers, name).some((other) => other.toLowerCase() === token)

export const EMPTY_BODY = Buffer.alloc(0)
