// Bytes of one datagram, or of one frame from the application, to a message (RFC 3261 §7, §18.3). Never throws.
import { canonicalHeaderName, splitIntoEntries } from './header-names.ts'
import { withQuotedDisplays } from './name-addr.ts'
import { SipHeaders } from './sip-headers.ts'
import { EMPTY_BODY, type NotSip, type SipMessage } from './sip-message.ts'
import { splitOutsideQuotes } from './split-list.ts'
import { trimBlanks, trimBlanksEnd } from './white-space.ts'

export interface ParseOptions {
  /** The application counts UTF-16 units: then everything after the blank line is the body. */
  readonly trustContentLength: boolean
  /** More header lines are a defect, and not read. */
  readonly maxHeaders?: number
}

const CR = 13
const LF = 10
const SPACE = 32
const TAB = 9
/** The reason phrase is what follows: one pattern for both would try each of many blanks as the border. */
const STATUS_CODE = /^SIP\/2\.0 +(\d{3})(?= |$)/
/** A reader that ends lines at a bare LF would find headers nobody checked; drachtio-srf takes a second for 15 kB of blanks. */
const UNSAFE_LINE = /[\r\n]|[ \t]{64}/
const UNSAFE_WHITE_SPACE = /[\r\n]|[ \t]{64,}/g
/** Those that drachtio-srf and we read. */
const HAS_DISPLAY: ReadonlySet<string> = new Set(['From', 'To', 'Contact'])
/** U+2028 and U+2029 in UTF-8: to drachtio-srf a reason phrase ends there, and the rest is no response. */
const LINE_SEPARATOR = /\xe2\x80[\xa8\xa9]/g
const HEADER_NAME = /^[\w\-.!%*+`'~]+$/

export function parseMessage(bytes: Buffer, options: ParseOptions): SipMessage | NotSip {
  let start = 0
  while (bytes[start] === CR || bytes[start] === LF) start += 1
  if (start >= bytes.length) return { kind: 'not-sip', reason: 'keep-alive' }
  const blankLine = bytes.indexOf('\r\n\r\n', start, 'latin1')
  const headEnd = blankLine === -1 ? bytes.length : blankLine
  const lines = unfoldedLines(bytes, start, headEnd)
  const headers = new SipHeaders()
  const malformedLine = readHeaders(lines, headers, options.maxHeaders ?? Number.MAX_SAFE_INTEGER)
  const rest = blankLine === -1 ? EMPTY_BODY : bytes.subarray(blankLine + 4)
  const { body, defect: bodyDefect } = options.trustContentLength
    ? measureBody(headers, rest)
    : { body: rest, defect: undefined }
  return readStartLine(lines[0] ?? '', headers, body, malformedLine ?? bodyDefect)
}

/**
 * A header continues on the next line when that begins with a space or a tab (§7.3.1). Each line is a string of its
 * own: a piece of a longer one, such as a Call-ID kept for the length of a call, would keep all of it in memory.
 */
function unfoldedLines(bytes: Buffer, start: number, headEnd: number): string[] {
  const lines: string[] = []
  let folded: string[] = []
  for (let from = start; from <= headEnd;) {
    const lineBreak = bytes.indexOf('\r\n', from, 'latin1')
    const end = lineBreak === -1 || lineBreak > headEnd ? headEnd : lineBreak
    const line = bytes.toString('latin1', from, end)
    const continues = lines.length > 0 && (bytes[from] === SPACE || bytes[from] === TAB)
    if (continues && end > from) folded.push(line)
    else {
      joinFolded(lines, folded)
      folded = []
      lines.push(line)
    }
    from = end + 2
  }
  joinFolded(lines, folded)
  return lines
}

/** All continuations at once: one by one, a header folded a thousand times would be copied a thousand times. */
function joinFolded(lines: string[], folded: readonly string[]): void {
  if (folded.length === 0) return
  const first = lines.pop() ?? ''
  lines.push([trimBlanksEnd(first), ...folded.map(trimBlanks)].join(' '))
}

function readHeaders(
  lines: readonly string[],
  headers: SipHeaders,
  maxHeaders: number,
): string | undefined {
  let defect: string | undefined
  for (let at = 1; at < lines.length; at += 1) {
    if (at > maxHeaders) return 'Too Many Header Lines'
    const raw = lines[at] ?? ''
    if (raw === '') continue
    if (UNSAFE_LINE.test(raw)) defect ??= 'Malformed Header Line'
    const line = raw.replaceAll(UNSAFE_WHITE_SPACE, ' ')
    const colon = line.indexOf(':')
    const written = colon === -1 ? '' : trimBlanksEnd(line.slice(0, colon))
    if (!HEADER_NAME.test(written)) {
      defect ??= 'Malformed Header Line'
      continue
    }
    addHeader(headers, canonicalHeaderName(written), trimBlanks(line.slice(colon + 1)))
  }
  return defect
}

function addHeader(headers: SipHeaders, name: string, value: string): void {
  if (splitIntoEntries.has(name) && value.includes(',')) {
    for (const part of splitOutsideQuotes(value, ',') ?? [value]) headers.append(name, part)
  } else headers.append(name, HAS_DISPLAY.has(name) ? withQuotedDisplays(value) : value)
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
  // drachtio-srf cannot read such a line, and its call would never hear of the response.
  if (/[\r\n]/.test(line)) return { kind: 'not-sip', reason: 'no-start-line' }
  if (line.startsWith('SIP/')) {
    const match = STATUS_CODE.exec(line)
    if (match === null) return { kind: 'not-sip', reason: 'no-start-line' }
    const status = Number(match[1])
    const reason = trimBlanks(line.slice(match[0].length)).replaceAll(LINE_SEPARATOR, ' ')
    const defect = headDefect ?? (status < 100 || status > 699 ? 'Status Out Of Range' : undefined)
    return { kind: 'response', status, reason, headers, body, defect }
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
  const strict = trimmed.length === line.length && /^[\x21-\x7e]+$/.test(uri)
  const defect = strict ? headDefect : 'Malformed Request Line'
  return { kind: 'request', method, uri, version, headers, body, defect }
}
