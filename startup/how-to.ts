// How one tries this node: where it can be called, where its API is, and a line that shows it working.
import { isIP } from 'node:net'
import { isWildcard, type Config } from '#core/config'
import type { HowTo } from '#control-api'
import type { EmbeddedSip } from '#gateway'

type SipAddress = EmbeddedSip['addresses'][number]

export interface CallInAddress {
  readonly uri: string
  readonly protocols: readonly SipAddress['protocol'][]
}

export interface NodeUse extends HowTo {
  /** Where others can call; empty before the SIP server listens. The first is `sipUri`. */
  readonly callIn: readonly CallInAddress[]
  /** A number of the rehearsal that the menu answers. */
  readonly menuUri?: string
}

export interface NodeFacts {
  readonly config: Config
  /** Really bound. */
  readonly sipAddresses: readonly SipAddress[]
  readonly http: { readonly host: string; readonly port: number }
  readonly demoNumbers: HowTo['demoNumbers']
  /** In rehearsal. */
  readonly menuNumber?: string | undefined
  /** It was there and is gone. */
  readonly sipIsAway?: boolean
}

/** Of the numbers that Germany keeps for films: it belongs to nobody. */
const NOBODYS_NUMBER = '+4930231250000'

export function describeUse(facts: NodeFacts): NodeUse {
  const { config, sipAddresses, http, demoNumbers, menuNumber, sipIsAway = false } = facts
  const apiUrl = apiUrlOf(config, http)
  const callIn = callInAddresses(config, sipAddresses)
  const number = demoNumbers[0]?.number ?? numberToTry(config)
  const exampleCurl =
    number === undefined
      ? `curl '${apiUrl}/api/calls?limit=10' -H 'Accept: application/json'`
      : `curl -X POST ${apiUrl}/api/calls/start -H 'Content-Type: application/json' -d '{"phone_number": "${number}"}'`
  return {
    apiUrl,
    sipUri: callIn[0]?.uri ?? '',
    exampleCurl,
    demoNumbers,
    sipIsAway,
    callIn,
    ...(menuNumber === undefined || callIn[0] === undefined
      ? {}
      : { menuUri: callIn[0].uri.replace('sip:agent@', `sip:${menuNumber}@`) }),
  }
}

/** Nobody's number where that is allowed; else one that its reader completes; none where nothing may ring. */
function numberToTry({ rehearsal, trunks, dialAllowPrefixes }: Config): string | undefined {
  const [prefix] = dialAllowPrefixes
  if (prefix === undefined || (trunks.length === 0 && !rehearsal)) return undefined
  return dialAllowPrefixes.some((each) => NOBODYS_NUMBER.startsWith(each))
    ? NOBODYS_NUMBER
    : `${prefix}…`
}

/** A wildcard is where one listens, not where one calls. */
function apiUrlOf({ publicUrl }: Config, { host, port }: NodeFacts['http']): string {
  if (!isWildcard(host)) return `http://${bracketed(host)}:${port}`
  return publicUrl ?? `http://${host === '::' ? '[::1]' : '127.0.0.1'}:${port}`
}

/** UDP and TCP of one place are one address: a URI without a transport finds both. */
function callInAddresses(config: Config, addresses: readonly SipAddress[]): CallInAddress[] {
  const { sipAdvertise, sipTls } = config
  const places = new Map<string, Set<SipAddress['protocol']>>()
  for (const { protocol, host, port } of addresses) {
    // Without a certificate it only calls out.
    if (protocol === 'tls' && sipTls.cert === undefined) continue
    const place = isWildcard(host)
      ? advertised(sipAdvertise ?? host, port)
      : `${bracketed(host)}:${port}`
    places.set(place, (places.get(place) ?? new Set()).add(protocol))
  }
  return [...places].flatMap(([place, protocols]) => callInAt(place, protocols))
}

function callInAt(
  place: string,
  protocols: ReadonlySet<SipAddress['protocol']>,
): readonly CallInAddress[] {
  const plain = (['udp', 'tcp'] as const).filter((protocol) => protocols.has(protocol))
  const transport = plain[0] === 'tcp' ? ';transport=tcp' : ''
  const uri = `sip:agent@${place}`
  return [
    ...(plain.length > 0 ? [{ uri: `${uri}${transport}`, protocols: plain }] : []),
    ...(protocols.has('tls') ? [{ uri: `${uri};transport=tls`, protocols: ['tls'] as const }] : []),
  ]
}

/** `host`, `host:port`, either of IPv6 with or without brackets; without a port, or with 0, the bound one is shown. */
function advertised(advertise: string, bound: number): string {
  if (isIP(advertise) !== 0) return `${bracketed(advertise)}:${bound}`
  const [, host = advertise, port = '0'] = /^(.*?)(?::(\d+))?$/.exec(advertise) ?? []
  return `${host}:${Number(port) === 0 ? bound : Number(port)}`
}

const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host)
