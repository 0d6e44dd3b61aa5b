// Orders in a data folder, before anything is started on it: named on calls of the past by the product's own code, some
// imported, some changed by staff since, with the consents of those calls.
import { epochMs, type CallId } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { openAuditLog } from '../../../control-api/access/audit-log.ts'
import { openDatabase, type Database } from '../../../control-api/db/database.ts'
import type { OrderStatus } from '../../../control-api/ivr/flow-state.ts'
import { createFlowStore } from '../../../control-api/ivr/flow-store.ts'
import { changeOrder } from '../../../control-api/orders/change-order.ts'
import {
  createOrderStore,
  historyByNumber,
  orderIdOf,
  type OrderStore,
} from '../../../control-api/orders/order-store.ts'

const HOUR_MS = 3_600_000
const IMPORTED = 45
/** Every so many-th call names an order of an earlier one. */
const AGAIN = 4
const CHANGES: readonly (readonly [OrderStatus, string | null])[] = [
  ['in_progress', null],
  ['completed', 'Delivered to the neighbour at number 12, who signed for it.'],
  [
    'problem',
    'Two parcels were announced, one came. The carrier is asked; the customer wants to be called back in the afternoon, not before two.',
  ],
  ['canceled', 'Canceled by letter'],
]

export const pastOrderNumber = (index: number): string => String(4711 + index * 13)

export async function recordPastOrders(dataDir: string): Promise<void> {
  const database = await openDatabase(createLogger('silent'), { dataDir })
  const orders = createOrderStore(database)
  const calls = await namingCalls(database)
  await importSome(database, orders, calls.at(0)?.at ?? Date.now())
  let named = 0
  for (const [index, call] of calls.entries()) {
    const isAgain = index % AGAIN === AGAIN - 1
    if (!isAgain) named += 1
    const orderNumber = pastOrderNumber(isAgain ? named % 5 : named)
    const at = call.at + 40_000
    await database.write([
      ...orders.confirmed({ orderNumber, callId: call.callId, at }),
      ...menuOf(database, call, index),
    ])
    if (index % 3 === 0) await change(database, orders, { orderNumber, at, index })
  }
  await database.close()
}

interface NamingCall {
  readonly callId: CallId
  readonly at: number
  readonly number: string | null
}

/** Oldest first. */
async function namingCalls({ query }: Database): Promise<readonly NamingCall[]> {
  const rows = await query
    .selectFrom('calls')
    .select(['call_id', 'from_number', 'answered_at'])
    .where('direction', '=', 'inbound')
    .where('answered_at', 'is not', null)
    .orderBy('created_at')
    .execute()
  return rows.map(({ call_id: id, from_number: number, answered_at: at }) => {
    return { callId: id as CallId, at: at ?? 0, number }
  })
}

async function importSome(database: Database, orders: OrderStore, before: number) {
  for (let index = 0; index < IMPORTED; index += 1) {
    const number = `2024-${String(100 + index)}`
    const at = before - (IMPORTED - index) * HOUR_MS
    const order = {
      order_id: orderIdOf(number),
      order_number: number,
      status: 'completed' as const,
    }
    await database.write([
      orders.added({ ...order, notes: null, call_id: null, created_at: at, updated_at: at }),
      historyByNumber(database.query, number, {
        at,
        who: 'import',
        kind: 'imported',
        call_id: null,
      }),
    ])
  }
}

/** What the menu wrote of the call: how long it took, and the consent. */
function menuOf(database: Database, { callId, at, number }: NamingCall, index: number) {
  const { query } = database
  const finishedAt = at + 25_000 + (index % 7) * 4000
  const language = index % 2 === 0 ? 'de' : 'en'
  return [
    query.insertInto('flow_calls').values({
      call_id: callId,
      state: null,
      seq: 4,
      language,
      has_agent: 1,
      started_at: at + 500,
      finished_at: finishedAt,
      ended_at: finishedAt,
      updated_at: finishedAt,
    }),
    ...createFlowStore(database).consented({
      callId,
      party: { provider: 'sip', number },
      at: epochMs(at + 9000),
      given: index % 5 !== 4,
      digit: index % 5 === 4 ? '2' : '1',
      attempt: 1,
      prompt: { id: 'consent', version: '1', language, textSha256: 'f'.repeat(64) },
      systemVersion: '0.0.0',
    }),
  ]
}

interface PastChange {
  readonly orderNumber: string
  readonly at: number
  readonly index: number
}

async function change(database: Database, orders: OrderStore, past: PastChange): Promise<void> {
  const { orderNumber, at, index } = past
  const clock = { now: () => epochMs(at + HOUR_MS), anchor: { wallMs: 0, monotonicNs: 0n } }
  const audit = await openAuditLog(database, clock)
  const [status, notes] = CHANGES[Math.floor(index / 3) % CHANGES.length] ?? ['completed', null]
  const by = { keyId: 'bootstrap', role: 'admin', by: 'key' } as const
  await changeOrder({ database, orders, audit, clock }, orderIdOf(orderNumber), by, {
    status,
    notes,
  })
}
