// /api/webhooks/{id}/deliveries, …/test and …/replay: what was told, and telling it again.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { randomUUID } from 'node:crypto'
import type { Compilable } from 'kysely'
import { AppError } from '#core/errors'
import type { PageCursors } from '../../calls/page-cursor.ts'
import type { HttpServer, Principal } from '../../http-server.ts'
import { AGAIN, MAX_REPLAYED, viewDelivery } from '../../webhooks/deliveries.ts'
import { DELIVERY_SCHEDULE } from '../../webhooks/delivery-schedule.ts'
import { nextCursorSchema, pageFields, readPage } from '../access/asked-page.ts'
import { problem } from '../problem.ts'
import type { EndpointRoutesDeps } from './endpoint-routes.ts'
import { findEndpoint, oneEndpoint } from './find-endpoint.ts'
import { nullable, words } from '../../view-parts.ts'

export interface DeliveryRoutesDeps extends EndpointRoutesDeps {
  readonly cursors: PageCursors
}

const failures = { '4xx': problem, 503: problem }
const tags = ['webhooks']
const config = { access: 'admin' } as const
/** Events that may come between a look at the feed and ours. */
const MAX_BETWEEN = 1000
const strict = { additionalProperties: false }
const stateSchema = words(['waiting', 'delivered', 'dead'])
const time = Type.String({ format: 'date-time' })

const deliverySchema = Type.Object(
  {
    delivery_id: Type.String(),
    endpoint_id: Type.String(),
    event_id: Type.String({ description: 'The webhook-id: the same in every attempt' }),
    type: Type.String(),
    call_id: nullable(Type.String()),
    state: stateSchema,
    attempts: Type.Integer(),
    next_attempt_at: nullable(time),
    last_status: nullable(Type.Integer()),
    last_error: nullable(Type.String()),
    created_at: time,
    delivered_at: nullable(time),
  },
  strict,
)

export function deliveryRoutes(app: HttpServer, deps: DeliveryRoutesDeps): void {
  listRoute(app, deps)
  testRoute(app, deps)
  replayRoute(app, deps)
}

function listRoute(app: HttpServer, { endpoints, deliveries, cursors }: DeliveryRoutesDeps): void {
  const schema = {
    operationId: 'listDeliveries',
    tags,
    summary: 'Deliveries to a webhook endpoint, newest event first',
    params: oneEndpoint,
    querystring: Type.Object({ ...pageFields, state: Type.Optional(stateSchema) }, strict),
    response: {
      200: Type.Object({ items: Type.Array(deliverySchema), next_cursor: nextCursorSchema }),
      ...failures,
    },
  }
  app.get('/api/webhooks/:endpoint_id/deliveries', { config, schema }, async (request) => {
    const { endpoint_id: id } = await findEndpoint(endpoints, request.params.endpoint_id)
    const { state } = request.query
    const { rows, nextCursor } = await readPage(request.query, {
      cursors,
      listed: { list: 'webhook-deliveries', filter: { id, state } },
      read: (after, limit) => deliveries.page(id, { state, after, limit }),
      positionOf: ({ feed_position: position }) => position,
    })
    return { items: rows.map(viewDelivery), next_cursor: nextCursor }
  })
}

function testRoute(app: HttpServer, deps: DeliveryRoutesDeps): void {
  const { endpoints, dispatcher } = deps
  const schema = {
    operationId: 'testWebhook',
    tags,
    summary: 'Send webhook.test to an endpoint, once; its delivery says what came of it',
    params: oneEndpoint,
    response: { 202: Type.Object({ delivery_id: Type.String() }, strict), ...failures },
  }
  app.post('/api/webhooks/:endpoint_id/test', { config, schema }, async (request, reply) => {
    const row = await findEndpoint(endpoints, request.params.endpoint_id)
    if (row.state === 'disabled')
      throw new AppError('STATE_CONFLICT', 'The endpoint is disabled: enable it first.')
    const deliveryId = await addTest(deps, row.endpoint_id, request.principal)
    dispatcher.changed(row.endpoint_id)
    return reply.status(202).send({ delivery_id: deliveryId })
  })
}

