// Addresses inside SIP headers: name-addr, URI, Via (RFC 3261 §19.1, §20.10, §20.42; rport: RFC 3581).

export interface HostPort {
  readonly host: string
  readonly port: number
}
export interface Via extends HostPort {
  readonly branch: string
  /** True when the sender asks for the answer to go to the port it came from. */
  readonly rport: boolean
}

const SIP_PORT = 5060

/** The URI of `"Name" <sip:…>;tag=…` or of the bare form. */
export function uriOf(nameAddr: string): string {
  const bracketed = /<([^>]*)>/.exec(nameAddr)
  return bracketed ? (bracketed[1] ?? '') : (nameAddr.split(';')[0] ?? '').trim()
}

/** A header parameter, outside the angle brackets; undefined when absent. */
export function paramOf(nameAddr: string, name: string): string | undefined {
  const afterUri = nameAddr.includes('>') ? nameAddr.slice(nameAddr.indexOf('>') + 1) : nameAddr
  return new RegExp(`;\\s*${name}\\s*=\\s*([^;\\s]+)`, 'i').exec(afterUri)?.[1]
}

export const tagOf = (nameAddr: string): string => paramOf(nameAddr, 'tag') ?? ''

/** The user part of a URI: a number, mostly. */
export const userOf = (uri: string): string => /^sips?:([^@;>]+)@/i.exec(uri)?.[1] ?? ''

/** Where a URI leads; port 5060 unless it says otherwise. Undefined when it is no SIP URI. */
export function hostPortOf(uri: string): HostPort | undefined {
  const match = /^sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?>]+)(?::(\d+))?/i.exec(uri)
  if (!match?.[1]) return undefined
  return { host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2] ?? SIP_PORT) }
}

export function decodeVia(value: string): Via | undefined {
  const match = /^SIP\s*\/\s*2\.0\s*\/\s*\w+\s+(\[[^\]]+\]|[^:;\s]+)(?:\s*:\s*(\d+))?/i.exec(value)
  if (!match?.[1]) return undefined
  return {
    host: match[1].replace(/^\[|\]$/g, ''),
    port: Number(match[2] ?? SIP_PORT),
    branch: paramOf(value, 'branch') ?? '',
    rport: /;\s*rport\b/i.test(value),
  }
}

/** The top Via as a response carries it: with where the request really came from (RFC 3581 §4). */
export function viaWithSource(value: string, source: HostPort): string {
  const received = /;\s*received=/i.test(value) ? value : `${value};received=${source.host}`
  return received.replace(/;\s*rport\b(?!=)/i, `;rport=${source.port}`)
}
