// /api/webhooks: who is told of what happens, and with which secret that is signed.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { rfc3339, type EpochMs } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { AuditLog } from '../../access/audit-log.ts'
import type { Database } from '../../db/database.ts'
import type { Feed } from '../../feed/feed.ts'
import type { HttpServer } from '../../http-server.ts'
import type { Deliveries } from '../../webhooks/deliveries.ts'
import { DELIVERY_SCHEDULE } from '../../webhooks/delivery-schedule.ts'
import type { Dispatcher } from '../../webhooks/dispatcher.ts'
import type { EndpointPolicy } from '../../webhooks/endpoint-policy.ts'
import { MAX_ENDPOINTS, type EndpointRow, type Endpoints } from '../../webhooks/endpoints.ts'
import { problem } from '../problem.ts'
import {
  createdEndpointSchema,
  endpointChangeSchema,
  endpointDetailSchema,
  endpointSchema,
  newEndpointSchema,
  secretField,
  viewEndpoint,
} from './endpoint-view.ts'
import { findEndpoint, oneEndpoint } from './find-endpoint.ts'

export interface EndpointRoutesDeps {
  readonly database: Database
  readonly feed: Feed
  readonly clock: Clock
  readonly audit: AuditLog
  readonly endpoints: Endpoints
  readonly deliveries: Deliveries
  readonly policy: EndpointPolicy
  readonly dispatcher: Dispatcher
}

const failures = { '4xx': problem, 503: problem }
const tags = ['webhooks']
const config = { access: 'admin' } as const
/** Counted no further. */
const MAX_COUNTED = 1000

export function endpointRoutes(app: HttpServer, deps: EndpointRoutesDeps): void {
  listRoute(app, deps)
  createRoute(app, deps)
  readRoute(app, deps)
  changeRoute(app, deps)
  removeRoute(app, deps)
  rotateRoute(app, deps)
}

function listRoute(app: HttpServer, { endpoints, clock }: EndpointRoutesDeps): void {
  const schema = {
    operationId: 'listWebhooks',
    tags,
    summary: `Webhook endpoints, oldest first; there are ${MAX_ENDPOINTS} at most`,
    response: {
      200: Type.Object({ items: Type.Array(endpointSchema), next_cursor: Type.Null() }),
      ...failures,
    },
  }
  app.get('/api/webhooks', { config, schema }, async () => {
    const rows = await endpoints.list()
    return { items: rows.map((row) => viewEndpoint(row, clock.now())), next_cursor: null }
  })
}

function createRoute(app: HttpServer, deps: EndpointRoutesDeps): void {
  const { endpoints, database, audit, feed, clock, dispatcher, policy } = deps
  const schema = {
    operationId: 'createWebhook',
    tags,
    summary: 'Add a webhook endpoint; it is told of what happens from now on',
    body: newEndpointSchema,
    response: { 201: createdEndpointSchema, ...failures },
  }
  app.post('/api/webhooks', { config, schema }, async (request, reply) => {
    const { url, types, description = null } = request.body
    await requireAllowed(policy, url)
    if ((await endpoints.list()).length >= MAX_ENDPOINTS)
      throw new AppError('STATE_CONFLICT', `There are ${MAX_ENDPOINTS} endpoints already.`)
    const now = clock.now()
    const { last } = await feed.bounds()
    const made = endpoints.prepare({ url, types, description }, last, now)
    const { endpoint_id: id } = made.row
    await database.write([
      endpoints.insert(made),
      audit.noted(request.principal, 'webhook.created', id, { types }),
    ])
    dispatcher.changed(id)
    return reply
      .status(201)
      .header('location', `/api/webhooks/${id}`)
      .send({ ...viewEndpoint(made.row, now), secret: made.secret })
  })
}

function readRoute(app: HttpServer, { endpoints, deliveries, clock }: EndpointRoutesDeps): void {
  const schema = {
    operationId: 'getWebhook',
    tags,
    summary: 'One webhook endpoint, and how many deliveries wait or were given up',
    params: oneEndpoint,
    response: { 200: endpointDetailSchema, ...failures },
  }
  app.get('/api/webhooks/:endpoint_id', { config, schema }, async (request) => {
    const row = await findEndpoint(endpoints, request.params.endpoint_id)
    const [waiting, dead] = await Promise.all([
      deliveries.count(row.endpoint_id, 'waiting', MAX_COUNTED),
      deliveries.count(row.endpoint_id, 'dead', MAX_COUNTED),
    ])
    return { ...viewEndpoint(row, clock.now()), waiting, dead }
  })
}

