// A valid request as it came from the network, with the way back.
import type { RequestEssentials } from '../message/validate-request.ts'
import type { SipRequest } from '../message/sip-message.ts'
import type { Peer, Transport } from '../transport/transport.ts'

export interface InboundRequest extends RequestEssentials {
  readonly request: SipRequest
  /** Answers go here whatever the Via says (RFC 3581, also when rport was not asked for, as drachtio does). */
  readonly source: Peer
  readonly transport: Transport
}

/** A client transaction's and a request's destination. */
export interface Destination {
  readonly transport: Transport
  readonly peer: Peer
}
