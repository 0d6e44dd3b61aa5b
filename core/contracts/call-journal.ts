// Port: the write-ahead record of each call. Implemented by control-api (database); used by gateway.
import type { CallIdentity } from './call.ts'

export interface CallJournal {
  /**
   * Makes the call's existence durable. Awaited before an INVITE is sent and before an inbound call is answered, so
   * that no call can ring or cost anything without leaving a record. Events arrive by CallEvents; those published
   * after this was called are kept, also before it resolves.
   */
  open(call: CallIdentity): Promise<void>
}
