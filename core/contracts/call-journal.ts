// Port: the write-ahead record of each call. Implemented by control-api (database); used by gateway.
import type { CallDirection, CallIdentity } from './call.ts'
import type { DialogIdentity } from './dialog-identity.ts'
import type { CallId } from './ids.ts'
import type { CallOffOutcome, InviteIdentity } from './invite-identity.ts'

/** A dialog that an earlier run answered and never ended: the far end may still be talking to nobody. */
export interface AbandonedDialog {
  readonly callId: CallId
  readonly direction: CallDirection
  /** Whose credentials its requests may need. */
  readonly trunk: string
  readonly dialog: DialogIdentity
}

/** An INVITE that an earlier run sent, or was about to send, and never saw answered: a phone may still be ringing. */
export interface AbandonedInvite {
  readonly callId: CallId
  readonly invite: InviteIdentity
}

/** What crashes left up, oldest first. */
export interface Abandoned {
  readonly dialogs: readonly AbandonedDialog[]
  readonly invites: readonly AbandonedInvite[]
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
   * @param invite of a call we place: as durable as the call itself, and never shown
   */
  open(call: CallIdentity, invite?: InviteIdentity): Promise<void>
  /**
   * The same for each further INVITE of a call: by another trunk, or to whom it is transferred. Resolves when durable;
   * the event of this type is written by it.
   * @throws AppError `DATABASE_UNAVAILABLE`: then it must not be sent.
   */
  dialling(
    callId: CallId,
    type: 'sip.invite_prepared' | 'transfer.invite_prepared',
    invite: InviteIdentity,
  ): Promise<void>
  /**
   * The same of a call that came in, before its 200 OK: from then on a crash leaves a caller up who talks to nobody.
   * @throws AppError `DATABASE_UNAVAILABLE`: then it must not be answered.
   */
  answering(callId: CallId, dialog: DialogIdentity): Promise<void>
  /**
   * What crashes of the last hours left up and nobody has seen to since. Asked once, when the gateway starts: calls of
   * this run are never among them.
   */
  abandoned(): Promise<Abandoned>
  /** Writes down, durably, that this dialog was seen to: no later start sends its BYE again. */
  released(callId: CallId, outcome: ReleaseOutcome): Promise<void>
  /** The same of an INVITE that was taken back. */
  calledOff(callId: CallId, outcome: CallOffOutcome): Promise<void>
}
