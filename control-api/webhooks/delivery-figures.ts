// What waits to be delivered, for the metrics: asked when somebody scrapes.
import { sql } from 'kysely'
import { epochMs, ms, type EpochMs, type Milliseconds } from '#core/contracts'
import type { Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import type { DeliverySchedule } from './delivery-schedule.ts'

export interface DeliveryFiguresDeps {
  readonly database: Pick<Database, 'query'>
  readonly schedule: Pick<DeliverySchedule, 'giveUpAt'>
  readonly clock: Pick<Clock, 'now'>
  readonly metrics: Pick<Metrics, 'set' | 'onScrape'>
}

export function exposeDeliveries(deps: DeliveryFiguresDeps): void {
  const { database, schedule, clock, metrics } = deps
  const patience = ms(schedule.giveUpAt(epochMs(0)))
  metrics.onScrape('webhook deliveries', async () => {
    const { count, oldestSince } = await waitingDeliveries(database, patience)
    metrics.set('webhook_deliveries_waiting', count)
    const ageMs = oldestSince === null ? 0 : Math.max(0, clock.now() - oldestSince)
    metrics.set('webhook_oldest_seconds', ageMs / 1000)
  })
}

export interface WaitingDeliveries {
  readonly count: number
  /** Null when none waits. */
  readonly oldestSince: EpochMs | null
}

/**
 * To all endpoints that are not disabled: by the index of those that wait, of which each endpoint has few.
 * @param patience what `give_up_at` is after the moment from which it waits, a replay included
 */
export async function waitingDeliveries(
  { query }: Pick<Database, 'query'>,
  patience: Milliseconds,
): Promise<WaitingDeliveries> {
  const begun = sql<number>`give_up_at - ${sql.lit(patience)}`
  const made = sql.ref<number>('webhook_deliveries.created_at')
  // A test is never tried again: it has no patience.
  const since = sql<number>`case when ${begun} > ${made} then ${begun} else ${made} end`
  const { count, oldest } = await query
    .selectFrom('webhook_deliveries')
    .innerJoin(
      'webhook_endpoints',
      'webhook_deliveries.endpoint_id',
      'webhook_endpoints.endpoint_id',
    )
    .where('webhook_deliveries.state', '=', sql.lit('waiting'))
    .where('webhook_endpoints.state', '!=', 'disabled')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .select(sql<number | null>`min(${since})`.as('oldest'))
    .executeTakeFirstOrThrow()
  return { count: Number(count), oldestSince: oldest === null ? null : epochMs(oldest) }
}
