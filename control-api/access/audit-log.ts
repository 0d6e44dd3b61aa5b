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
  page(after: number | null, limit: number): Promise<readonly AuditLogTable[]>
}

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
      last = Math.max(last + 1, Math.floor(at * 1000))
      return query.insertInto('audit_log').values({
        position: last,
        at,
        key_id: keyId,
        action,
        target,
        detail: JSON.stringify(detail),
      })
    },
    page: (after, limit) =>
      query
        .selectFrom('audit_log')
        .selectAll()
        .where((where) => (after === null ? where.lit(true) : where('position', '<', after)))
        .orderBy('position', 'desc')
        .limit(limit)
        .execute(),
  }
}
