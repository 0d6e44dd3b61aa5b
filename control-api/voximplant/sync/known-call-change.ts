// What the history changes of a call that has a record here: what it costs, a recording that came later, and nothing that
// somebody said, heard or decided.
import { epochMs, type CallId } from '#core/contracts'
import type { CallUpdate } from '../../db/schema.ts'
import type { VendorCallChange } from '../calls/call-store.ts'
import type { HistorySession } from '../vendor/vendor-answer.ts'
import { decodeCustomData } from './custom-data.ts'
import { historyHash } from './history-hash.ts'
import type { KnownCall } from './known-calls.ts'
import { outcomeOfSession } from './session-outcome.ts'
import { recordOf, type SessionContext } from './session-rows.ts'

export interface KnownCallChange {
  readonly callId: CallId
  readonly call: CallUpdate
  readonly vendorCall: VendorCallChange
  /** Nobody had told which. */
  readonly conversationId: string | null
  /** A recording there that was not told of before, and none here. */
  readonly canHaveAudio: boolean
}

/** Undefined: nothing that is not known already. */
export function changeOf(
  row: KnownCall,
  session: HistorySession,
  { currency }: Pick<SessionContext, 'currency'>,
): KnownCallChange | undefined {
  const hash = historyHash(session)
  if (row.erased_at !== null || row.history_hash === hash) return undefined
  const isFirst = row.history_hash === null
  const record = recordOf(session)
  const isNewRecord = record !== undefined && record.url !== row.recording_url
  const { conversationId } = decodeCustomData(session.customData)
  const isNewConversation = row.conversation_id === null && conversationId !== null
  return {
    callId: row.call_id as CallId,
    call: {
      telephony_cost: session.cost,
      telephony_currency: currency ?? row.telephony_currency,
      ...(isNewConversation ? { conversation_id: conversationId } : {}),
      ...durationOf(row, session),
    },
    vendorCall: {
      session_id: session.sessionId,
      history_hash: hash,
      ...(record === undefined ? {} : { recording_url: record.url, record_id: record.recordId }),
    },
    conversationId: isNewConversation ? conversationId : null,
    canHaveAudio:
      (isNewRecord || (isFirst && record !== undefined)) &&
      row.recording_state === null &&
      row.consent_given !== 0,
  }
}

/** Of a talk whose length the history had not told when it told of the call. */
function durationOf(row: KnownCall, session: HistorySession): CallUpdate {
  const { answered_at: answered, ended_at: ended } = row
  if (answered === null || ended === null || ended > answered) return {}
  const seconds = outcomeOfSession(session).leg?.durationSeconds ?? 0
  return seconds > 0 ? { ended_at: epochMs(answered + seconds * 1000) } : {}
}
