// The endpoints others gave us, as the database has them: their secrets sealed, their place in the feed.
import { randomUUID } from 'node:crypto'
import { sql, type Compilable, type Selectable } from 'kysely'
import { epochMs, type EpochMs } from '#core/contracts'
import type { Database } from '../db/database.ts'
import type { WebhookEndpointsTable } from '../db/schema.ts'
import type { FeedType } from '../feed/feed.ts'
import type { Vault } from '../secrets/vault.ts'
import { newWebhookSecret } from './signature.ts'

export type EndpointRow = Selectable<WebhookEndpointsTable>

/** Each holds connections and a place in the feed. */
export const MAX_ENDPOINTS = 50
/** A secret that was replaced signs on for so long. */
const FORMER_SECRET_MS = 24 * 60 * 60 * 1000

export interface EndpointFields {
  readonly url: string
  /** Types of the feed; `*` for all. */
  readonly types: readonly (FeedType | '*')[]
  readonly description: string | null
}

export interface NewEndpoint {
  readonly row: EndpointRow
  /** Shown to whoever asked for it, once. */
  readonly secret: string
}

/** Changes are queries for `Database.write`, so that they are written with their line in the audit log. */
export interface Endpoints {
  find(endpointId: string): Promise<EndpointRow | undefined>
  /** All there are, oldest first. */
  list(): Promise<readonly EndpointRow[]>
  /** @param position told of what comes behind it. @throws AppError `SECRETS_KEY_MISSING` */
  prepare(fields: EndpointFields, position: number, now: EpochMs): NewEndpoint
  insert(endpoint: NewEndpoint): Compilable
  update(endpointId: string, set: Partial<EndpointRow>, now: EpochMs): Compilable
  /** What is behind this position is delivered again, not what is ahead of the place it has. */
  rewound(endpointId: string, position: number, now: EpochMs): Compilable
  /** With all its deliveries. */
  remove(endpointId: string): readonly Compilable[]
  /** @throws AppError as the vault does */
  replaceSecret(
    row: EndpointRow,
    now: EpochMs,
  ): { readonly change: Compilable; readonly secret: string; readonly formerUntil: EpochMs }
  /** What a delivery is signed with now, the newest first. @throws AppError as the vault does */
  secretsOf(row: EndpointRow, now: EpochMs): readonly string[]
  /** An attempt failed; after long enough it is `failing`. */
  failed(endpointId: string, now: EpochMs, failingAfterMs: number): readonly Compilable[]
  /** An attempt was taken: whatever failed before is forgotten. */
  worked(endpointId: string): Compilable
}

/** So few failures are a bad night of a quiet endpoint, not an endpoint that is gone. */
const MIN_FAILURES = 5

const placeOf = (id: string, field: 'secret' | 'former_secret') => ({
  table: 'webhook_endpoints',
  id,
  field,
})

export function createEndpoints({ query }: Pick<Database, 'query'>, vault: Vault): Endpoints {
  const change = (endpointId: string) =>
    query.updateTable('webhook_endpoints').where('endpoint_id', '=', endpointId)
  return {
    find: (endpointId) =>
      query
        .selectFrom('webhook_endpoints')
        .selectAll()
        .where('endpoint_id', '=', endpointId)
        .executeTakeFirst(),
    list: () =>
      query
        .selectFrom('webhook_endpoints')
        .selectAll()
        .orderBy('created_at')
        .orderBy('endpoint_id')
        .limit(MAX_ENDPOINTS * 2)
        .execute(),
    prepare: (fields, position, now) => prepare(vault, fields, position, now),
    insert: ({ row }) => query.insertInto('webhook_endpoints').values(row),
    update: (endpointId, set, now) => change(endpointId).set({ ...set, updated_at: now }),
    rewound: (endpointId, position, now) =>
      change(endpointId)
        .set({ feed_position: position, updated_at: now })
        .where('feed_position', '>', position),
    remove: (endpointId) => [
      query.deleteFrom('webhook_endpoints').where('endpoint_id', '=', endpointId),
      query.deleteFrom('webhook_deliveries').where('endpoint_id', '=', endpointId),
    ],
    replaceSecret(row, now) {
      const id = row.endpoint_id
      const secret = newWebhookSecret()
      const former = vault.open(row.secret, placeOf(id, 'secret'))
      const formerUntil = epochMs(now + FORMER_SECRET_MS)
      const set = {
        secret: vault.seal(secret, placeOf(id, 'secret')),
        former_secret: vault.seal(former, placeOf(id, 'former_secret')),
        former_until: formerUntil,
        updated_at: now,
      }
      return { change: change(id).set(set), secret, formerUntil }
    },
    secretsOf(row, now) {
      const { endpoint_id: id, secret, former_secret: former, former_until: until } = row
      const newest = vault.open(secret, placeOf(id, 'secret'))
      if (former === null || until === null || until <= now) return [newest]
      return [newest, vault.open(former, placeOf(id, 'former_secret'))]
    },
    ...createHealth(query),
  }
}

function createHealth(query: Database['query']): Pick<Endpoints, 'failed' | 'worked'> {
  const change = (endpointId: string) =>
    query.updateTable('webhook_endpoints').where('endpoint_id', '=', endpointId)
  return {
    failed: (endpointId, now, failingAfterMs) => [
      change(endpointId).set({
        failures: sql`failures + 1`,
        failed_since: sql`coalesce(failed_since, ${now})`,
      }),
      change(endpointId)
        .set({ state: 'failing' })
        .where('state', '=', 'enabled')
        .where('failures', '>=', MIN_FAILURES)
        .where('failed_since', '<=', now - failingAfterMs),
    ],
    worked: (endpointId) =>
      change(endpointId)
        .set({
          failures: 0,
          failed_since: null,
          state: sql`case when state = 'failing' then 'enabled' else state end`,
        })
        .where('failures', '>', 0),
  }
}

function prepare(
  vault: Vault,
  { url, types, description }: EndpointFields,
  position: number,
  now: EpochMs,
): NewEndpoint {
  const id = `whe_${randomUUID().replaceAll('-', '')}`
  const secret = newWebhookSecret()
  const row: EndpointRow = {
    endpoint_id: id,
    url,
    types: JSON.stringify(types),
    description,
    secret: vault.seal(secret, placeOf(id, 'secret')),
    former_secret: null,
    former_until: null,
    state: 'enabled',
    failures: 0,
    failed_since: null,
    feed_position: position,
    created_at: now,
    updated_at: now,
  }
  return { row, secret }
}

/** We wrote them ourselves, so their shape is taken on trust. */
export const typesOf = ({ types }: Pick<EndpointRow, 'types'>): readonly (FeedType | '*')[] =>
  JSON.parse(types) as readonly (FeedType | '*')[]

/** Tests are sent to the endpoint they are asked of, and to no other. */
export function wants(row: Pick<EndpointRow, 'types'>, type: FeedType): boolean {
  if (type === 'webhook.test') return false
  const types = typesOf(row)
  return types.includes('*') || types.includes(type)
}
