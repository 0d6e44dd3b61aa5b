// Calls as they stand in the database: one, a page of many, the events of one.
import type { CallDirection, CallEvent, CallId, CallOutcome, CallStatus } from '#core/contracts'
import type { Database } from '../db/database.ts'
import type { CallEventRow, CallRow } from '../db/schema.ts'

/** Where a page begins: just after this call, newest first. */
export interface PagePosition {
  readonly createdAt: number
  readonly callId: string
}

export interface CallFilter {
  readonly direction?: CallDirection
  readonly status?: CallStatus
  readonly outcome?: CallOutcome
  /** Inclusive, epoch milliseconds. */
  readonly from?: number
  /** Exclusive. */
  readonly before?: number
}

export interface CallPage {
  readonly rows: readonly CallRow[]
  readonly next: PagePosition | null
}

export interface CallRepository {
  find(callId: CallId): Promise<CallRow | undefined>
  /** Newest first. Calls made meanwhile never shift a later page (keyset pagination). */
  page(filter: CallFilter, limit: number, after: PagePosition | null): Promise<CallPage>
  events(callId: CallId): Promise<readonly CallEventRow[]>
}

export function createCallRepository({ query }: Pick<Database, 'query'>): CallRepository {
  return {
    find: (callId) =>
      query.selectFrom('calls').selectAll().where('call_id', '=', callId).executeTakeFirst(),
    async page(filter, limit, after) {
      let select = query.selectFrom('calls').selectAll()
      if (filter.direction) select = select.where('direction', '=', filter.direction)
      if (filter.status) select = select.where('status', '=', filter.status)
      if (filter.outcome) select = select.where('outcome', '=', filter.outcome)
      if (filter.from !== undefined) select = select.where('created_at', '>=', filter.from)
      if (filter.before !== undefined) select = select.where('created_at', '<', filter.before)
      if (after) {
        select = select.where((where) =>
          where.or([
            where('created_at', '<', after.createdAt),
            where.and([
              where('created_at', '=', after.createdAt),
              where('call_id', '>', after.callId),
            ]),
          ]),
        )
      }
      // One more than asked for tells whether there is a next page.
      const rows = await select
        .orderBy('created_at', 'desc')
        .orderBy('call_id', 'asc')
        .limit(limit + 1)
        .execute()
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      const more = rows.length > limit && last
      return {
        rows: page,
        next: more ? { createdAt: last.created_at, callId: last.call_id } : null,
      }
    },
    events: (callId) =>
      query
        .selectFrom('call_events')
        .selectAll()
        .where('call_id', '=', callId)
        .orderBy('seq')
        .execute(),
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
