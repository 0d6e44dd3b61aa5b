// What was asked for, of calls that may have to be dialled again: the callee's number and what the agent is told stand in
// it, so it goes as soon as no attempt is due.
import type { Compilable } from 'kysely'
import type { CallId, OriginateRequest } from '#core/contracts'
import type { Database } from '../db/database.ts'
import type { RetryPolicy } from './retry-policy.ts'

export interface StoredRequest {
  readonly request: OriginateRequest
  readonly retry: RetryPolicy
  /** Whose key placed the first attempt: its budget pays for the others. */
  readonly keyId: string
}

export interface CallRequests {
  /** Durable before the first attempt is placed. */
  keep(first: CallId, stored: StoredRequest, at: number): Promise<void>
  find(first: CallId): Promise<StoredRequest | undefined>
  /** No attempt follows: what was asked for is forgotten, and no record says that one is due. */
  forgotten(first: CallId): readonly Compilable[]
  /** Those whose call was never recorded, because of a crash. */
  forgetOrphans(): Promise<void>
}

export function createCallRequests(database: Database): CallRequests {
  const { query } = database
  return {
    async keep(first, stored, at) {
      await database.write([
        query
          .insertInto('call_requests')
          .values({ call_id: first, request: JSON.stringify(stored), created_at: at })
          .onConflict((conflict) => conflict.column('call_id').doNothing()),
      ])
    },
    async find(first) {
      const row = await query
        .selectFrom('call_requests')
        .select('request')
        .where('call_id', '=', first)
        .executeTakeFirst()
      // We wrote it ourselves, so its shape is taken on trust.
      return row && (JSON.parse(row.request) as StoredRequest)
    },
    forgotten: (first) => [
      query.deleteFrom('call_requests').where('call_id', '=', first),
      ...(['call_id', 'retry_of'] as const).map((column) =>
        query.updateTable('calls').set({ next_attempt_at: null }).where(column, '=', first),
      ),
    ],
    async forgetOrphans() {
      await database.write([
        query
          .deleteFrom('call_requests')
          .where((where) =>
            where.not(
              where.exists(
                where
                  .selectFrom('calls')
                  .select('calls.call_id')
                  .whereRef('calls.call_id', '=', 'call_requests.call_id'),
              ),
            ),
          ),
      ])
    },
  }
}
