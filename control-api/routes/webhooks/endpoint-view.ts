// A webhook endpoint as REST shows and takes it.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import { FEED_TYPES } from '../../feed/feed.ts'
import { MAX_URL_CHARS } from '../../webhooks/endpoint-policy.ts'
import { typesOf, type EndpointRow } from '../../webhooks/endpoints.ts'
import { nullable, viewTime, words } from '../../view-parts.ts'

const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time' })

/** Tests are asked for, not subscribed to. */
const SUBSCRIBED = ['*', ...FEED_TYPES.filter((type) => type !== 'webhook.test')] as const

const typesSchema = Type.Array(words(SUBSCRIBED), {
  minItems: 1,
  maxItems: SUBSCRIBED.length,
  uniqueItems: true,
  description: 'Events to be told of (docs/events.md); * for all, new ones too',
})
const urlSchema = Type.String({
  minLength: 1,
  maxLength: MAX_URL_CHARS,
  description: 'https, port 443, on the public internet; WEBHOOK_ALLOW_HOSTS names exceptions',
})
const descriptionSchema = nullable(Type.String({ maxLength: 200 }))

export const newEndpointSchema = Type.Object(
  { url: urlSchema, types: typesSchema, description: Type.Optional(descriptionSchema) },
  strict,
)

export const endpointChangeSchema = Type.Object(
  {
    url: Type.Optional(urlSchema),
    types: Type.Optional(typesSchema),
    description: Type.Optional(descriptionSchema),
    state: Type.Optional(words(['enabled', 'disabled'])),
  },
  { ...strict, minProperties: 1 },
)

const shown = {
  endpoint_id: Type.String(),
  url: Type.String(),
  types: Type.Array(Type.String()),
  description: nullable(Type.String()),
  state: words(['enabled', 'disabled', 'failing']),
  failures: Type.Integer({ description: 'In a row' }),
  failing_since: nullable(time),
  former_secret_until: nullable(
    Type.String({ format: 'date-time', description: 'Until then it signs too' }),
  ),
  created_at: time,
  updated_at: time,
}
export const endpointSchema = Type.Object(shown, strict)
export const secretField = Type.String({
  description: 'Verifies the signatures (Standard Webhooks). Shown this once',
})
export const createdEndpointSchema = Type.Object({ ...shown, secret: secretField }, strict)
export const endpointDetailSchema = Type.Object(
  {
    ...shown,
    waiting: Type.Integer({ description: 'Deliveries; later events wait in the feed' }),
    dead: Type.Integer({ description: 'Given up, to be replayed; counted to 1,000' }),
  },
  strict,
)

export function viewEndpoint(row: EndpointRow, now: number): Static<typeof endpointSchema> {
  const { former_until: until } = row
  return {
    endpoint_id: row.endpoint_id,
    url: row.url,
    types: [...typesOf(row)],
    description: row.description,
    state: row.state,
    failures: row.failures,
    failing_since: viewTime(row.failed_since),
    former_secret_until: until !== null && until > now ? viewTime(until) : null,
    created_at: rfc3339(epochMs(row.created_at)),
    updated_at: rfc3339(epochMs(row.updated_at)),
  }
}
