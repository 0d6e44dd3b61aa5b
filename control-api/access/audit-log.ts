// Every change somebody made through the API: who, what, to what. Written with the change itself, in one transaction.
import type { Compilable } from 'kysely'
import type { Database } from '../db/database.ts'
import type { AuditLogTable } from '../db/schema.ts'
import type { Principal } from '../http-server.ts'

/** `thing.done`, such as `key.created`. */
export type AuditAction = `${string}.${string}`

export interface AuditLog {
  /** @param detail without secrets and numbers */
  noted(
    by: Pick<Principal, 'keyId'>,
    action: AuditAction,
    target: string | null,
    detail?: Readonly<Record<string, unknown>>,
  ): Compilable
  /** Newest first, behind a position. */
  page(filter: AuditFilter, after: number | null, limit: number): Promise<readonly AuditLogTable[]>
}

export interface AuditFilter {
  readonly action?: string
  readonly keyId?: string
  /** Epoch milliseconds. */
  readonly from?: number
  readonly before?: number
}

/** Positions are microseconds. */
const positionAt = (ms: number): number => Math.floor(ms * 1000)

export async function openAuditLog(
  { query }: Pick<Database, 'query'>,
  clock: { now(): number },
): Promise<AuditLog> {
  const { newest } = await query
    .selectFrom('audit_log')
    .select(({ fn }) => fn.max<number | null>('position').as('newest'))
    .executeTakeFirstOrThrow()
  let last = newest ?? 0
  return {
    noted({ keyId }, action, target, detail = {}) {
      const at = clock.now()
      last = Math.max(last + 1, positionAt(at))
      return query.insertInto('audit_log').values({
        position: last,
        at,
        key_id: keyId,
        action,
        target,
        detail: JSON.stringify(detail),
      })
    },
    page({ action, keyId, from, before }, after, limit) {
      // By position alone, not by time: the primary key and both indices end in it.
      let rows = query.selectFrom('audit_log').selectAll()
      if (action !== undefined) rows = rows.where('action', '=', action)
      if (keyId !== undefined) rows = rows.where('key_id', '=', keyId)
      if (from !== undefined) rows = rows.where('position', '>=', positionAt(from))
      if (before !== undefined) rows = rows.where('position', '<', positionAt(before))
      if (after !== null) rows = rows.where('position', '<', after)
      return rows.orderBy('position', 'desc').limit(limit).execute()
    },
  }
}
