// A request from the network on its way through the application: the transaction, who answers it, and what it leads to.
import type { Retransmission } from '../dialog/retransmission.ts'
import type { InboundRequest } from '../transaction/inbound-request.ts'
import type { ServerTransaction } from '../transaction/transaction-host.ts'
import { Timer } from '../timer.ts'
import type { AppClient } from './app-client.ts'
import type { AppDialog } from './sip-stack.ts'

export interface ReliableProvisional {
  readonly rseq: number
  readonly retransmission: Retransmission
}

/** As drachtio-server names it. */
export const dialogIdOf = ({ callId, fromTag }: InboundRequest): string =>
  `${callId};from-tag=${fromTag}`

export class InboundLeg {
  readonly txnId: string
  readonly transaction: ServerTransaction
  /** The request in full: the transaction lets go of it with the final response. */
  readonly inbound: InboundRequest
  readonly client: AppClient
  /** Ours, the same in each response. The application may replace it before the first one. */
  localTag: string
  /** Within a dialog from the start, else once a response made one. */
  dialog: AppDialog | undefined
  readonly isInitial: boolean
  /** Provisional responses sent reliably and not yet acknowledged by a PRACK (RFC 3262). */
  readonly unacknowledged: ReliableProvisional[] = []
  lastRSeq = 0
  /** Ends the wait for an application that never answers. */
  readonly patience = new Timer()

  constructor(init: {
    readonly txnId: string
    readonly transaction: ServerTransaction
    readonly client: AppClient
    readonly localTag: string
    readonly dialog: AppDialog | undefined
  }) {
    this.txnId = init.txnId
    this.transaction = init.transaction
    this.inbound = init.transaction.inbound
    this.client = init.client
    this.localTag = init.localTag
    this.dialog = init.dialog
    this.isInitial = init.dialog === undefined
  }

  get method(): string {
    return this.inbound.request.method
  }

  /** The final response is out, or nobody waits for it any more. */
  settle(): void {
    this.patience.stop()
    for (const { retransmission } of this.unacknowledged) retransmission.stop()
    if (this.dialog !== undefined && this.unacknowledged.length > 0) {
      const rseqs = this.unacknowledged.map(({ rseq }) => rseq)
      this.dialog.unpracked = { inviteSeq: this.inbound.cseq.seq, rseqs }
    }
    this.unacknowledged.length = 0
  }
}
