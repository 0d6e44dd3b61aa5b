// What is deleted of calls, part by part, as statements: retention deletes one part after the other, an erasure all.
import { sql, type Compilable } from 'kysely'
import type { CallEventType } from '#core/contracts'
import type { Database } from '../db/database.ts'
import type { CallRow } from '../db/schema.ts'

/** Where a number was. No SIP user of ours is called so. */
export const ERASED = 'erased'

export const textWithoutNumber = (text: string, digits: string): string =>
  text.replaceAll(`+${digits}`, ERASED).replaceAll(digits, ERASED)

/** Events that hold the words of a talk. */
const WORDS = [
  'agent.user_transcript',
  'agent.response',
  'agent.response_corrected',
  'agent.heard',
] as const satisfies readonly CallEventType[]

export type CallPlace = Pick<CallRow, 'call_id' | 'position'>

type Query = Database['query']
const idsOf = (calls: readonly CallPlace[]): string[] => calls.map(({ call_id: id }) => id)

/** After the files are gone: a crash between the two leaves a key without a file, never a file that nobody knows of. */
export const withoutRecordings = (query: Query, calls: readonly CallPlace[]): Compilable[] => [
  query
    .updateTable('calls')
    .set({
      recording_state: 'deleted',
      recording_key: null,
      recording_bytes: null,
      recording_sha256: null,
      recording_duration_ms: null,
    })
    .where('call_id', 'in', idsOf(calls)),
]

/** The turns, the words they are found by, and the same words in the timeline. */
export function withoutTranscripts(
  query: Query,
  calls: readonly CallPlace[],
  at: number,
): Compilable[] {
  const ids = idsOf(calls)
  const positions = calls.map(({ position }) => position)
  return [
    query.deleteFrom('call_turns').where('call_id', 'in', ids),
    query.deleteFrom('call_words').where('rowid', 'in', positions),
    query.deleteFrom('call_events').where('call_id', 'in', ids).where('type', 'in', WORDS),
    query
      .updateTable('calls')
      .set({ has_transcript: 0, transcript_deleted_at: at })
      .where('call_id', 'in', ids)
      .where('has_transcript', '=', sql.lit(1)),
  ]
}

/** The timeline, what was asked for, and what others were told. */
export const withoutEvents = (
  query: Query,
  calls: readonly CallPlace[],
  at: number,
): Compilable[] => [
  query.deleteFrom('call_events').where('call_id', 'in', idsOf(calls)),
  query.updateTable('calls').set({ events_deleted_at: at }).where('call_id', 'in', idsOf(calls)),
  ...withoutTraces(query, calls),
]

/** The same, but for the proof that the caller agreed: it is kept as long as what it justifies. */
export const withoutEventsButConsent = (
  query: Query,
  calls: readonly CallPlace[],
): Compilable[] => [
  query
    .deleteFrom('call_events')
    .where('call_id', 'in', idsOf(calls))
    .where('type', '<>', 'consent.given' satisfies CallEventType),
  ...withoutTraces(query, calls),
]

/** What came of a call beside its own record. */
const withoutTraces = (query: Query, calls: readonly CallPlace[]): Compilable[] => [
  query.deleteFrom('call_requests').where('call_id', 'in', idsOf(calls)),
  query.deleteFrom('webhook_deliveries').where('call_id', 'in', idsOf(calls)),
  ...withoutEntries(query, calls),
]

/** What callers told the menu: that they were asked, and how they answered, stays. */
const withoutEntries = (query: Query, calls: readonly CallPlace[]): Compilable[] => [
  query
    .updateTable('flow_steps')
    .set({ digits: null, turn: null })
    .where('call_id', 'in', idsOf(calls)),
  query.updateTable('flow_calls').set({ state: null }).where('call_id', 'in', idsOf(calls)),
]

/**
 * What stays of a call: that there was one, when, how long, how it ended and what it cost. An order is the company's, and
 * stays with its number; but a number leads to a person, so that nothing leads from it to the call, or back. The proof of
 * a consent stays without the number.
 */
export const withoutNumbers = (
  query: Query,
  calls: readonly CallPlace[],
  at: number,
): Compilable[] => [
  query
    .updateTable('calls')
    .set({
      from_number: null,
      from_reversed: null,
      to_number: ERASED,
      to_reversed: null,
      metadata: '{}',
      erased_at: at,
    })
    .where('call_id', 'in', idsOf(calls)),
  query
    .updateTable('voximplant_calls')
    .set({ ...NOTHING_OF_VOXIMPLANT, is_pending: 0 })
    .where('call_id', 'in', idsOf(calls)),
  query.updateTable('provider_calls').set({ plan: null }).where('call_id', 'in', idsOf(calls)),
  query.updateTable('consents').set({ number: null }).where('call_id', 'in', idsOf(calls)),
  query.updateTable('orders').set({ call_id: null }).where('call_id', 'in', idsOf(calls)),
  query.updateTable('order_history').set({ call_id: null }).where('call_id', 'in', idsOf(calls)),
]

/** What was to be said and done, what the scenario has told, where its recording is; that the session is known stays. */
const NOTHING_OF_VOXIMPLANT = {
  plan: null,
  snapshot: null,
  control_url: null,
  recording_url: null,
  record_id: null,
} as const

/** What the agent's vendor told us of the talk; what it cost stays. */
export const NO_WORDS_OF_VENDOR = {
  transcript: null,
  analysis: null,
  summary: null,
} as const

export const NO_AUDIO_OF_VENDOR = {
  audio_key: null,
  audio_bytes: null,
  audio_sha256: null,
} as const
