// A valid request as it came from the network, with the way back.
import type { RequestEssentials } from '../message/validate-request.ts'
import { SipHeaders } from '../message/sip-headers.ts'
import { EMPTY_BODY, type SipRequest } from '../message/sip-message.ts'
import type { Peer, Transport } from '../transport/transport.ts'

export interface InboundRequest extends RequestEssentials {
  readonly request: SipRequest
  /** As it came: what keeping it costs. */
  readonly byteLength: number
  /** Answers go here whatever the Via says (RFC 3581, also when rport was not asked for, as drachtio does). */
  readonly source: Peer
  readonly transport: Transport
  /** By UDP from an address that may be forged, outside a dialog: who sent it has yet to show who it is. */
  readonly isUnproven?: boolean
}

const NO_HEADERS = new SipHeaders()

/** What an answered transaction still needs for half a minute: how to be found, and the way back. */
export const withoutContent = (inbound: InboundRequest): InboundRequest => ({
  ...inbound,
  request: { ...inbound.request, headers: NO_HEADERS, body: EMPTY_BODY },
  byteLength: 0,
})
