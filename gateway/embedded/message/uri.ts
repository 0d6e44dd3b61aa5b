// SIP URIs (RFC 3261 §19.1). Only what routing needs is taken apart; the text itself is passed on unchanged.

export interface SipUri {
  readonly scheme: 'sip' | 'sips' | 'tel'
  readonly user: string | undefined
  /** IPv6 without its brackets. Empty for tel. */
  readonly host: string
  readonly port: number | undefined
  readonly parameters: ReadonlyMap<string, string>
  /** What follows the question mark. */
  readonly headers: string | undefined
}

const SCHEME = /^([a-z][a-z0-9+.-]*):/i
const HOST_PORT = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_](?:[a-z0-9._-]*[a-z0-9_.])?))(?::(\d{1,5}))?$/i
const FORBIDDEN = /[\s<>"]/

export const schemeOf = (text: string): string | undefined => SCHEME.exec(text)?.[1]?.toLowerCase()

export function parseUri(text: string): SipUri | undefined {
  // The grammar has neither blanks nor anything beyond ASCII; it will stand in a request line.
  if (/[^\x21-\x7e]/.test(text)) return undefined
  const scheme = schemeOf(text)
  if (FORBIDDEN.test(text)) return undefined
  if (scheme === 'tel') {
    return {
      scheme,
      user: text.slice(4),
      host: '',
      port: undefined,
      parameters: new Map(),
      headers: undefined,
    }
  }
  if (scheme !== 'sip' && scheme !== 'sips') return undefined
  const rest = text.slice(scheme.length + 1)
  // A user part may hold semicolons, colons and question marks, but neither parameters nor headers hold an "at".
  const at = rest.indexOf('@')
  const user = at === -1 ? undefined : rest.slice(0, at)
  if (user === '') return undefined
  return parseHostPart(scheme, user, rest.slice(at + 1))
}

function parseHostPart(
  scheme: 'sip' | 'sips',
  user: string | undefined,
  text: string,
): SipUri | undefined {
  const question = text.indexOf('?')
  const beforeHeaders = question === -1 ? text : text.slice(0, question)
  const semicolon = beforeHeaders.indexOf(';')
  const match = HOST_PORT.exec(semicolon === -1 ? beforeHeaders : beforeHeaders.slice(0, semicolon))
  if (match === null) return undefined
  const port = match[3] === undefined ? undefined : Number(match[3])
  if (port !== undefined && (port === 0 || port > 65_535)) return undefined
  return {
    scheme,
    user,
    host: match[1] ?? match[2] ?? '',
    port,
    parameters: parseUriParameters(semicolon === -1 ? '' : beforeHeaders.slice(semicolon + 1)),
    headers: question === -1 ? undefined : text.slice(question + 1),
  }
}

function parseUriParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  if (text === '') return parameters
  for (const part of text.split(';')) {
    const equals = part.indexOf('=')
    if (equals === -1) parameters.set(part.toLowerCase(), '')
    else parameters.set(part.slice(0, equals).toLowerCase(), part.slice(equals + 1))
  }
  return parameters
}

/** A host as it stands in a URI: IPv6 gets its brackets. */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)
