// The review status of calls in the menu, as it was in the system that this one replaces: processing, processed with the
// consent, completed or a problem at the end. What a person says of a call stands.
import type { CallEvent } from '#core/contracts'
import type { CallRow, CallUpdate } from '../db/schema.ts'

export function foldReview(row: CallRow, event: CallEvent): CallUpdate {
  const { review_status: status } = row
  switch (event.type) {
    case 'flow.asked':
      return status === null ? { review_status: 'processing' } : {}
    case 'consent.given':
      return event.data.given && status === 'processing' ? { review_status: 'processed' } : {}
    case 'call.ended': {
      // One that was never answered stays in processing: somebody may look into it.
      const isOpen = status === 'processing' || status === 'processed'
      if (!isOpen || row.consent_given === null || row.status === 'ended') return {}
      const { result } = event.data.termination
      const failed = result === 'server_error' || result === 'upstream_error'
      return { review_status: failed ? 'problem' : 'completed' }
    }
    default:
      return {}
  }
}
