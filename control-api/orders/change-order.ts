// Staff change an order: its status, its notes. Each change is a line of its history, and one of the audit log.
import type { Compilable } from 'kysely'
import { AppError, codeOf } from '#core/errors'
import type { Clock } from '#core/time'
import type { AuditLog } from '../access/audit-log.ts'
import type { Database } from '../db/database.ts'
import type { OrdersTable } from '../db/schema.ts'
import type { Principal } from '../http-server.ts'
import type { OrderStatus } from '../ivr/flow-state.ts'
import type { OrderStore } from './order-store.ts'
import { viewTime } from '../view-parts.ts'

export interface ChangeOrderDeps {
  readonly database: Database
  readonly orders: OrderStore
  readonly audit: AuditLog
  readonly clock: Clock
}

export interface WantedOrder {
  readonly status: OrderStatus
  /** Undefined: as they are. */
  readonly notes?: string | null
  /** What the one who changes it has seen; undefined: whatever it is by now. */
  readonly updatedAt?: string
}

/** Others may write between our reading and our writing: a caller who names the order just now. */
const MOST_TRIES = 5

/** The order as it is now. @throws AppError `NOT_FOUND`; `STATE_CONFLICT` when somebody changed it meanwhile */
export async function changeOrder(
  deps: ChangeOrderDeps,
  orderId: string,
  by: Principal,
  wanted: WantedOrder,
): Promise<{ readonly row: OrdersTable; readonly isChanged: boolean }> {
  const { database, orders, audit, clock } = deps
  for (let tries = 1; ; tries += 1) {
    const seq = await orders.lastSeq(orderId)
    const row = await orders.find(orderId)
    if (!row) throw new AppError('NOT_FOUND', 'There is no order with this id.')
    if (wanted.updatedAt !== undefined && wanted.updatedAt !== viewTime(row.updated_at))
      throw new AppError('STATE_CONFLICT', 'Somebody changed the order meanwhile: read it again.')
    const { status, notes = row.notes } = wanted
    // As it is shown, whole milliseconds; two changes within one are told apart.
    const at = Math.max(Math.floor(clock.now()), row.updated_at + 1)
    const changed = { ...row, status, notes, updated_at: at }
    const lines = linesOf(row, changed)
    if (lines.length === 0) return { row, isChanged: false }
    try {
      await database.write([
        ...lines.map((line, index) =>
          lineOf(database, changed, by, { ...line, seq: seq + 1 + index }),
        ),
        database.query
          .updateTable('orders')
          .set({ status, notes, updated_at: at })
          .where('order_id', '=', orderId),
        audit.noted(by, 'order.changed', orderId, {
          from: row.status,
          to: status,
          ...notesOf(lines),
        }),
      ])
      return { row: changed, isChanged: true }
    } catch (error) {
      // Somebody took our place in the history: the whole write was undone.
      if (codeOf(error) !== 'INTERNAL' || tries === MOST_TRIES) throw error
    }
  }
}

interface Line {
  readonly kind: 'status' | 'notes'
  readonly from: string | null
  readonly to: string | null
}

const linesOf = (before: OrdersTable, after: OrdersTable): readonly Line[] => [
  ...(before.status === after.status
    ? []
    : [{ kind: 'status', from: before.status, to: after.status } as const]),
  ...(before.notes === after.notes
    ? []
    : [{ kind: 'notes', from: before.notes, to: after.notes } as const]),
]

/** That they changed: what they say may be anything. */
const notesOf = (lines: readonly Line[]) =>
  lines.some(({ kind }) => kind === 'notes') ? { notes: 'changed' } : {}

const lineOf = (
  { query }: Database,
  { order_id: orderId, updated_at: at }: OrdersTable,
  { keyId }: Principal,
  { kind, from, to, seq }: Line & { readonly seq: number },
): Compilable =>
  query.insertInto('order_history').values({
    order_id: orderId,
    seq,
    at,
    who: keyId,
    kind,
    from_value: from,
    to_value: to,
    call_id: null,
  })
