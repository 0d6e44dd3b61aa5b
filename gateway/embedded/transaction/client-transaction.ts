// What both client transactions share: the request as bytes, its destination, and what they tell their user.
import type { SipResponse } from '../message/sip-message.ts'
import type { ResponseEssentials } from '../message/validate-response.ts'
import type { SipTimers } from '../server-options.ts'
import type { Destination, Peer } from '../transport/transport.ts'
import type { OutboundRequest } from './outbound-request.ts'

export interface InboundResponse extends ResponseEssentials {
  readonly response: SipResponse
  readonly source: Peer
}

/** Why no response of the other side came (RFC 3261 §8.1.3.1: taken as a 408 or a 503). */
export type ClientFailure =
  | { readonly kind: 'timeout' }
  /** In words fit for a reason phrase. */
  | { readonly kind: 'unreachable'; readonly why: string }

export const TIMEOUT: ClientFailure = { kind: 'timeout' }
/** UDP, by ICMP. */
export const PORT_CLOSED: ClientFailure = { kind: 'unreachable', why: 'Port Closed' }

export interface ClientTransactionUser {
  onResponse(inbound: InboundResponse): void
  onFailure(failure: ClientFailure): void
  /** The answer to an INVITE that was given up comes after all: somebody rings, or has picked up. */
  onLate?(inbound: InboundResponse): void
}

export interface ClientTransactionOptions {
  readonly request: OutboundRequest
  readonly destination: Destination
  readonly user: ClientTransactionUser
  /** An INVITE that hears nothing at all for so long is given up before Timer B, so that the next server is tried. */
  readonly firstResponseMs?: number
  /** Not repeated: nothing was ever heard from there, and the address may be forged. */
  readonly once?: boolean
}

/** What a connection keeps of a request for as long as it may still fail: cut when the transaction is over. */
export interface SendLink {
  fail: ((why: string) => void) | undefined
}

/** A fifth of T1: most have said 100 Trying by then, so that a healthy server near by never sees a probe. */
export const probeAfterMs = ({ t1Ms }: SipTimers): number => t1Ms / 5

/** Reports a closed port. */
export async function failIfRefused(
  { transport, peer }: Destination,
  fail: () => void,
): Promise<void> {
  if (await transport.isRefused(peer)) fail()
}
