// SIP messages on the wire: parse and serialise (RFC 3261 §7, §20). Written apart from the product's own SIP code, so
// that a fault there is not repeated here.

export type HeaderLine = readonly [name: string, value: string]

interface MessageParts {
  /** Long names in lower case, in the order received. */
  readonly headers: readonly HeaderLine[]
  readonly body: Buffer
}
export interface SipRequest extends MessageParts {
  readonly kind: 'request'
  readonly method: string
  readonly uri: string
}
export interface SipResponse extends MessageParts {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
}
export interface MalformedMessage {
  readonly kind: 'malformed'
  readonly why: string
}
export type SipMessage = SipRequest | SipResponse

const COMPACT_NAMES: Readonly<Record<string, string>> = {
  c: 'content-type',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
}

/** One datagram as a message; never throws. */
export function decodeSip(datagram: Buffer): SipMessage | MalformedMessage {
  const headEnd = datagram.indexOf('\r\n\r\n')
  if (headEnd < 0) return { kind: 'malformed', why: 'no empty line after the header' }
  const head = datagram.toString('utf8', 0, headEnd).replace(/\r\n[ \t]+/g, ' ')
  const [startLine = '', ...lines] = head.split('\r\n')
  const headers: HeaderLine[] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) return { kind: 'malformed', why: 'a header line without a colon' }
    const name = line.slice(0, colon).trim().toLowerCase()
    headers.push([COMPACT_NAMES[name] ?? name, line.slice(colon + 1).trim()])
  }
  return withStartLine(startLine, { headers, body: datagram.subarray(headEnd + 4) })
}

function withStartLine(startLine: string, parts: MessageParts): SipMessage | MalformedMessage {
  const response = /^SIP\/2\.0 (\d{3}) (.*)$/.exec(startLine)
  if (response) {
    return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', ...parts }
  }
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(startLine)
  if (request) return { kind: 'request', method: request[1] ?? '', uri: request[2] ?? '', ...parts }
  return { kind: 'malformed', why: 'neither a request line nor a status line' }
}

/** Content-Length is written here and nowhere else. */
export function encodeSip(startLine: string, headers: readonly HeaderLine[], body = ''): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  return Buffer.from([startLine, ...lines, length, '', body].join('\r\n'))
}

/** The first value of a header, or an empty string. */
export const headerOf = (message: SipMessage, name: string): string =>
  message.headers.find(([candidate]) => candidate === name)?.[1] ?? ''

/** All values of a header that may be a list, over several lines or commas, in order. */
export const headerList = (message: SipMessage, name: string): string[] =>
  message.headers
    .filter(([candidate]) => candidate === name)
    .flatMap(([, value]) => splitList(value))

/** Splits at commas that stand neither in quotes nor in angle brackets. */
function splitList(value: string): string[] {
  return (value.match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+/g) ?? [])
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** `CSeq: 1 INVITE`; the number is NaN when it is unreadable. */
export function cseqOf(message: SipMessage): { readonly number: number; readonly method: string } {
  const match = /^(\d+)\s+([A-Z]+)$/.exec(headerOf(message, 'cseq'))
  return { number: match ? Number(match[1]) : Number.NaN, method: match?.[2] ?? '' }
}

/** The text of a message's first line, as the ladder shows it. */
export const startLineOf = (datagram: Buffer): string => {
  const end = datagram.indexOf('\r\n')
  return datagram.toString('utf8', 0, end < 0 ? datagram.length : end)
}
