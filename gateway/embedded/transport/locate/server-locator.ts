// Where a request to a URI goes (RFC 3263 §4, without NAPTR): protocol, addresses and ports, best first.
import { isIP } from 'node:net'
import type { SipUri } from '../../message/uri.ts'
import { Deadlines, type Deadline } from './deadlines.ts'
import { FailedPeers, keyOf } from './failed-peers.ts'
import { gather } from './gather.ts'
import { isLocalhost, NameResolver, toHostName, type SrvAnswer } from './name-resolver.ts'
import { orderSrv } from './srv-order.ts'
import type { TransportSet } from '../transport-set.ts'
import { isReachable, type Destination, type SipProtocol } from '../transport.ts'

/** All of it: a caller hears nothing meanwhile. */
const LOCATE_MS = 4_000
/** Of that for services: a question lost on the way is repeated after 2 s, and the host itself must be asked for too. */
const SERVICES_MS = 2_500
/** Nobody waits for so many servers. */
const MAX_DESTINATIONS = 32

const DEFAULT_PORT = { udp: 5_060, tcp: 5_060, tls: 5_061 } as const
const SERVICE = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' } as const

export type Location =
  /** Never empty; to be tried in this order. */
  | { readonly kind: 'found'; readonly destinations: readonly Destination[] }
  /** No transport of ours speaks the protocol, or none the family of the address. */
  | { readonly kind: 'no-transport' }
  /** No name of a host, unknown, without the service, or no name server answered in time. */
  | { readonly kind: 'dns-error' }

const NO_TRANSPORT: Location = { kind: 'no-transport' }
const DNS_ERROR: Location = { kind: 'dns-error' }

/** A host with a port, by any of the protocols: the first that we speak to its address family. */
interface Candidate {
  readonly host: string
  /** That of the protocol when absent. */
  readonly port: number | undefined
  readonly protocols: readonly SipProtocol[]
}

export interface ServerLocatorOptions {
  readonly transports: TransportSet
  /** `address` or `address:port`; the system's way when absent. */
  readonly nameServers?: readonly string[] | undefined
  /** Draws among SRV records of one priority. Default Math.random. */
  readonly random?: () => number
}

export class ServerLocator {
  readonly #transports: TransportSet
  readonly #resolver: NameResolver
  readonly #random: () => number
  readonly #failed = new FailedPeers()
  readonly #deadlines = new Deadlines()
  #isClosed = false

  /** Throws when a name server is no address. */
  constructor({ transports, nameServers, random = Math.random }: ServerLocatorOptions) {
    this.#transports = transports
    this.#resolver = new NameResolver(nameServers)
    this.#random = random
  }

  /** At once when nobody needs to be asked: an address costs a call no turn of the event loop. Never rejects. */
  locate(uri: SipUri): Location | Promise<Location> {
    const protocols = protocolsOf(uri).filter(
      (protocol) => this.#transports.families([protocol]).length > 0,
    )
    if (protocols.length === 0) return NO_TRANSPORT
    const host = targetOf(uri)
    if (isIP(host) !== 0) return this.#reach(uri, [{ host, port: uri.port, protocols }])
    const name = toHostName(host)
    if (name === undefined || this.#isClosed) return DNS_ERROR
    return this.#ask(uri, { host: name, port: uri.port, protocols })
  }

  /** It did not answer, or refused: for a while the others come first. */
  noteFailure(destination: Destination): void {
    this.#failed.note(destination)
  }

  /** Whoever still waits gets `dns-error`. */
  close(): void {
    this.#isClosed = true
    this.#resolver.close()
    this.#deadlines.expireAll()
  }

  async #ask(uri: SipUri, wanted: Candidate): Promise<Location> {
    const deadline = this.#deadlines.start(LOCATE_MS)
    const hosts =
      wanted.port === undefined && !isLocalhost(wanted.host)
        ? await this.#askForServices(wanted)
        : [wanted]
    const candidates = this.#isClosed ? [] : await this.#askForAddresses(hosts, deadline)
    deadline.clear()
    return candidates.length === 0 ? DNS_ERROR : this.#reach(uri, candidates)
  }

