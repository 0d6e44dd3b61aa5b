// The way of one request: the servers it may go to, tried one after another until one takes it (RFC 3263 §4.3).
import type { SipUri } from '../message/uri.ts'
import type { ClientFailure } from '../transaction/client-transaction.ts'
import {
  inviteBranch,
  newBranch,
  overTransport,
  type OutboundRequest,
} from '../transaction/outbound-request.ts'
import type { Location } from '../transport/locate/server-locator.ts'
import { isReachable, type Destination, type Peer, type Transport } from '../transport/transport.ts'
import type { AppDialog, SipStack } from './sip-stack.ts'

/** Above it a datagram may be cut into pieces, which networks lose: such a request goes by TCP (RFC 3261 §18.1.1). */
const MAX_DATAGRAM_REQUEST_BYTES = 1300

export interface Attempt {
  readonly request: OutboundRequest
  readonly destination: Destination
}

export interface RouteUser {
  /** Sends the request there. Called again after `failed()`, with a new branch. */
  attempt(attempt: Attempt): void
  /** No server is left, or none was found. */
  exhausted(failure: ClientFailure): void
}

export class RequestRoute {
  readonly #stack: SipStack
  readonly #request: OutboundRequest
  readonly #transport: Transport
  readonly #user: RouteUser
  #rest: readonly Destination[] = []
  #current: Destination | undefined

  /** @param transport whose address the request carries in its Via */
  constructor(stack: SipStack, request: OutboundRequest, transport: Transport, user: RouteUser) {
    this.#stack = stack
    this.#request = request
    this.#transport = transport
    this.#user = user
  }

  /** At once when the servers are known, else after the look-up. */
  start(location: Location | Promise<Location>): void {
    if (location instanceof Promise) void location.then((found) => this.#begin(found))
    else this.#begin(location)
  }

  /**
   * The server did not take it. `true` when the next one is being tried.
   * @param answered it spoke, if only to refuse: its other protocol would say the same
   */
  failed(answered = false): boolean {
    const current = this.#current
    if (current !== undefined) {
      this.#stack.locator.noteFailure(current)
      if (answered) this.#rest = this.#rest.filter(({ peer }) => !isSamePeer(peer, current.peer))
    }
    if (this.#rest.length === 0) return false
    this.#stack.counters.add('failovers')
    this.#next()
    return true
  }

  #begin(location: Location): void {
    this.#rest = listOf(location).flatMap((each) => this.#withStreamFirst(each))
    if (this.#rest.length > 0) this.#next()
    else {
      this.#stack.counters.add('unreachable')
      this.#user.exhausted({ kind: 'unreachable', why: WHY_NOWHERE[location.kind] })
    }
  }

  #next(): void {
    const [destination, ...rest] = this.#rest
    if (destination === undefined) return
    const isFirst = this.#current === undefined
    this.#rest = rest
    this.#current = destination
    const asBuilt = isFirst && destination.transport === this.#transport
    const request = asBuilt ? this.#request : this.#towards(destination)
    this.#user.attempt({ request, destination })
  }

  #towards(destination: Destination): OutboundRequest {
    const { method, headers } = this.#request
    const branch = method === 'INVITE' ? inviteBranch(headers, destination) : newBranch()
    return overTransport(this.#request, destination.transport, branch)
  }

  /** UDP stays behind as the way out: not everybody who must take TCP (RFC 3261 §18) does. */
  #withStreamFirst(destination: Destination): readonly Destination[] {
    const { transport, peer } = destination
    const small = this.#request.bytes.length <= MAX_DATAGRAM_REQUEST_BYTES
    if (small || transport.protocol !== 'udp') return [destination]
    const stream = this.#stack.transports.sibling(transport, 'tcp')
    return stream === undefined ? [destination] : [{ transport: stream, peer }, destination]
  }
}

/** Where a request within a dialog goes, best first. */
export function locationOf(stack: SipStack, dialog: AppDialog): Location | Promise<Location> {
  const { natPeer, init } = dialog
  // Over UDP there is no other way then, and a name of the caller's choosing must not hold up an ACK or a BYE.
  if (natPeer !== undefined && !init.transport.isReliable)
    return { kind: 'found', destinations: [{ transport: init.transport, peer: natPeer }] }
  const target = dialog.target()
  const direct = target === undefined ? NOWHERE : stack.locator.locate(target)
  return direct instanceof Promise
    ? direct.then((location) => withKnownWays(dialog, target, location))
    : withKnownWays(dialog, target, direct)
}

/**
 * The other side's own connection first, while it stands: it may sit behind a NAT or a firewall that lets nobody in, or
 * name itself by an address that its certificate does not. Then the address it was seen at, where its Contact cannot be
 * believed, then its Contact; with neither, where its last message came from.
 */
function withKnownWays(
  dialog: AppDialog,
  target: SipUri | undefined,
  location: Location,
): Location {
  const { natPeer, source, verified } = dialog
  const { transport, isCaller } = dialog.init
  const direct = location.kind === 'found' ? location.destinations : []
  const back = source === undefined ? [] : [{ transport, peer: source }]
  const isThere = isCaller || isHost(target, source) || isHost(target, verified)
  const ways: Destination[] = []
  if (source !== undefined && isThere && transport.isConnected(source)) ways.push(...back)
  if (natPeer !== undefined) ways.push({ transport, peer: withDomain(natPeer, verified) })
  for (const each of direct.filter((other) => isAllowed(other, dialog)))
    ways.push({ ...each, peer: withDomain(each.peer, verified) })
  if (direct.length === 0 && ways.length === 0) ways.push(...back)
  if (ways.length > 0) return { kind: 'found', destinations: ways }
  return location.kind === 'found' ? NOWHERE : location
}

const NOWHERE: Location = { kind: 'dns-error' }

export const isSamePeer = (one: Peer, other: Peer): boolean =>
  one.address === other.address && one.port === other.port

const isHost = (target: SipUri | undefined, peer: Peer | undefined): boolean =>
  target !== undefined && (target.host === peer?.address || target.host === peer?.domain)

/** A server found by its domain was verified for that, and is the same when it names itself by its address. */
const withDomain = (peer: Peer, verified: Peer | undefined): Peer =>
  verified?.domain !== undefined && verified.address === peer.address
    ? { ...peer, domain: verified.domain }
    : peer

/** A caller from elsewhere must not have us speak to what only this machine can reach. */
function isAllowed({ transport, peer }: Destination, { init, source }: AppDialog): boolean {
  if (!init.isCaller || !isMachineOnly(peer.address)) return true
  return isMachineOnly(transport.local.host) || isMachineOnly(source?.address ?? '')
}

/** Loopback and link-local. */
const isMachineOnly = (address: string): boolean =>
  /^(127\.|169\.254\.|0\.|::1$|fe80:|::ffff:127\.)/i.test(address)

/** What can be sent to at all: a port 0 or an address of the other family come in messages. */
export const listOf = (location: Location): readonly Destination[] =>
  location.kind === 'found'
    ? location.destinations.filter(({ transport, peer }) => isReachable(peer, transport.family))
    : []

/** Reason phrases; the second is drachtio-server's. */
const WHY_NOWHERE = {
  found: 'Address Not Reachable',
  'dns-error': 'DNS Error',
  'no-transport': 'No Such Transport',
} as const satisfies Record<Location['kind'], string>
