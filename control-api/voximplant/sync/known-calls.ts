// What is known here of sessions that the history tells of: one query a page.
import type { CallId } from '#core/contracts'
import type { Database } from '../../db/database.ts'
import type { HistorySession } from '../vendor/vendor-answer.ts'

const COLUMNS = [
  'voximplant_calls.call_id',
  'voximplant_calls.session_id',
  'voximplant_calls.recording_url',
  'voximplant_calls.record_id',
  'voximplant_calls.history_hash',
  'voximplant_calls.ended_at as vendor_ended_at',
  'calls.call_id as recorded',
  'calls.created_at',
  'calls.answered_at',
  'calls.ended_at',
  'calls.outcome',
  'calls.conversation_id',
  'calls.telephony_cost',
  'calls.telephony_currency',
  'calls.recording_state',
  'calls.consent_given',
  'calls.erased_at',
] as const

export type KnownCall = Awaited<ReturnType<typeof selectBySession>>[number]

const known = (query: Database['query']) =>
  query
    .selectFrom('voximplant_calls')
    .leftJoin('calls', 'calls.call_id', 'voximplant_calls.call_id')
    .select(COLUMNS)

const selectBySession = (
  query: Database['query'],
  vendorAccountId: string,
  sessionIds: readonly string[],
) =>
  known(query)
    .where('voximplant_calls.vendor_account_id', '=', vendorAccountId)
    .where('voximplant_calls.session_id', 'in', sessionIds)
    .execute()

export interface KnownCallsOptions {
  readonly vendorAccountId: string
  /** Which call of ours a session says that it is, by its custom data. */
  readonly callIdOf: (session: HistorySession) => CallId | undefined
}

/** By session id. Of a session nobody has told of, the call that its token names. */
export async function findKnown(
  query: Database['query'],
  sessions: readonly HistorySession[],
  { vendorAccountId, callIdOf }: KnownCallsOptions,
): Promise<ReadonlyMap<string, KnownCall>> {
  if (sessions.length === 0) return new Map()
  const ids = sessions.map(({ sessionId }) => sessionId)
  const rows = await selectBySession(query, vendorAccountId, ids)
  const found = new Map(
    rows.flatMap((row) => (row.session_id === null ? [] : [[row.session_id, row]])),
  )
  const named = new Map<string, string>()
  for (const session of sessions) {
    const callId = found.has(session.sessionId) ? undefined : callIdOf(session)
    if (callId !== undefined) named.set(callId, session.sessionId)
  }
  if (named.size === 0) return found
  const waiting = await known(query)
    .where('voximplant_calls.vendor_account_id', '=', vendorAccountId)
    .where('voximplant_calls.call_id', 'in', [...named.keys()])
    .where('voximplant_calls.session_id', 'is', null)
    .execute()
  for (const row of waiting) found.set(named.get(row.call_id) ?? '', row)
  return found
}
