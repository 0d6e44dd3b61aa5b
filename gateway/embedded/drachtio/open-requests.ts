// What waits for an answer: requests from the network at the application, INVITEs of the application at the network.
// Each is found by every key in one step; there may be thousands.
import type { ServerTransaction } from '../transaction/transaction-host.ts'
import { dialogIdOf, type InboundLeg } from './inbound-leg.ts'
import type { OutboundInvite } from './outbound-invite.ts'
import type { AppDialog } from './sip-stack.ts'

export class InboundLegs {
  readonly #byTxnId = new Map<string, InboundLeg>()
  readonly #byTransaction = new Map<ServerTransaction, InboundLeg>()
  readonly #inviteOf = new Map<AppDialog, InboundLeg>()
  readonly #calling = new Map<string, InboundLeg>()

  add(leg: InboundLeg): void {
    this.#byTxnId.set(leg.txnId, leg)
    this.#byTransaction.set(leg.transaction, leg)
    if (leg.method !== 'INVITE') return
    if (leg.dialog === undefined) this.#calling.set(dialogIdOf(leg.inbound), leg)
    else this.#inviteOf.set(leg.dialog, leg)
  }

  /** A response made a dialog. */
  bind(leg: InboundLeg, dialog: AppDialog): void {
    leg.dialog = dialog
    if (leg.method === 'INVITE') this.#inviteOf.set(dialog, leg)
  }

  /** The final response is out, or nobody waits for it any more. */
  remove(leg: InboundLeg): void {
    leg.settle()
    this.#byTxnId.delete(leg.txnId)
    this.#byTransaction.delete(leg.transaction)
    const id = dialogIdOf(leg.inbound)
    if (this.#calling.get(id) === leg) this.#calling.delete(id)
    if (leg.dialog !== undefined && this.#inviteOf.get(leg.dialog) === leg) {
      this.#inviteOf.delete(leg.dialog)
    }
  }

  /** Whether a call of this dialog id waits for its final response. */
  isCalling(dialogId: string): boolean {
    return this.#calling.has(dialogId)
  }

  byTxnId(txnId: string): InboundLeg | undefined {
    return this.#byTxnId.get(txnId)
  }

  byTransaction(transaction: ServerTransaction): InboundLeg | undefined {
    return this.#byTransaction.get(transaction)
  }

  /** The INVITE of this dialog that is not finally answered. */
  inviteOf(dialog: AppDialog): InboundLeg | undefined {
    return this.#inviteOf.get(dialog)
  }

  all(): InboundLeg[] {
    return [...this.#byTxnId.values()]
  }
}

export class OutboundInvites {
  readonly #byTxnId = new Map<string, OutboundInvite>()
  readonly #byDialogId = new Map<string, OutboundInvite>()

  add(invite: OutboundInvite): void {
    this.#byTxnId.set(invite.init.txnId, invite)
    this.#byDialogId.set(invite.init.dialogId, invite)
  }

  remove(invite: OutboundInvite): void {
    const { txnId, dialogId } = invite.init
    this.#byTxnId.delete(txnId)
    if (this.#byDialogId.get(dialogId) === invite) this.#byDialogId.delete(dialogId)
  }

  byTxnId(txnId: string): OutboundInvite | undefined {
    return this.#byTxnId.get(txnId)
  }

  byDialogId(dialogId: string): OutboundInvite | undefined {
    return this.#byDialogId.get(dialogId)
  }

  all(): OutboundInvite[] {
    return [...this.#byTxnId.values()]
  }
}
