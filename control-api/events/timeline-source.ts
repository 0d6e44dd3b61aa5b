// The timeline of one live call as messages: what the feed is too coarse for. A message's id is the place of its event in
// the call's record, from 1.
import type { CallId } from '#core/contracts'
import type { CallRecorder } from '../calls/recorder.ts'
import { viewTimeline } from '../calls/timeline-view.ts'
import type { Database } from '../db/database.ts'
import type { CallEventRow, CallRow } from '../db/schema.ts'
import type { EventSource, StreamItem } from './event-source.ts'

const BATCH = 500

export interface TimelineNews {
  /** Tells of each event of this call once it is durable. */
  onNews(callId: CallId, listener: () => void): () => void
}

/** One subscription at the recorder for all calls that somebody looks at. */
export function createTimelineNews(recorder: CallRecorder): TimelineNews {
  const listeners = new Map<CallId, Set<() => void>>()
  recorder.onRecorded(({ callId }) => {
    for (const listener of listeners.get(callId) ?? []) listener()
  })
  return {
    onNews(callId, listener) {
      const ofCall = listeners.get(callId) ?? new Set()
      listeners.set(callId, ofCall.add(listener))
      return () => {
        ofCall.delete(listener)
        if (ofCall.size === 0) listeners.delete(callId)
      }
    },
  }
}

export function createTimelineSource(
  { database, news }: { readonly database: Pick<Database, 'query'>; readonly news: TimelineNews },
  call: Pick<CallRow, 'created_at'> & { readonly call_id: CallId },
): EventSource {
  return {
    onNews: (listener) => news.onNews(call.call_id, listener),
    async read(after) {
      const rows = await database.query
        .selectFrom('call_events')
        .selectAll()
        .where('call_id', '=', call.call_id)
        .where('seq', '>=', after)
        .orderBy('seq')
        .limit(BATCH)
        .execute()
      return {
        items: rows.flatMap((row) => itemOf(call, row)),
        position: (rows.at(-1)?.seq ?? after - 1) + 1,
        isLast: rows.length < BATCH,
      }
    },
  }
}

/** None of an event that the timeline does not show. */
function itemOf(call: Pick<CallRow, 'call_id' | 'created_at'>, row: CallEventRow): StreamItem[] {
  return viewTimeline(call.created_at, [row]).map((item) => ({
    position: row.seq + 1,
    type: row.type,
    callId: call.call_id,
    frame: Buffer.from(
      JSON.stringify({
        id: String(row.seq + 1),
        type: row.type,
        at: item.at,
        call_id: call.call_id,
        data: item,
      }),
    ),
  }))
}
