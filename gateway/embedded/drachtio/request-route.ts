// The way of one request: the servers it may go to, tried one after another until one takes it (RFC 3263 §4.3).
import type { ClientFailure } from '../transaction/client-transaction.ts'
import { overTransport, type OutboundRequest } from '../transaction/outbound-request.ts'
import type { Location } from '../transport/locate/server-locator.ts'
import { isReachable, type Destination, type Transport } from '../transport/transport.ts'
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

  /** The server did not take it. `true` when the next one is being tried. */
  failed(): boolean {
    if (this.#current !== undefined) this.#stack.locator.noteFailure(this.#current)
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
    const request = asBuilt ? this.#request : overTransport(this.#request, destination.transport)
    this.#user.attempt({ request, destination })
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

/**
 * Where a request within a dialog goes: back over the connection the other side opened, while that stands, as it may sit
 * behind a NAT or a firewall that lets nobody in; else to its next hop.
 */
export function locationOf(stack: SipStack, dialog: AppDialog): Location | Promise<Location> {
  const { transport } = dialog.init
  const nextHop = dialog.nextHop()
  if (nextHop === undefined) return { kind: 'dns-error' }
  if ('address' in nextHop) return { kind: 'found', destinations: [{ transport, peer: nextHop }] }
  const { flow } = dialog
  const found = stack.locator.locate(nextHop)
  if (flow === undefined || !transport.isConnected(flow)) return found
  const overFlow = (location: Location): Location => {
    const direct = location.kind === 'found' ? location.destinations : []
    return { kind: 'found', destinations: [{ transport, peer: flow }, ...direct] }
  }
  return found instanceof Promise ? found.then(overFlow) : overFlow(found)
}

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
