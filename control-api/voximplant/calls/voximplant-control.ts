// CallControl for the calls of Voximplant.
import { AppError } from '#core/errors'
import type { ProviderCalls } from '../../calls/providers.ts'
import { endedByApi } from '../../calls/vendor-endings.ts'
import { hangUp } from './hang-up.ts'
import { placeCall } from './place-call.ts'
import type { LiveDesk } from './live-desk.ts'

export function createVoximplantControl(desk: LiveDesk): ProviderCalls {
  const { book } = desk
  return {
    originate: (request) => placeCall(desk, request),
    hangUp(callId) {
      const call = book.find(callId)
      if (!call || call.isFinished || call.ending !== null) return false
      hangUp(desk, call, endedByApi(call.answeredAt !== null))
      return true
    },
    transfer(callId) {
      if (!book.find(callId)) return 'not-live'
      throw new AppError(
        'PROVIDER_REFUSED',
        'Voximplant joins the caller with the agent by itself: such a call cannot be handed over from here.',
      )
    },
    // Its scenario records, as the options of the application say.
    record: (callId) => (book.find(callId) ? 'off' : 'not-live'),
    find: (callId) => book.find(callId)?.live,
    list: () => book.all().map(({ live }) => live),
  }
}
