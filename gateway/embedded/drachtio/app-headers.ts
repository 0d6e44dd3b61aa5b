// What an application may write into a message, and what the server adds (drachtio's rules).
import type { SipHeaders } from '../message/sip-headers.ts'
import { bracketed } from '../message/uri.ts'
import type { Transport } from '../transport/transport.ts'

export interface AppHeaders {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly callId: string | undefined
  readonly cseq: string | undefined
  readonly contact: string | undefined
  readonly contentType: string | undefined
  readonly maxForwards: string | undefined
  /** Everything else, in the application's order. */
  readonly others: readonly (readonly [name: string, value: string])[]
}

/** Set by the server alone. */
const IMMUTABLE: ReadonlySet<string> = new Set([
  'Via',
  'Route',
  'Record-Route',
  'RSeq',
  'Content-Length',
])
const PLACED: ReadonlySet<string> = new Set([
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Contact',
  'Content-Type',
  'Max-Forwards',
])

export function readAppHeaders(headers: SipHeaders, transport: Transport): AppHeaders {
  const { advertised } = transport
  const local = `@${bracketed(advertised.host)}:${advertised.port}`
  const withHost = (value: string): string => value.replace(/@localhost(?=[;>?,\s]|$)/g, local)
  const address = (name: string): string | undefined => {
    const value = headers.get(name)
    return value === undefined ? undefined : inBrackets(withHost(value))
  }
  const others: (readonly [string, string])[] = []
  headers.forEach((name, value) => {
    if (IMMUTABLE.has(name) || PLACED.has(name)) return
    others.push([name, name === 'P-Asserted-Identity' ? withHost(value) : value])
  })
  return {
    from: address('From'),
    to: address('To'),
    callId: headers.get('Call-ID'),
    cseq: headers.get('CSeq'),
    contact: contactOfApp(address('Contact'), local, transport),
    contentType: headers.get('Content-Type'),
    maxForwards: headers.get('Max-Forwards'),
    others,
  }
}

/** `sip:a@b;tag=1` becomes `<sip:a@b>;tag=1`: without brackets a parameter's owner would be in doubt. */
function inBrackets(value: string): string {
  if (value.includes('<') || value === '*' || value.includes(',')) return value
  const semicolon = value.indexOf(';')
  return semicolon === -1 ? `<${value}>` : `<${value.slice(0, semicolon)}>${value.slice(semicolon)}`
}

/** How the other side is to reach us: by the protocol we use with it, where that is not the default. */
const transportParameter = ({ protocol }: Transport): string =>
  protocol === 'udp' ? '' : `;transport=${protocol}`

export const contactOf = (transport: Transport): string => {
  const { host, port } = transport.advertised
  return `<sip:${bracketed(host)}:${port}${transportParameter(transport)}>`
}

/** A Contact at our own address gets our protocol; any other is the application's affair. */
function contactOfApp(
  contact: string | undefined,
  local: string,
  transport: Transport,
): string | undefined {
  if (contact?.includes(`${local}>`) !== true) return contact
  return contact.replace(`${local}>`, `${local}${transportParameter(transport)}>`)
}

export type BodyType =
  | { readonly kind: 'none' }
  | { readonly kind: 'typed'; readonly contentType: string }
  | { readonly kind: 'missing' }

/** SDP is recognised; any other body must be named. */
export function bodyType(body: Buffer, given: string | undefined): BodyType {
  if (body.length === 0) return { kind: 'none' }
  if (given !== undefined) return { kind: 'typed', contentType: given }
  return body.toString('latin1', 0, 3) === 'v=0'
    ? { kind: 'typed', contentType: 'application/sdp' }
    : { kind: 'missing' }
}
