// CallControl for the calls of Twilio.
import type { ProviderCalls } from '../calls/providers.ts'
import { endedByApi } from '../calls/vendor-endings.ts'
import { inBackground } from '#core/telemetry'
import { transferCall } from './dial-human.ts'
import { hangUp } from './hang-up.ts'
import { placeCall } from './place-call.ts'
import { recordByHand } from './recording-switch.ts'
import type { TwilioDesk } from './twilio-desk.ts'

export function createTwilioControl(desk: TwilioDesk): ProviderCalls {
  const { book, rest } = desk
  return {
    originate: (request) => placeCall(desk, request),
    hangUp(callId) {
      const call = book.find(callId)
      if (!call || call.isFinished || call.ending !== null) return false
      const ending = endedByApi(call.answeredAt !== null)
      inBackground(hangUp(rest, call, ending), call.logger, 'ending a call')
      return true
    },
    transfer: (callId, request) => transferCall(desk, book.find(callId), request),
    record: (callId, action) => recordByHand(desk, book.find(callId), action),
    find: (callId) => book.find(callId)?.live,
    list: () => book.all().map(({ live }) => live),
  }
}
