// Calls as they stand in the database: one, a page of many, the events and the transcript of one.
import type { CallEvent, CallId } from '#core/contracts'
import type { Database } from '../db/database.ts'
import type { CallEventRow, CallRow } from '../db/schema.ts'
import { isFrequent, selectPage, type PageRequest } from './call-filter.ts'
import { readTranscript } from './transcript/kept-transcript.ts'
import { boundSpoken } from './transcript/spoken-events.ts'
import { foldTranscript, SPOKEN_TYPES } from './transcript/transcript.ts'
import type { Turn } from './transcript/turn.ts'

export interface CallPage {
  readonly rows: readonly CallRow[]
  /** The position behind which the next page begins. */
  readonly next: number | null
}

export interface CallRepository {
  find(callId: CallId): Promise<CallRow | undefined>
  /** Newest first. Calls made meanwhile never shift a later page (keyset pagination). */
  page(request: PageRequest): Promise<CallPage>
  events(callId: CallId): Promise<readonly CallEventRow[]>
  firstEvent(callId: CallId, type: CallEvent['type']): Promise<CallEventRow | undefined>
  /** As kept when the call ended, or folded from what has happened so far. */
  transcript(call: Pick<CallRow, 'call_id' | 'status'>): Promise<readonly Turn[]>
}

export function createCallRepository({ query }: Pick<Database, 'query'>): CallRepository {
  return {
    find: (callId) =>
      query.selectFrom('calls').selectAll().where('call_id', '=', callId).executeTakeFirst(),
    async page(request) {
      // One more than asked for tells whether there is a next page.
      const isNumberFrequent = await isFrequent(query, request.filter)
      const found = await selectPage(query, request, isNumberFrequent).execute()
      const rows = found.slice(0, request.limit)
      const next = found.length > request.limit ? rows.at(-1)?.position : undefined
      return { rows, next: next ?? null }
    },
    async transcript({ call_id: callId, status }) {
      if (status === 'ended') return readTranscript(query, callId)
      const rows = await query
        .selectFrom('call_events')
        .selectAll()
        .where('call_id', '=', callId)
        .where('type', 'in', SPOKEN_TYPES)
        .orderBy('seq')
        .execute()
      return foldTranscript(boundSpoken(rows.map(decodeCallEvent)))
    },
    events: (callId) =>
      query
        .selectFrom('call_events')
        .selectAll()
        .where('call_id', '=', callId)
        .orderBy('seq')
        .execute(),
    firstEvent: (callId, type) =>
      query
        .selectFrom('call_events')
        .selectAll()
        .where('call_id', '=', callId)
        .where('type', '=', type)
        .orderBy('seq')
        .limit(1)
        .executeTakeFirst(),
  }
}

/** An event as it was published. We wrote the row ourselves, so its shape is taken on trust. */
export const decodeCallEvent = (row: CallEventRow): CallEvent =>
  ({
    type: row.type,
    callId: row.call_id,
    at: row.at,
    data: JSON.parse(row.data) as unknown,
  }) as CallEvent
