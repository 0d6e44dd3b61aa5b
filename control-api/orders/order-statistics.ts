// What became of the menu in a range of time, read day by day: however many calls there are, the database is never held
// for longer than one day of them takes.
import { CountingTurns } from '../calls/statistics/counting-turns.ts'
import { sql } from 'kysely'
import { cutDays, type Range, type Span } from '../calls/statistics/spans.ts'
import type { TimeZone } from '../calls/statistics/time-zone.ts'
import type { Database } from '../db/database.ts'

export interface OrderStatisticsRequest {
  readonly range: Range
  readonly zone: TimeZone
}

export interface ConsentCounts {
  given: number
  refused: number
  /** Of the given ones. */
  withdrawn: number
}

export interface DayOfOrders extends ConsentCounts {
  readonly span: Span
  /** Confirmations by callers. */
  confirmed: number
}

export interface FrequentOrder {
  readonly orderId: string
  readonly orderNumber: string
  readonly count: number
}

export interface OrderStatistics {
  readonly days: readonly DayOfOrders[]
  /** The most often confirmed first. */
  readonly frequent: readonly FrequentOrder[]
  /** Calls in the menu, and the seconds of those that it is done with. */
  readonly flows: {
    readonly begun: number
    readonly seconds: readonly number[]
  }
}

export interface OrderStatisticsDesk {
  /** @throws AppError `TOO_MANY_REQUESTS`; what `Database.query` throws. */
  count(request: OrderStatisticsRequest): Promise<OrderStatistics>
}

const MOST_FREQUENT = 20

export function createOrderStatistics({ query }: Pick<Database, 'query'>): OrderStatisticsDesk {
  const turns = new CountingTurns()
  return { count: (request) => turns.take(() => countOrders(query, request)) }
}

type Query = Database['query']

async function countOrders(
  query: Query,
  { range, zone }: OrderStatisticsRequest,
): Promise<OrderStatistics> {
  const days: DayOfOrders[] = []
  const counts = new Map<string, number>()
  const seconds: number[] = []
  let begun = 0
  for (const span of cutDays(range, zone)) {
    const consents = await countConsents(query, span)
    const confirmed = await countConfirmed(query, span, counts)
    days.push({ span, ...consents, confirmed })
    const flows = await query
      .selectFrom('flow_calls')
      .select(['started_at', 'finished_at'])
      .where('started_at', '>=', span.from)
      .where('started_at', '<', span.before)
      .execute()
    begun += flows.length
    for (const { started_at: from, finished_at: to } of flows)
      if (to !== null) seconds.push((to - from) / 1000)
  }
  return { days, frequent: await nameFrequent(query, counts), flows: { begun, seconds } }
}

async function countConsents(query: Query, { from, before }: Span): Promise<ConsentCounts> {
  const rows = await query
    .selectFrom('consents')
    .select(({ fn }) => ['given', fn.countAll<number | string>().as('count')])
    .select(({ fn }) => fn.count<number | string>('withdrawn_at').as('withdrawn'))
    .where('at', '>=', from)
    .where('at', '<', before)
    .groupBy('given')
    .execute()
  const of = (given: number) => rows.find((row) => row.given === given)
  return {
    given: Number(of(1)?.count ?? 0),
    refused: Number(of(0)?.count ?? 0),
    withdrawn: Number(of(1)?.withdrawn ?? 0),
  }
}

/** Adds to the counts of each order. */
async function countConfirmed(
  query: Query,
  { from, before }: Span,
  counts: Map<string, number>,
): Promise<number> {
  const rows = await query
    .selectFrom('order_history')
    .select(({ fn }) => ['order_id', fn.countAll<number | string>().as('count')])
    // As the partial index says it.
    .where(sql<boolean>`kind = 'confirmed'`)
    .where('at', '>=', from)
    .where('at', '<', before)
    .groupBy('order_id')
    .execute()
  let sum = 0
  for (const { order_id: id, count } of rows) {
    sum += Number(count)
    counts.set(id, (counts.get(id) ?? 0) + Number(count))
  }
  return sum
}

async function nameFrequent(
  query: Query,
  counts: ReadonlyMap<string, number>,
): Promise<readonly FrequentOrder[]> {
  const most = [...counts].sort(([, one], [, other]) => other - one).slice(0, MOST_FREQUENT)
  if (most.length === 0) return []
  const rows = await query
    .selectFrom('orders')
    .select(['order_id', 'order_number'])
    .where(
      'order_id',
      'in',
      most.map(([id]) => id),
    )
    .execute()
  const numbers = new Map(rows.map((row) => [row.order_id, row.order_number]))
  return most.map(([orderId, count]) => ({
    orderId,
    orderNumber: numbers.get(orderId) ?? '',
    count,
  }))
}

/** The value that so much of them is at most; null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
