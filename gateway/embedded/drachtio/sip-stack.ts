// What the two halves, requests from the network and requests from the application, work on together.
import type { Counters } from '../counters.ts'
import type { Dialog } from '../dialog/dialog.ts'
import type { DialogStore } from '../dialog/dialog-store.ts'
import type { ServerConfig } from '../server-options.ts'
import type { TransactionLayer } from '../transaction/transaction-layer.ts'
import type { ServerLocator } from '../transport/locate/server-locator.ts'
import type { TransportSet } from '../transport/transport-set.ts'
import type { Peer, Transport } from '../transport/transport.ts'
import type { Readiness } from './admin-server.ts'
import type { AppClient } from './app-client.ts'
import type { LostInvites } from './lost-invite.ts'
import type { InboundLegs, OutboundInvites } from './open-requests.ts'

export type AppDialog = Dialog<AppClient>

export interface SipStack {
  readonly config: ServerConfig
  readonly counters: Counters
  readonly transports: TransportSet
  readonly locator: ServerLocator
  readonly transactions: TransactionLayer
  readonly dialogs: DialogStore<AppClient>
  readonly inboundLegs: InboundLegs
  readonly outboundInvites: OutboundInvites
  readonly lostInvites: LostInvites
  /** Whether an application takes requests of this method now. */
  readiness(method: string): Readiness
  pickClient(method: string): AppClient | undefined
}

export const peerOf = (transport: Transport): Peer => ({
  address: transport.advertised.host,
  port: transport.advertised.port,
})
