// Addresses with an optional display name, as in From, To, Contact and Route (RFC 3261 §20.10, §25.1).
import { parseParameters, type Parameters } from './parameters.ts'
import { splitOutsideQuotes } from './split-list.ts'
import { trimBlanks } from './white-space.ts'

export interface NameAddr {
  /** With its quotes, as written. */
  readonly display: string
  readonly uri: string
  readonly parameters: Parameters
}

const DISPLAY_TOKENS = /^[\w\-.!%*+`'~]+(?:\s+[\w\-.!%*+`'~]+)*$/
const DISPLAY_QUOTED = /^"(?:[^"\\]|\\.)*"$/s
/** All but quotes, angle brackets, commas and control characters; the bytes of UTF-8 among them. */
const DISPLAY_UNQUOTED = /^[\t !#-+\--;=?-~\x80-\xff]+$/
const ANY_URI = /^[a-z][a-z0-9+.-]*:[^\s<>"]+$/i

export function parseNameAddr(value: string): NameAddr | undefined {
  const open = openingBracket(value)
  return open === -1 ? parseBare(value) : parseBracketed(value, open)
}

/** Comma-separated addresses; `undefined` when one of them is malformed. */
export function parseNameAddrList(value: string): NameAddr[] | undefined {
  const addresses: NameAddr[] = []
  for (const part of splitOutsideQuotes(value, ',') ?? ['']) {
    const address = parseNameAddr(part)
    if (address === undefined) return undefined
    addresses.push(address)
  }
  return addresses
}

/**
 * One address or several, with the quotes that a display name beyond ASCII needs and some senders forget, as in
 * `Müller & Söhne <sip:…>`: drachtio-srf would take its first word for the address. What is wrong otherwise stays so.
 */
export function withQuotedDisplays(value: string): string {
  if (!value.includes('<')) return value
  const addresses = splitOutsideQuotes(value, ',') ?? []
  const quoted = addresses.map(withQuotedDisplay)
  return quoted.some((address, at) => address !== addresses[at]) ? quoted.join(', ') : value
}

function withQuotedDisplay(address: string): string {
  const open = address.indexOf('<')
  const display = open === -1 ? '' : trimBlanks(address.slice(0, open))
  if (DISPLAY_TOKENS.test(display) || !DISPLAY_UNQUOTED.test(display)) return address
  return `"${display.replaceAll('\\', '\\\\')}" ${address.slice(open)}`
}

export const tagOf = (value: string | undefined): string =>
  value === undefined ? '' : (parseNameAddr(value)?.parameters.get('tag') ?? '')

function openingBracket(value: string): number {
  if (!value.includes('"')) return value.indexOf('<')
  let quoted = false
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at]
    if (quoted && char === '\\') at += 1
    else if (char === '"') quoted = !quoted
    else if (char === '<' && !quoted) return at
  }
  return -1
}

function parseBracketed(value: string, open: number): NameAddr | undefined {
  const close = value.indexOf('>', open)
  if (close === -1) return undefined
  const display = value.slice(0, open).trim()
  if (display !== '' && !DISPLAY_TOKENS.test(display) && !DISPLAY_QUOTED.test(display))
    return undefined
  const uri = value.slice(open + 1, close)
  if (!ANY_URI.test(uri)) return undefined
  return withParameters(display, uri, value.slice(close + 1).trim())
}

/** Without brackets every parameter belongs to the header, and a URI with a comma or headers may not stand so (§20). */
function parseBare(value: string): NameAddr | undefined {
  const semicolon = value.indexOf(';')
  const uri = (semicolon === -1 ? value : value.slice(0, semicolon)).trim()
  if (!ANY_URI.test(uri) || uri.includes('?') || uri.includes(',')) return undefined
  return withParameters('', uri, semicolon === -1 ? '' : value.slice(semicolon))
}

function withParameters(display: string, uri: string, rest: string): NameAddr | undefined {
  if (rest !== '' && !rest.startsWith(';')) return undefined
  const parameters = parseParameters(rest.slice(1))
  return parameters === undefined ? undefined : { display, uri, parameters }
}
