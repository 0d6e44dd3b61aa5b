// Port: the write-ahead record of each call. Implemented by control-api (database); used by gateway.
import type { CallIdentity } from './call.ts'

export interface CallJournal {
  /**
   * Makes the call's existence durable. Awaited before an INVITE is sent and before an inbound call is answered, so
   * that no call can ring or cost anything without leaving a record. The events after it arrive by CallEvents.
   */
  open(call: CallIdentity): Promise<void>
}
