// Kinds of settings that SIP brings: where to listen, and the URI of a proxy.
import { isIP } from 'node:net'
import type { SipProtocol } from '../contracts/index.ts'
import type { Setting } from './setting.ts'

export interface SipListenAddress {
  readonly protocol: SipProtocol
  readonly host: string
  readonly port: number
}

/** `udp:127.0.0.1:5060`, IPv6 in brackets. */
export const sipListen = (): Setting<SipListenAddress> => ({
  kind: 'udp | tcp | tls:address:port',
  parse: (value) => {
    const match = /^(udp|tcp|tls):(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(value)
    const [, protocol, host = '', port] = match ?? []
    if (protocol === undefined || Number(port) > 65535)
      return { problem: 'must look like udp:127.0.0.1:5060, tcp:127.0.0.1:5060 or tls:…' }
    const address = host.replace(/^\[|\]$/g, '')
    if (isIP(address) === 0) return { problem: 'must name an IP address, not a host name' }
    const listen = { protocol: protocol as SipProtocol, host: canonical(address) }
    return { value: { ...listen, port: Number(port) } }
  },
})

/** One way to write an IPv6 address, so that two that are the same look so (RFC 5952). */
const canonical = (address: string): string =>
  isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address

/** The user part of our address at a carrier: what needs no escaping in a SIP URI and no quoting in a header. */
export const sipUser = (): Setting<string> => ({
  kind: 'SIP user',
  parse: (value) =>
    /^[\w.+~-]{1,64}$/.test(value)
      ? { value }
      : { problem: 'must be the user part alone, without "sip:" and without the domain' },
})

export interface SipProxyUri {
  /** As it is written into a Route: `sip:host:port;transport=tcp`. */
  readonly uri: string
  /** Absent: found by the rules of RFC 3263. */
  readonly protocol: SipProtocol | undefined
}

const PROXY_URI = /^sip:(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?((?:;[^;]*)*)$/i

/** A proxy has a host, perhaps a port, and of parameters `transport`; `lr` is ours to add. */
export const sipProxyUri = (): Setting<SipProxyUri> => ({
  kind: 'sip:host, sip:host:port;transport=tcp',
  parse: (value) => {
    const [, host, port = '', parameters = ''] = PROXY_URI.exec(value) ?? []
    const given = parameters.toLowerCase().split(';').slice(1)
    const rest = given.filter((parameter) => parameter !== 'lr')
    const protocol = /^transport=(udp|tcp|tls)$/.exec(rest[0] ?? '')?.[1] as SipProtocol | undefined
    const isKnown = rest.length === 0 || (rest.length === 1 && protocol !== undefined)
    if (host === undefined || Number(port.slice(1)) > 65535 || !isKnown)
      return {
        problem: 'must be a SIP URI without a user, such as sip:192.0.2.1:5060;transport=tcp',
      }
    const transport = protocol === undefined ? '' : `;transport=${protocol}`
    return { value: { uri: `sip:${host}${port}${transport}`, protocol } }
  },
})
