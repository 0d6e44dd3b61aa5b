// Port: the SIP messages of a call as they passed the wire. Implemented by gateway over the embedded SIP server; used by control-api.
import type { SipProtocol } from './sip-protocol.ts'
import type { EpochMs } from './units.ts'

export interface SipMessage {
  readonly at: EpochMs
  readonly direction: 'received' | 'sent'
  readonly protocol: SipProtocol
  /** `host:port`, IPv6 in brackets. */
  readonly local: string
  readonly remote: string
  /** Whole, credentials masked. Phone numbers are in it: for those who may see the call, never for a log. */
  readonly text: string
}

export type SipTraceResult =
  | {
      readonly kind: 'kept'
      /** Oldest first, retransmissions too; empty when none of the call is kept. */
      readonly messages: readonly SipMessage[]
      /** More than are handed over: these are the first ones. */
      readonly cutOff: boolean
      /** What passed before is kept no more. */
      readonly keptSince: EpochMs
    }
  | { readonly kind: 'unavailable'; readonly why: string }

export interface SipTrace {
  /** The messages of these SIP Call-IDs. Never rejects. */
  ofCall(sipCallIds: readonly string[]): Promise<SipTraceResult>
}
