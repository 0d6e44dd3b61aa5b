// Bytes of one datagram, or of one frame from the application, to a message (RFC 3261 §7, §18.3). Never throws.
import { canonicalHeaderName, splitIntoEntries } from './header-names.ts'
import { SipHeaders } from './sip-headers.ts'
import { EMPTY_BODY, type NotSip, type SipMessage } from './sip-message.ts'
import { splitOutsideQuotes } from './split-list.ts'

export interface ParseOptions {
  /** The application counts UTF-16 units: then everything after the blank line is the body. */
  readonly trustContentLength: boolean
}

const CR = 13
const LF = 10
const STATUS_LINE = /^SIP\/2\.0 +(\d{3})(?: +(.*))?$/
const HEADER_NAME = /^[\w\-.!%*+`'~]+$/

export function parseMessage(bytes: Buffer, options: ParseOptions): SipMessage | NotSip {
  let start = 0
  while (bytes[start] === CR || bytes[start] === LF) start += 1
  if (start >= bytes.length) return { kind: 'not-sip', reason: 'keep-alive' }
  const blankLine = bytes.indexOf('\r\n\r\n', start, 'latin1')
  const headEnd = blankLine === -1 ? bytes.length : blankLine
  const lines = unfold(bytes.toString('latin1', start, headEnd)).split('\r\n')
  const headers = new SipHeaders()
  const malformedLine = readHeaders(lines, headers)
  const rest = blankLine === -1 ? EMPTY_BODY : bytes.subarray(blankLine + 4)
  const { body, defect: bodyDefect } = options.trustContentLength
    ? measureBody(headers, rest)
    : { body: rest, defect: undefined }
  return readStartLine(lines[0] ?? '', headers, body, malformedLine ?? bodyDefect)
}

/** A header continues on the next line when that begins with a space or a tab (§7.3.1). */
const unfold = (head: string): string =>
  head.includes('\r\n ') || head.includes('\r\n\t') ? head.replace(/[ \t]*\r\n[ \t]+/g, ' ') : head

function readHeaders(lines: readonly string[], headers: SipHeaders): string | undefined {
  let defect: string | undefined
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const colon = line.indexOf(':')
    const written = colon === -1 ? '' : line.slice(0, colon).trimEnd()
    if (!HEADER_NAME.test(written)) {
      defect ??= 'Malformed Header Line'
      continue
    }
    addHeader(headers, canonicalHeaderName(written), line.slice(colon + 1).trim())
  }
  return defect
}

function addHeader(headers: SipHeaders, name: string, value: string): void {
  if (splitIntoEntries.has(name) && value.includes(',')) {
    for (const part of splitOutsideQuotes(value, ',') ?? [value]) headers.append(name, part)
  } else headers.append(name, value)
}

/** Over UDP a missing Content-Length means: to the end of the datagram; bytes behind the body are noise (§18.3). */
function measureBody(
  headers: SipHeaders,
  rest: Buffer,
): { body: Buffer; defect: string | undefined } {
  const written = headers.get('Content-Length')
  if (written === undefined) return { body: rest, defect: undefined }
  if (headers.count('Content-Length') > 1) return { body: rest, defect: 'Repeated Content-Length' }
  if (!/^\d{1,9}$/.test(written)) return { body: rest, defect: 'Malformed Content-Length' }
  const length = Number(written)
  if (length > rest.length) return { body: rest, defect: 'Content-Length Larger Than Message' }
  return { body: length === rest.length ? rest : rest.subarray(0, length), defect: undefined }
}

function readStartLine(
  line: string,
  headers: SipHeaders,
  body: Buffer,
  headDefect: string | undefined,
): SipMessage | NotSip {
  if (line.startsWith('SIP/')) {
    const match = STATUS_LINE.exec(line)
    if (match === null) return { kind: 'not-sip', reason: 'no-start-line' }
    const status = Number(match[1])
    const defect = headDefect ?? (status < 100 || status > 699 ? 'Status Out Of Range' : undefined)
    return { kind: 'response', status, reason: match[2] ?? '', headers, body, defect }
  }
  const trimmed = line.trimEnd()
  const first = trimmed.indexOf(' ')
  const last = trimmed.lastIndexOf(' ')
  const method = trimmed.slice(0, first)
  const version = trimmed.slice(last + 1)
  if (first === -1 || last === first || !HEADER_NAME.test(method) || !version.startsWith('SIP/')) {
    return { kind: 'not-sip', reason: 'no-start-line' }
  }
  const uri = trimmed.slice(first + 1, last)
  // The grammar has single spaces and nothing behind the version; §7.1 forbids any other white space.
  const strict = trimmed.length === line.length && !/\s/.test(uri)
  const defect = strict ? headDefect : 'Malformed Request Line'
  return { kind: 'request', method, uri, version, headers, body, defect }
}
