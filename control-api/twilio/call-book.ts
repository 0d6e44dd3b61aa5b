// The calls of Twilio that are live, by our id and by theirs.
import { CallBook as BookOfCalls } from '../calls/call-book.ts'
import type { TwilioCall } from './twilio-call.ts'

export class CallBook extends BookOfCalls<TwilioCall> {
  findBySid(sid: string): TwilioCall | undefined {
    return this.all().find((call) => call.sid === sid)
  }
}