  /** What the SRV records name, one protocol behind the other, or else the host itself (RFC 3263 §4.1 and 4.2). */
  async #askForServices({ host, port, protocols }: Candidate): Promise<readonly Candidate[]> {
    const deadline = this.#deadlines.start(SERVICES_MS)
    const answers = await gather(
      protocols.map((protocol) => this.#resolver.srv(`${SERVICE[protocol]}.${host}`)),
      { isUseful: ({ kind }: SrvAnswer) => kind === 'targets', expired: deadline.expired },
    )
    deadline.clear()
    const targets = protocols.flatMap((protocol, index) => {
      const answer = answers[index]
      if (answer?.kind !== 'targets') return []
      return orderSrv(answer.targets, this.#random).map((target) => ({
        host: target.name,
        port: target.port,
        protocols: [protocol],
      }))
    })
    if (targets.length > 0) return targets.slice(0, MAX_DESTINATIONS)
    const offered = protocols.filter((_, index) => answers[index]?.kind !== 'refused')
    return offered.length === 0 ? [] : [{ host, port, protocols: offered }]
  }

  /** The same with addresses for names; a name without any falls out. */
  async #askForAddresses(
    candidates: readonly Candidate[],
    { expired }: Deadline,
  ): Promise<readonly Candidate[]> {
    const isUseful = (found: readonly unknown[]): boolean => found.length > 0
    const found = await gather(
      candidates.map(async (candidate) => {
        const addresses = await gather(this.#addressesOf(candidate), { isUseful, expired })
        return addresses.flatMap((some = []) => some.map((host) => ({ ...candidate, host })))
      }),
      { isUseful, expired },
    )
    return found.flatMap((some = []) => some)
  }

  #addressesOf({ host, protocols }: Candidate): readonly Promise<readonly string[]>[] {
    // An address where an SRV record needs a name: a common mistake, and clear enough.
    if (isIP(host) !== 0) return [Promise.resolve([host])]
    const name = toHostName(host)
    return name === undefined
      ? []
      : this.#resolver.addresses(name, this.#transports.families(protocols))
  }

  #reach(uri: SipUri, candidates: readonly Candidate[]): Location {
    const reached = new Map<string, Destination>()
    for (const candidate of candidates) {
      const destination = this.#destination(candidate, uri.host)
      if (destination === undefined || reached.has(keyOf(destination))) continue
      reached.set(keyOf(destination), destination)
    }
    if (reached.size === 0) return NO_TRANSPORT
    const destinations = this.#failed.toEnd([...reached.values()].slice(0, MAX_DESTINATIONS))
    return { kind: 'found', destinations }
  }

  /** `domain` is that of the URI: what DNS says of it is not what a certificate has to say (RFC 5922 §7.3). */
  #destination({ host, port, protocols }: Candidate, domain: string): Destination | undefined {
    for (const protocol of protocols) {
      const transport = this.#transports.nearest(protocol, host)
      const peer = { address: host, port: port ?? DEFAULT_PORT[protocol], domain }
      if (transport !== undefined && isReachable(peer, transport.family)) return { transport, peer }
    }
    return undefined
  }
}

/** In the order of preference; empty for one that SIP knows and we do not (RFC 3263 §4.1). */
function protocolsOf(uri: SipUri): readonly SipProtocol[] {
  if (uri.scheme === 'sips') return ['tls']
  const named = uri.parameters.get('transport')?.toLowerCase()
  switch (named) {
    case undefined:
      return ['udp', 'tcp']
    case 'udp':
    case 'tcp':
    case 'tls':
      return [named]
    default:
      return []
  }
}

/** `maddr` overrides the host; an address of six has its brackets there. */
const targetOf = (uri: SipUri): string =>
  (uri.parameters.get('maddr') ?? '').replace(/^\[(.*)\]$/, '$1') || uri.host
