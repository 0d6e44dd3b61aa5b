// The Via header (RFC 3261 §20.42), with received and rport (RFC 3581).
import { parseParameters, type Parameters } from './parameters.ts'
import { splitOutsideQuotes } from './split-list.ts'
import { bracketed } from './uri.ts'
import { trimBlanks } from './white-space.ts'

export interface Via {
  readonly protocol: string
  readonly host: string
  readonly port: number | undefined
  readonly parameters: Parameters
  /** Empty when absent, or when nothing follows the magic cookie: then matching falls back to RFC 2543. */
  readonly branch: string
}

export const MAGIC_COOKIE = 'z9hG4bK'

const VIA =
  /^SIP\s*\/\s*2\.0\s*\/\s*([\w\-.!%*+`'~]+)\s+(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?:\s*:\s*(\d{1,5}))?\s*(;[\s\S]*)?$/i

export function parseVia(value: string): Via | undefined {
  const match = VIA.exec(value)
  if (match === null) return undefined
  const parameters = parseParameters((match[4] ?? '').slice(1))
  if (parameters === undefined) return undefined
  const branch = parameters.get('branch') ?? ''
  return {
    protocol: (match[1] ?? '').toUpperCase(),
    host: match[2] ?? '',
    port: match[3] === undefined ? undefined : Number(match[3]),
    parameters,
    branch: branch.startsWith(MAGIC_COOKIE) && branch.length > MAGIC_COOKIE.length ? branch : '',
  }
}

/** The value with the address it really came from. A forged `received` or `rport` is replaced. */
export function viaWithSource(value: string, address: string, port: number): string {
  // Unbalanced quotes make it malformed anyway: the request will be refused.
  const parts = splitOutsideQuotes(value, ';') ?? [value]
  const bare = parts.filter((part, at) => at === 0 || !isSourceParameter(part)).join(';')
  return `${bare};rport=${port};received=${address}`
}

function isSourceParameter(part: string): boolean {
  const equals = part.indexOf('=')
  const name = trimBlanks(equals === -1 ? part : part.slice(0, equals)).toLowerCase()
  return name === 'rport' || name === 'received'
}

export const formatVia = (protocol: string, host: string, port: number, branch: string): string =>
  `SIP/2.0/${protocol.toUpperCase()} ${bracketed(host)}:${port};rport;branch=${branch}`
