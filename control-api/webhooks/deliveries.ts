// One row an event and endpoint: what waits, what was taken, what was given up.
import { randomUUID } from 'node:crypto'
import { sql, type Compilable, type Selectable } from 'kysely'
import { epochMs, rfc3339, type CallId, type EpochMs } from '#core/contracts'
import type { Database } from '../db/database.ts'
import type { WebhookDeliveriesTable } from '../db/schema.ts'
import type { FeedEvent } from '../feed/feed.ts'

export type DeliveryRow = Selectable<WebhookDeliveriesTable>
export type DeliveryState = DeliveryRow['state']

/** Of a bulk replay: more are replayed by asking again. */
export const MAX_REPLAYED = 1000

export interface Deliveries {
  find(deliveryId: string): Promise<DeliveryRow | undefined>
  findByEvent(endpointId: string, position: number): Promise<DeliveryRow | undefined>
  /** Newest event first. */
  page(
    endpointId: string,
    asked: {
      readonly state?: DeliveryState | undefined
      /** A place in the feed. */
      readonly after: number | null
      readonly limit: number
    },
  ): Promise<readonly DeliveryRow[]>
  count(endpointId: string, state: DeliveryState, atMost: number): Promise<number>
  /** What waits, by when it is due. */
  waiting(endpointId: string, limit: number): Promise<readonly DeliveryRow[]>
  /** An event that was delivered or given up already waits again. */
  added(
    endpointId: string,
    events: readonly FeedEvent[],
    times: { readonly now: EpochMs; readonly giveUpAt: EpochMs },
  ): Compilable
  update(deliveryId: string, set: Partial<DeliveryRow>): Compilable
  /** Of all that waits at an endpoint: it is reached again. */
  hastened(endpointId: string, set: Partial<DeliveryRow>): Compilable
  /** The oldest dead ones, waiting again. */
  revived(endpointId: string, set: Partial<DeliveryRow>): Compilable
}

/** What a line of the log calls it by. */
export const named = ({ endpoint_id, delivery_id, type, call_id }: DeliveryRow) => ({
  endpointId: endpoint_id,
  deliveryId: delivery_id,
  type,
  ...(call_id === null ? {} : { callId: call_id }),
})

export function createDeliveries({ query }: Pick<Database, 'query'>): Deliveries {
  const ofEndpoint = (endpointId: string) =>
    query.selectFrom('webhook_deliveries').where('endpoint_id', '=', endpointId)
  const change = (set: Partial<DeliveryRow>) => query.updateTable('webhook_deliveries').set(set)
  return {
    find: (deliveryId) =>
      query
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('delivery_id', '=', deliveryId)
        .executeTakeFirst(),
    findByEvent: (endpointId, position) =>
      ofEndpoint(endpointId).selectAll().where('feed_position', '=', position).executeTakeFirst(),
    page(endpointId, { state, after, limit }) {
      let page = ofEndpoint(endpointId).selectAll()
      if (state !== undefined) page = page.where('state', '=', state)
      if (after !== null) page = page.where('feed_position', '<', after)
      return page.orderBy('feed_position', 'desc').limit(limit).execute()
    },
    async count(endpointId, state, atMost) {
      const some = ofEndpoint(endpointId).select('delivery_id').where('state', '=', state)
      const { count } = await query
        .selectFrom(some.limit(atMost).as('some'))
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return count
    },
    waiting: (endpointId, limit) =>
      ofEndpoint(endpointId)
        .selectAll()
        // Written out: an index of some rows alone is not used for a parameter.
        .where('state', '=', sql.lit('waiting'))
        .orderBy('next_at')
        .orderBy('feed_position')
        .limit(limit)
        .execute(),
    added: (endpointId, events, times) =>
      query
        .insertInto('webhook_deliveries')
        .values(events.map((event) => newDelivery(endpointId, event, times)))
        .onConflict((conflict) =>
          conflict
            .columns(['endpoint_id', 'feed_position'])
            .doUpdateSet({ ...AGAIN, next_at: times.now, give_up_at: times.giveUpAt }),
        ),
    update: (deliveryId, set) => change(set).where('delivery_id', '=', deliveryId),
    hastened: (endpointId, set) =>
      change(set).where('endpoint_id', '=', endpointId).where('state', '=', 'waiting'),
    revived: (endpointId, set) =>
      change({ ...AGAIN, ...set }).where(
        'delivery_id',
        'in',
        ofEndpoint(endpointId)
          .select('delivery_id')
          .where('state', '=', 'dead')
          .orderBy('feed_position')
          .limit(MAX_REPLAYED),
      ),
  }
}

/** From the beginning. */
export const AGAIN = { state: 'waiting', attempts: 0, delivered_at: null } as const

const newDelivery = (
  endpointId: string,
  { position, type, callId }: FeedEvent,
  { now, giveUpAt }: { readonly now: EpochMs; readonly giveUpAt: EpochMs },
): DeliveryRow => ({
  delivery_id: `whd_${randomUUID().replaceAll('-', '')}`,
  endpoint_id: endpointId,
  feed_position: position,
  type,
  call_id: callId,
  state: 'waiting',
  attempts: 0,
  next_at: now,
  give_up_at: giveUpAt,
  last_status: null,
  last_error: null,
  created_at: now,
  delivered_at: null,
})

/** A delivery as others see it. */
export interface DeliveryView {
  readonly delivery_id: string
  readonly endpoint_id: string
  readonly event_id: string
  readonly type: string
  readonly call_id: string | null
  readonly state: DeliveryState
  readonly attempts: number
  readonly next_attempt_at: string | null
  readonly last_status: number | null
  readonly last_error: string | null
  readonly created_at: string
  readonly delivered_at: string | null
}

export const viewDelivery = (row: DeliveryRow): DeliveryView => ({
  delivery_id: row.delivery_id,
  endpoint_id: row.endpoint_id,
  event_id: String(row.feed_position),
  type: row.type,
  call_id: row.call_id,
  state: row.state,
  attempts: row.attempts,
  next_attempt_at: row.state === 'waiting' ? rfc3339(epochMs(row.next_at)) : null,
  last_status: row.last_status,
  last_error: row.last_error,
  created_at: rfc3339(epochMs(row.created_at)),
  delivered_at: row.delivered_at === null ? null : rfc3339(epochMs(row.delivered_at)),
})

/** Of one call, in the order of its events, to all endpoints: for the debug bundle. */
export async function deliveriesOf(
  { query }: Pick<Database, 'query'>,
  callId: CallId,
  limit: number,
): Promise<readonly DeliveryView[]> {
  const rows = await query
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('call_id', '=', callId)
    .orderBy('feed_position')
    .orderBy('endpoint_id')
    .limit(limit)
    .execute()
  return rows.map(viewDelivery)
}
