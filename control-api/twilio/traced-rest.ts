// What Twilio is asked about a call, in the call's trace: by the id that Twilio has for it, for half of what is asked
// follows from Twilio's own words and not from a request of ours.
import { runUnder, type SpanParent } from '#core/telemetry'
import type { TwilioRest } from './client.ts'

/** @param spanOf undefined: no call of ours that is live */
export function tracedRest(
  rest: TwilioRest,
  spanOf: (sid: string) => SpanParent | undefined,
): TwilioRest {
  const under = <T>(sid: string, ask: () => T): T => {
    const span = spanOf(sid)
    return span === undefined ? ask() : runUnder(span, ask)
  }
  return {
    ...rest,
    getCall: (sid) => under(sid, () => rest.getCall(sid)),
    updateCall: (sid, change) => under(sid, () => rest.updateCall(sid, change)),
    startRecording: (sid, callback) => under(sid, () => rest.startRecording(sid, callback)),
    updateRecording: (sid, status) => under(sid, () => rest.updateRecording(sid, status)),
  }
}
