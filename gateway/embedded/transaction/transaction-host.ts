// What a transaction needs of the layer that keeps it.
import type { Counters } from '../counters.ts'
import type { SipTimers } from '../server-options.ts'
import type { InviteClientTransaction } from './invite-client.ts'
import type { InviteServerTransaction } from './invite-server.ts'
import type { NonInviteClientTransaction } from './non-invite-client.ts'
import type { NonInviteServerTransaction } from './non-invite-server.ts'

export type ServerTransaction = InviteServerTransaction | NonInviteServerTransaction
export type ClientTransaction = InviteClientTransaction | NonInviteClientTransaction

export interface TransactionHost {
  readonly timers: SipTimers
  readonly counters: Counters
  /** A server transaction keeps so much more, or, below zero, less. */
  hold(byteCount: number): void
  onTerminated(transaction: ServerTransaction | ClientTransaction): void
}
