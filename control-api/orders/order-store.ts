// Orders as they stand in the database: read one or a page of them, and the statements that write them.
import { createHash } from 'node:crypto'
import { sql, type Compilable } from 'kysely'
import type { CallId } from '#core/contracts'
import { wantedPosition } from '../calls/call-position.ts'
import type { Database } from '../db/database.ts'
import type { OrderHistoryTable, OrdersTable } from '../db/schema.ts'
import type { OrderStatus } from '../ivr/flow-state.ts'

export interface OrderFilter {
  readonly status?: OrderStatus
  /** The whole number, or its end. */
  readonly numberEnding?: string
  /** Inclusive, epoch milliseconds. */
  readonly from?: number
  /** Exclusive. */
  readonly before?: number
}

/** That an order was named, or came from elsewhere, before it has its place in the history. */
export type OrderNamed = Pick<OrderHistoryTable, 'at' | 'who' | 'kind' | 'call_id'>

export interface OrderStore {
  find(orderId: string): Promise<OrdersTable | undefined>
  /** Undefined of a number that nobody has named. */
  statusOf(orderNumber: string): Promise<OrderStatus | undefined>
  /** Newest first, behind a position. */
  page(filter: OrderFilter, after: number | null, limit: number): Promise<readonly OrdersTable[]>
  /** Oldest first; the last five hundred lines. */
  history(orderId: string): Promise<readonly OrderHistoryTable[]>
  lastSeq(orderId: string): Promise<number>
  ofCall(callId: CallId): Promise<readonly OrdersTable[]>
  /** A caller named the number and said yes: an order when there is none yet, and a line of history, once a call. */
  confirmed(confirmed: ConfirmedOrder): readonly Compilable[]
  added(order: Omit<OrdersTable, 'position' | 'number_reversed'>): Compilable
}

export interface ConfirmedOrder {
  readonly orderNumber: string
  readonly callId: CallId
  readonly at: number
}

/** Lines of history that are shown. */
const MOST_HISTORY = 500
const MOST_OF_CALL = 50
/** Behind every text: no letter has a higher place. */
const BEHIND_ALL = '\u{10ffff}'

/** Follows from the number, which is one order's alone: whoever names it, at the same time as others too, knows its id. */
export const orderIdOf = (orderNumber: string): string =>
  `order_${createHash('sha256').update(`order ${orderNumber}`).digest('hex').slice(0, 32)}`

export const reversed = (text: string): string => Array.from(text).reverse().join('')

export function createOrderStore({ query, write }: Pick<Database, 'query' | 'write'>): OrderStore {
  const added: OrderStore['added'] = (order) =>
    query
      .insertInto('orders')
      .values({
        ...order,
        number_reversed: reversed(order.order_number),
        position: freePosition(wantedPosition(order.created_at)),
      })
      .onConflict((conflict) => conflict.column('order_number').doNothing())
  return {
    find: (orderId) =>
      query.selectFrom('orders').selectAll().where('order_id', '=', orderId).executeTakeFirst(),
    statusOf: (orderNumber) => readStatus({ query, write }, orderNumber),
    page: (filter, after, limit) => selectPage(query, filter, after).limit(limit).execute(),
    history: (orderId) => readHistory(query, orderId),
    async lastSeq(orderId) {
      const { last } = await query
        .selectFrom('order_history')
        .select(({ fn }) => fn.max<number | null>('seq').as('last'))
        .where('order_id', '=', orderId)
        .executeTakeFirstOrThrow()
      return last ?? -1
    },
    ofCall: (callId) => selectOfCall(query, callId).execute(),
    confirmed: ({ orderNumber, callId, at }) => [
      added({
        order_id: orderIdOf(orderNumber),
        order_number: orderNumber,
        status: 'confirmed',
        notes: null,
        call_id: callId,
        created_at: Math.floor(at),
        updated_at: Math.floor(at),
      }),
      historyByNumber(query, orderNumber, {
        at,
        who: 'caller',
        kind: 'confirmed',
        call_id: callId,
      }),
    ],
    added,
  }
}

/** With the writes: of these many go at once, while of the reads one waits for the other. */
async function readStatus(
  { query, write }: Pick<Database, 'query' | 'write'>,
  orderNumber: string,
): Promise<OrderStatus | undefined> {
  const [result] = await write([
    query.selectFrom('orders').select('status').where('order_number', '=', orderNumber),
  ])
  // We wrote it ourselves, so its shape is taken on trust.
  return result?.rows[0]?.['status'] as OrderStatus | undefined
}

async function readHistory(
  query: Database['query'],
  orderId: string,
): Promise<readonly OrderHistoryTable[]> {
  const latest = await query
    .selectFrom('order_history')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('seq', 'desc')
    .limit(MOST_HISTORY)
    .execute()
  return latest.toReversed()
}

const selectOfCall = (query: Database['query'], callId: CallId) =>
  query
    .selectFrom('orders')
    .selectAll()
    .where('order_id', 'in', (of) =>
      of.selectFrom('order_history').select('order_id').where('call_id', '=', callId),
    )
    .orderBy('position')
    .limit(MOST_OF_CALL)

function selectPage(query: Database['query'], filter: OrderFilter, after: number | null) {
  const { status, numberEnding, from, before } = filter
  const end = reversed(numberEnding ?? '')
  const ends = [after, before === undefined ? null : wantedPosition(before)]
  const behind = Math.min(...ends.filter((one) => one !== null))
  return query
    .selectFrom('orders')
    .selectAll()
    .$if(status !== undefined, (rows) => rows.where('status', '=', status ?? 'confirmed'))
    .$if(end !== '', (rows) =>
      rows.where('number_reversed', '>=', end).where('number_reversed', '<', end + BEHIND_ALL),
    )
    .$if(from !== undefined, (rows) => rows.where('position', '>=', wantedPosition(from ?? 0)))
    .$if(Number.isFinite(behind), (rows) => rows.where('position', '<', behind))
    .orderBy('position', 'desc')
}

/** The place, or the next one that is free. */
const freePosition = (wanted: number) => sql<number>`
  CASE WHEN EXISTS (SELECT 1 FROM orders WHERE position = ${wanted}) THEN (
    SELECT one.position + 1 FROM orders one
    WHERE one.position >= ${wanted}
      AND NOT EXISTS (SELECT 1 FROM orders next WHERE next.position = one.position + 1)
    ORDER BY one.position LIMIT 1
  ) ELSE ${wanted} END`

/** A line of history, with the status, of the order that has this number, whoever added it; once a call that confirmed it. */
export function historyByNumber(
  query: Database['query'],
  orderNumber: string,
  change: OrderNamed,
): Compilable {
  const columns = ['at', 'who', 'kind', 'call_id'] as const
  return query
    .insertInto('order_history')
    .columns(['order_id', 'seq', 'to_value', ...columns])
    .expression((from) =>
      from
        .selectFrom('orders')
        .select((order) => [
          'orders.order_id',
          order
            .selectFrom('order_history as known')
            .whereRef('known.order_id', '=', 'orders.order_id')
            .select((last) =>
              last(last.fn.coalesce(last.fn.max('known.seq'), last.lit(-1)), '+', last.lit(1)).as(
                'next',
              ),
            )
            .as('seq'),
          'orders.status as to_value',
          ...columns.map((column) => sql.val(change[column]).as(column)),
        ])
        .where('orders.order_number', '=', orderNumber),
    )
    .onConflict((conflict) => conflict.doNothing())
}