/** An event like any other, delivered to this endpoint alone. */
async function addTest(
  { deliveries, database, feed, audit, clock }: DeliveryRoutesDeps,
  endpointId: string,
  by: Principal,
): Promise<string> {
  const { last } = await feed.bounds()
  const now = clock.now()
  const data = { endpoint_id: endpointId, test_id: randomUUID() }
  await database.write([
    feed.appended('webhook.test', now, null, data),
    audit.noted(by, 'webhook.tested', endpointId),
  ])
  feed.announce()
  // Its position is the feed's to give.
  const events = await feed.since(last, MAX_BETWEEN)
  const event = events.find((one) => one.data['test_id'] === data.test_id)
  if (!event) throw new AppError('INTERNAL', 'The test was written but not found.')
  await database.write([deliveries.added(endpointId, [event], { now, giveUpAt: now })])
  const delivery = await deliveries.findByEvent(endpointId, event.position)
  if (!delivery) throw new AppError('NOT_FOUND', 'The endpoint was deleted meanwhile.')
  return delivery.delivery_id
}

const replaySchema = Type.Object(
  {
    delivery_id: Type.Optional(Type.String({ maxLength: 64 })),
    state: Type.Optional(Type.Literal('dead', { description: 'All that were given up' })),
    from_date: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Every event since then that is kept, whether it was delivered or not',
      }),
    ),
  },
  strict,
)

function replayRoute(app: HttpServer, deps: DeliveryRoutesDeps): void {
  const { endpoints, database, audit, dispatcher } = deps
  const schema = {
    operationId: 'replayWebhook',
    tags,
    summary: 'Deliver again: one delivery, those that were given up, or every event since a time',
    description: 'Exactly one of delivery_id, state and from_date.',
    params: oneEndpoint,
    body: replaySchema,
    response: {
      202: Type.Object(
        {
          replayed: nullable(
            Type.Integer({
              description: `Deliveries that wait again; ${MAX_REPLAYED} at most, ask again for more. Null for from_date`,
            }),
          ),
        },
        strict,
      ),
      ...failures,
    },
  }
  app.post('/api/webhooks/:endpoint_id/replay', { config, schema }, async (request, reply) => {
    const row = await findEndpoint(endpoints, request.params.endpoint_id)
    const { endpoint_id: id } = row
    if (row.state === 'disabled')
      throw new AppError('STATE_CONFLICT', 'The endpoint is disabled: enable it first.')
    const { changes, isCounted } = await replay(deps, id, request.body)
    const [result] = await database.write([
      changes,
      audit.noted(request.principal, 'webhook.replayed', id, { what: Object.keys(request.body) }),
    ])
    dispatcher.changed(id)
    return reply.status(202).send({ replayed: isCounted ? (result?.changes ?? 0) : null })
  })
}

async function replay(
  { endpoints, deliveries, clock }: DeliveryRoutesDeps,
  endpointId: string,
  body: Static<typeof replaySchema>,
): Promise<{ readonly changes: Compilable; readonly isCounted: boolean }> {
  if (Object.keys(body).length !== 1)
    throw new AppError('REQUEST_INVALID', 'Give one of delivery_id, state and from_date.')
  const now = clock.now()
  const times = { next_at: now, give_up_at: DELIVERY_SCHEDULE.giveUpAt(now) }
  if (body.delivery_id !== undefined) {
    const delivery = await deliveries.find(body.delivery_id)
    if (delivery?.endpoint_id !== endpointId)
      throw new AppError('NOT_FOUND', 'The endpoint has no delivery with this id.')
    const changes = deliveries.update(delivery.delivery_id, { ...AGAIN, ...times })
    return { changes, isCounted: true }
  }
  if (body.state !== undefined)
    return { changes: deliveries.revived(endpointId, times), isCounted: true }
  // The place in the feed goes back; what is behind it is delivered again.
  const position = positionBefore(body.from_date ?? '', now)
  return { changes: endpoints.rewound(endpointId, position, now), isCounted: false }
}

/** Positions are microseconds. */
function positionBefore(date: string, now: number): number {
  const at = Date.parse(date)
  if (Number.isNaN(at) || at > now)
    throw new AppError('REQUEST_INVALID', 'from_date is no time in the past.', {
      details: { field: 'from_date' },
    })
  return Math.max(0, at * 1000 - 1)
}
