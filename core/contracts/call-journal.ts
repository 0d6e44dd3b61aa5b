// Port: the write-ahead record of each call. Implemented by control-api (database); used by gateway.
import type { CallDirection, CallIdentity } from './call.ts'
import type { DialogIdentity } from './dialog-identity.ts'
import type { CallId } from './ids.ts'

/** A dialog that an earlier run answered and never ended: the far end may still be talking to nobody. */
export interface AbandonedDialog {
  readonly callId: CallId
  readonly direction: CallDirection
  readonly dialog: DialogIdentity
}

/** What became of the BYE to an abandoned dialog. */
export interface ReleaseOutcome {
  /** The far end has hung up, or had done so before. */
  readonly released: boolean
  /** Its answer, or what our SIP server made of its silence; null when the BYE could not be sent. */
  readonly sipStatus: number | null
}

export interface CallJournal {
  /**
   * Makes the call's existence durable. Awaited before an INVITE is sent and before an inbound call is answered, so
   * that no call can ring or cost anything without leaving a record. Events arrive by CallEvents; those published
   * after this was called are kept, also before it resolves.
   */
  open(call: CallIdentity): Promise<void>
  /**
   * The dialogs that crashes of the last hours left up and that were not released since, oldest first. Asked once, when
   * the gateway starts: calls of this run are never among them.
   */
  abandoned(): Promise<readonly AbandonedDialog[]>
  /** Writes down, durably, that this dialog was seen to: no later start sends its BYE again. */
  released(callId: CallId, outcome: ReleaseOutcome): Promise<void>
}
