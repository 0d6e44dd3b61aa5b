// The orders of the old assistant, one for each number: it made a row each time that a caller named one.
import type { CallId } from '#core/contracts'
import type { OrderStatus } from '../../ivr/flow-state.ts'
import { normaliseOrderNumber } from '../../ivr/order-number.ts'
import type { OldDatabase, OldRow } from './old-database.ts'
import { orderStatusOf, textOf, timeOf } from './old-words.ts'

export interface OldOrder {
  readonly orderNumber: string
  readonly status: OrderStatus
  readonly notes: string | null
  readonly createdAt: number
  readonly updatedAt: number
  /** Who named it, oldest first; null: a call that is not there. */
  readonly named: readonly { readonly callId: CallId | null; readonly at: number }[]
}

export interface OldOrders {
  readonly orders: readonly OldOrder[]
  readonly rows: number
  /** Without a number. */
  readonly skipped: number
  readonly unknownStatuses: readonly string[]
}

const PAGE = 500

/** @param callIds of the old ids */
export function readOldOrders(
  old: OldDatabase,
  callIds: ReadonlyMap<string, CallId>,
  now: number,
): OldOrders {
  const orders = new Map<string, OldOrder>()
  const unknown = new Set<string>()
  let rows = 0
  let skipped = 0
  for (let page = old.page('orders', -1, PAGE); page.length > 0;) {
    for (const row of page) {
      rows += 1
      const number = normaliseOrderNumber(textOf(row.number) ?? '').slice(0, 64)
      if (number === '') {
        skipped += 1
        continue
      }
      const one = orderOf(row, number, callIds.get(textOf(row.call) ?? '') ?? null, {
        now,
        unknown,
      })
      const known = orders.get(number)
      orders.set(number, known ? merged(known, one) : one)
    }
    page = old.page('orders', page.at(-1)?.rowid ?? 0, PAGE)
  }
  return { orders: [...orders.values()], rows, skipped, unknownStatuses: [...unknown] }
}

function orderOf(
  row: OldRow<'orders'>,
  orderNumber: string,
  callId: CallId | null,
  { now, unknown }: { readonly now: number; readonly unknown: Set<string> },
): OldOrder {
  const createdAt = Math.floor(timeOf(row.createdAt) ?? timeOf(row.updatedAt) ?? now)
  const written = textOf(row.status)
  const status = written === null ? 'confirmed' : orderStatusOf(written)
  if (status === undefined && written !== null) unknown.add(written)
  const notes = textOf(row.notes)
  return {
    orderNumber,
    status: status ?? 'confirmed',
    // What it said is not lost with what it meant.
    notes: status === undefined && written !== null ? joined(`status: ${written}`, notes) : notes,
    createdAt,
    updatedAt: Math.floor(Math.max(createdAt, timeOf(row.updatedAt) ?? createdAt)),
    named: [{ callId, at: createdAt }],
  }
}

/** The status and the notes of the one that was changed last. */
function merged(known: OldOrder, more: OldOrder): OldOrder {
  const [last, other] = more.updatedAt >= known.updatedAt ? [more, known] : [known, more]
  return {
    ...last,
    notes: last.notes ?? other.notes,
    createdAt: Math.min(known.createdAt, more.createdAt),
    named: [...known.named, ...more.named].toSorted((one, two) => one.at - two.at),
  }
}

const joined = (one: string, other: string | null): string =>
  other === null ? one : `${one}\n${other}`
