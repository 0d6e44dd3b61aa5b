// What others are told of, in one order that never changes: outgoing webhooks and live events are made of it. Written
// with what it tells of, in one transaction, so that nothing is told that did not happen, and nothing happens untold.
import { sql, type Compilable } from 'kysely'
import type { CallId, EpochMs } from '#core/contracts'
import type { Database } from '../db/database.ts'
import type { FeedTable } from '../db/schema.ts'
import { writtenOnce } from '../db/written-once.ts'

/** Public names: webhooks and `GET /api/events` carry them. docs/live-events.md says what each means. */
export const FEED_TYPES = [
  'call.created',
  'call.dialing',
  'call.ringing',
  'call.answered',
  'call.ended',
  'call.reviewed',
  'agent.opened',
  'agent.closed',
  'transcript.ready',
  'recording.ready',
  'conversation.ready',
  'consent.given',
  'order.confirmed',
  'job.done',
  'webhook.test',
] as const
export type FeedType = (typeof FEED_TYPES)[number]

export interface FeedEvent {
  /** Its id: grows with every event. */
  readonly position: number
  readonly at: EpochMs
  readonly type: FeedType
  readonly callId: CallId | null
  /** snake_case, without personal data. */
  readonly data: Readonly<Record<string, unknown>>
}

export interface Feed {
  /**
   * To be handed to `Database.write` at once, in this very turn: positions are given out in the order of writing.
   * @param unlessSeq nothing is added when the call has an event of this number: it was told with that one
   */
  appended(
    type: FeedType,
    at: EpochMs,
    callId: CallId | null,
    data: FeedEvent['data'],
    unlessSeq?: number | null,
  ): Compilable
  /** After such a write: listeners look for what is new. */
  announce(): void
  onAnnounced(listener: () => void): () => void
  /** Behind a position, oldest first; of one call alone, when it is named. */
  since(position: number, limit: number, callId?: CallId): Promise<readonly FeedEvent[]>
  /** The newest there is, and the oldest that is kept; 0 when there is none. */
  bounds(): Promise<{ readonly first: number; readonly last: number }>
}

export async function openFeed(database: Database, clock: { now(): EpochMs }): Promise<Feed> {
  const { query } = database
  const listeners = new Set<() => void>()
  // One end a query: asked for both at once SQLite reads the whole feed.
  const end = async (direction: 'asc' | 'desc'): Promise<number> => {
    const row = await query
      .selectFrom('feed')
      .select('position')
      .orderBy('position', direction)
      .limit(1)
      .executeTakeFirst()
    return row?.position ?? 0
  }
  const bounds = async (): Promise<{ first: number; last: number }> => ({
    first: await end('asc'),
    last: await end('desc'),
  })
  let { last } = await bounds()
  const insert = writtenOnce<FeedTable>((row) => query.insertInto('feed').values(row))
  return {
    appended(type, at, callId, data, unlessSeq = null) {
      last = Math.max(last + 1, Math.floor(clock.now() * 1000))
      const row = { position: last, at, type, call_id: callId, data: JSON.stringify(data) }
      return unlessSeq === null ? insert(row) : insertUnlessTold(query, row, unlessSeq)
    },
    announce() {
      for (const listener of listeners) listener()
    },
    onAnnounced(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async since(position, limit, callId) {
      const behind = query
        .selectFrom('feed')
        .selectAll()
        .where('position', '>', position)
        .orderBy('position')
        .limit(limit)
      const rows = await (
        callId === undefined ? behind : behind.where('call_id', '=', callId)
      ).execute()
      return rows.map(decodeFeedRow)
    },
    bounds,
  }
}

function insertUnlessTold(query: Database['query'], row: FeedTable, seq: number): Compilable {
  const columns = ['position', 'at', 'type', 'call_id', 'data'] as const
  const written = query
    .selectFrom('call_events')
    .select('seq')
    .where('call_id', '=', row.call_id)
    .where('seq', '=', seq)
  return query
    .insertInto('feed')
    .columns([...columns])
    .expression(
      query
        .selectNoFrom(columns.map((column) => sql.val(row[column]).as(column)))
        .where((where) => where.not(where.exists(written))),
    )
}

/** We wrote the row ourselves, so its shape is taken on trust. */
const decodeFeedRow = (row: FeedTable): FeedEvent =>
  ({
    position: row.position,
    at: row.at,
    type: row.type,
    callId: row.call_id,
    data: JSON.parse(row.data) as unknown,
  }) as FeedEvent
