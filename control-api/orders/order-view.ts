// An order as REST shows it.
import { Type, type Static } from '@fastify/type-provider-typebox'
import type { OrderHistoryTable, OrdersTable } from '../db/schema.ts'
import { ORDER_STATUSES, type OrderStatus } from '../ivr/flow-state.ts'
import { viewTime } from '../view-parts.ts'

const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time' })
const text = Type.Union([Type.String(), Type.Null()])

export const orderStatusSchema = Type.Unsafe<OrderStatus>(Type.Enum([...ORDER_STATUSES]))

const orderFields = {
  order_id: Type.String(),
  order_number: Type.String(),
  status: orderStatusSchema,
  call_id: Type.Union([Type.String(), Type.Null()], {
    description:
      'The call that named it first; null when it was imported, or its caller was erased',
  }),
  notes: text,
  created_at: time,
  updated_at: Type.String({
    format: 'date-time',
    description: 'When staff changed it last; that a caller named it again does not count',
  }),
}

export const orderSchema = Type.Object(orderFields, strict)

const historyKinds = ['confirmed', 'status', 'notes', 'imported'] as const

export const orderDetailSchema = Type.Object(
  {
    ...orderFields,
    history: Type.Array(
      Type.Object(
        {
          at: time,
          who: Type.String({ description: 'The id of a key, `caller` or `import`' }),
          kind: Type.Enum([...historyKinds], {
            description:
              '`confirmed`: a caller named the number and said yes; `to` is the status then',
          }),
          from: text,
          to: text,
          call_id: text,
        },
        strict,
      ),
      { description: 'Oldest first; the last five hundred' },
    ),
    call_ids: Type.Array(Type.String(), {
      description: 'The calls of the history, oldest first, each once',
    }),
  },
  strict,
)

export const viewOrder = (row: OrdersTable): Static<typeof orderSchema> => ({
  order_id: row.order_id,
  order_number: row.order_number,
  status: row.status,
  call_id: row.call_id,
  notes: row.notes,
  created_at: viewTime(row.created_at),
  updated_at: viewTime(row.updated_at),
})

export const viewOrderDetail = (
  row: OrdersTable,
  history: readonly OrderHistoryTable[],
): Static<typeof orderDetailSchema> => ({
  ...viewOrder(row),
  history: history.map((line) => ({
    at: viewTime(line.at),
    who: line.who,
    kind: line.kind,
    from: line.from_value,
    to: line.to_value,
    call_id: line.call_id,
  })),
  call_ids: [...new Set(history.flatMap(({ call_id: id }) => id ?? []))],
})
