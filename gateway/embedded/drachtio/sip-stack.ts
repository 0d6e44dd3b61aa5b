// What the two halves, requests from the network and requests from the application, work on together.
import type { Counters } from '../counters.ts'
import type { Dialog } from '../dialog/dialog.ts'
import type { DialogStore } from '../dialog/dialog-store.ts'
import type { SipUri } from '../message/uri.ts'
import type { ServerConfig } from '../server-options.ts'
import type { Destination } from '../transaction/inbound-request.ts'
import type { TransactionLayer } from '../transaction/transaction-layer.ts'
import { literalPeer, resolvePeer, type TransportSet } from '../transport/transport-set.ts'
import { isReachable, type Peer, type Transport } from '../transport/transport.ts'
import type { AppClient } from './app-client.ts'
import type { InboundLegs, OutboundInvites } from './open-requests.ts'

export type AppDialog = Dialog<AppClient>

export interface SipStack {
  readonly config: ServerConfig
  readonly counters: Counters
  readonly transports: TransportSet
  readonly transactions: TransactionLayer
  readonly dialogs: DialogStore<AppClient>
  readonly inboundLegs: InboundLegs
  readonly outboundInvites: OutboundInvites
  pickClient(method: string): AppClient | undefined
}

export const peerOf = (transport: Transport): Peer => ({
  address: transport.advertised.host,
  port: transport.advertised.port,
})

/** Hands over the destination: at once for an address, after a look-up for a name. What cannot be sent to fails. */
export function resolveDestination(
  transport: Transport,
  nextHop: Peer | SipUri | undefined,
  found: (destination: Destination) => void,
  failed: () => void,
): void {
  const peer = nextHop === undefined || 'address' in nextHop ? nextHop : literalPeer(nextHop)
  if (peer !== undefined) {
    if (isReachable(peer, transport.family)) found({ transport, peer })
    else failed()
    return
  }
  if (nextHop === undefined || 'address' in nextHop) {
    failed()
    return
  }
  resolvePeer(nextHop, transport.family).then(
    (resolved) => found({ transport, peer: resolved }),
    failed,
  )
}
