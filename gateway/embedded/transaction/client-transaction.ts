// What both client transactions share: the request as bytes, its destination, and what they tell their user.
import type { SipHeaders } from '../message/sip-headers.ts'
import type { SipResponse } from '../message/sip-message.ts'
import type { ResponseEssentials } from '../message/validate-response.ts'
import type { Peer } from '../transport/transport.ts'
import type { Destination } from './inbound-request.ts'

export interface OutboundRequest {
  readonly method: string
  readonly uri: string
  readonly branch: string
  readonly headers: SipHeaders
  readonly bytes: Buffer
}

export interface InboundResponse extends ResponseEssentials {
  readonly response: SipResponse
  readonly source: Peer
}

/** Why no response of the other side came (RFC 3261 §8.1.3.1: taken as a 408 or a 503). */
export type ClientFailure = 'timeout' | 'unreachable'

export interface ClientTransactionUser {
  onResponse(inbound: InboundResponse): void
  onFailure(failure: ClientFailure): void
}

export interface ClientTransactionOptions {
  readonly request: OutboundRequest
  readonly destination: Destination
  readonly user: ClientTransactionUser
}

/** Reports a closed port. Asked only after the first silence, so that a healthy destination never sees a probe. */
export async function failIfRefused(
  { transport, peer }: Destination,
  fail: () => void,
): Promise<void> {
  if (await transport.isRefused(peer)) fail()
}
