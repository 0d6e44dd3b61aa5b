// GET /api/orders, GET /api/orders/{id} and POST /api/orders/{id}/status: orders that callers confirmed, and what staff
// say of them.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { AppError } from '#core/errors'
import type { PageCursors } from '../../calls/page-cursor.ts'
import type { Announcements } from '../../events/announcements.ts'
import type { HttpServer } from '../../http-server.ts'
import { changeOrder, type ChangeOrderDeps } from '../../orders/change-order.ts'
import type { OrderFilter } from '../../orders/order-store.ts'
import {
  orderDetailSchema,
  orderSchema,
  orderStatusSchema,
  viewOrder,
  viewOrderDetail,
} from '../../orders/order-view.ts'
import { nextCursorSchema, pageFields, readPage } from '../access/asked-page.ts'
import { decodeDate } from '../calls/call-filter-body.ts'
import { problem } from '../problem.ts'

export interface OrderRoutesDeps extends ChangeOrderDeps {
  readonly cursors: PageCursors
  readonly announcements: Announcements
}

const strict = { additionalProperties: false }
const params = Type.Object({ order_id: Type.String({ maxLength: 64 }) })

const querySchema = Type.Object(
  {
    status: Type.Optional(orderStatusSchema),
    order_number: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'The number, or how it ends',
        examples: ['4711'],
      }),
    ),
    from_date: Type.Optional(
      Type.String({ maxLength: 40, description: 'Named at or after: a day (UTC) or RFC 3339' }),
    ),
    to_date: Type.Optional(
      Type.String({ maxLength: 40, description: 'Named up to: a whole day (UTC) or RFC 3339' }),
    ),
    ...pageFields,
  },
  strict,
)

const bodySchema = Type.Object(
  {
    status: orderStatusSchema,
    notes: Type.Optional(
      Type.Union([Type.String({ maxLength: 4000 }), Type.Null()], {
        description: 'Absent: they stay; null or blank: none',
      }),
    ),
    updated_at: Type.Optional(
      Type.String({
        format: 'date-time',
        description:
          'Of the order as you have read it: when somebody changed it since, the answer is 409 and nothing changes',
      }),
    ),
  },
  strict,
)

export function orderRoutes(app: HttpServer, deps: OrderRoutesDeps): void {
  listRoute(app, deps)
  detailRoute(app, deps)
  statusRoute(app, deps)
}

function listRoute(app: HttpServer, { orders, cursors }: OrderRoutesDeps): void {
  const schema = {
    operationId: 'listOrders',
    tags: ['orders'],
    summary: 'Orders that callers confirmed by keypad, newest first',
    querystring: querySchema,
    response: {
      200: Type.Object({ items: Type.Array(orderSchema), next_cursor: nextCursorSchema }, strict),
      '4xx': problem,
      503: problem,
    },
  }
  app.get('/api/orders', { schema }, async (request) => {
    const filter = decodeFilter(request.query)
    const { rows, nextCursor } = await readPage(request.query, {
      cursors,
      listed: { list: 'orders', filter },
      read: (after, limit) => orders.page(filter, after, limit),
      positionOf: ({ position }) => position,
    })
    return { items: rows.map(viewOrder), next_cursor: nextCursor }
  })
}

function detailRoute(app: HttpServer, { orders }: OrderRoutesDeps): void {
  const schema = {
    operationId: 'getOrder',
    tags: ['orders'],
    summary: 'An order, and all that happened to it',
    params,
    response: { 200: orderDetailSchema, '4xx': problem, 503: problem },
  }
  app.get('/api/orders/:order_id', { schema }, async (request) => {
    const { order_id: orderId } = request.params
    const row = await orders.find(orderId)
    if (!row) throw new AppError('NOT_FOUND', 'There is no order with this id.')
    return viewOrderDetail(row, await orders.history(orderId))
  })
}

function statusRoute(app: HttpServer, deps: OrderRoutesDeps): void {
  const schema = {
    operationId: 'changeOrder',
    tags: ['orders'],
    summary: 'Set the status of an order, and its notes; callers hear the status',
    params,
    body: bodySchema,
    response: { 200: orderSchema, '4xx': problem, 503: problem },
  }
  app.post('/api/orders/:order_id/status', { schema }, async (request) => {
    const { status, notes, updated_at: updatedAt } = request.body
    const { order_id: orderId } = request.params
    const { row, isChanged } = await changeOrder(deps, orderId, request.principal, {
      status,
      ...(notes === undefined ? {} : { notes: blankToNull(notes) }),
      ...(updatedAt === undefined ? {} : { updatedAt }),
    })
    if (isChanged) deps.announcements.announce('order.changed', { order_id: orderId })
    return viewOrder(row)
  })
}

function decodeFilter(query: Static<typeof querySchema>): OrderFilter {
  const { status, order_number: number, from_date: from, to_date: to } = query
  return {
    ...(status === undefined ? {} : { status }),
    ...(number === undefined ? {} : { numberEnding: number.trim() }),
    ...(from === undefined ? {} : { from: decodeDate('from_date', from).start }),
    ...(to === undefined ? {} : { before: decodeDate('to_date', to).end }),
  }
}

const blankToNull = (notes: string | null): string | null =>
  notes === null || notes.trim() === '' ? null : notes.trim()