function changeRoute(app: HttpServer, deps: EndpointRoutesDeps): void {
  const { endpoints, database, deliveries, audit, clock, dispatcher, policy } = deps
  const schema = {
    operationId: 'changeWebhook',
    tags,
    summary:
      'Change a webhook endpoint. Enabled again, it gets at once what waited; a disabled one missed what happened meanwhile (see replay)',
    params: oneEndpoint,
    body: endpointChangeSchema,
    response: { 200: endpointSchema, ...failures },
  }
  app.patch('/api/webhooks/:endpoint_id', { config, schema }, async (request) => {
    const row = await findEndpoint(endpoints, request.params.endpoint_id)
    const { body } = request
    if (body.url !== undefined) await requireAllowed(policy, body.url)
    const now = clock.now()
    const { endpoint_id: id } = row
    const set = { ...changesOf(body), ...(await stateChange(deps, row, body.state)) }
    const giveUpAt = DELIVERY_SCHEDULE.giveUpAt(now)
    await database.write([
      endpoints.update(id, set, now),
      ...(body.state === 'enabled'
        ? [deliveries.hastened(id, { next_at: now, give_up_at: giveUpAt })]
        : []),
      audit.noted(request.principal, 'webhook.changed', id, { fields: Object.keys(body) }),
    ])
    dispatcher.changed(id)
    return viewEndpoint({ ...row, ...set, updated_at: now }, now)
  })
}

function changesOf({
  url,
  types,
  description,
}: Static<typeof endpointChangeSchema>): Partial<EndpointRow> {
  return {
    ...(url === undefined ? {} : { url }),
    ...(types === undefined ? {} : { types: JSON.stringify(types) }),
    ...(description === undefined ? {} : { description }),
  }
}

/** One that failed goes on where it was; one that was disabled begins with what happens from now on. */
async function stateChange(
  { feed }: EndpointRoutesDeps,
  row: EndpointRow,
  state: 'enabled' | 'disabled' | undefined,
): Promise<Partial<EndpointRow>> {
  if (state === undefined) return {}
  if (state === 'disabled') return { state }
  const fresh = { state, failures: 0, failed_since: null }
  return row.state === 'disabled' ? { ...fresh, feed_position: (await feed.bounds()).last } : fresh
}

function removeRoute(app: HttpServer, deps: EndpointRoutesDeps): void {
  const { endpoints, database, audit, dispatcher } = deps
  const schema = {
    operationId: 'deleteWebhook',
    tags,
    summary: 'Delete a webhook endpoint with all its deliveries',
    params: oneEndpoint,
    response: { 204: Type.Null(), ...failures },
  }
  app.delete('/api/webhooks/:endpoint_id', { config, schema }, async (request, reply) => {
    const { endpoint_id: id } = await findEndpoint(endpoints, request.params.endpoint_id)
    await dispatcher.forget(id)
    await database.write([
      ...endpoints.remove(id),
      audit.noted(request.principal, 'webhook.deleted', id),
    ])
    dispatcher.forgotten(id)
    return reply.status(204).send(null)
  })
}

function rotateRoute(app: HttpServer, deps: EndpointRoutesDeps): void {
  const { endpoints, database, audit, clock } = deps
  const schema = {
    operationId: 'rotateWebhookSecret',
    tags,
    summary: 'Give a webhook endpoint a new secret; the old one signs beside it for 24 hours',
    params: oneEndpoint,
    response: {
      200: Type.Object(
        {
          endpoint_id: Type.String(),
          secret: secretField,
          former_secret_until: Type.String({ format: 'date-time' }),
        },
        { additionalProperties: false },
      ),
      ...failures,
    },
  }
  app.post('/api/webhooks/:endpoint_id/rotate-secret', { config, schema }, async (request) => {
    const row = await findEndpoint(endpoints, request.params.endpoint_id)
    const { endpoint_id: id } = row
    const { change, secret, formerUntil } = endpoints.replaceSecret(row, clock.now())
    await database.write([change, audit.noted(request.principal, 'webhook.secret_rotated', id)])
    return { endpoint_id: id, secret, former_secret_until: rfc3339(formerUntil satisfies EpochMs) }
  })
}

/** @throws AppError `ENDPOINT_REFUSED` naming the field */
async function requireAllowed(policy: EndpointPolicy, url: string): Promise<void> {
  const examined = await policy.examine(url)
  if (examined.kind === 'allowed') return
  throw new AppError('ENDPOINT_REFUSED', `The address may not be called: ${examined.why}.`, {
    details: { field: 'url' },
  })
}
