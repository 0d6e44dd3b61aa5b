// GET /api/statistics/orders: consents and refusals, orders that callers confirmed, how long the menu takes.
import { Type, type Static } from '@fastify/type-provider-typebox'
import type { Clock } from '#core/time'
import type { HttpServer } from '../../http-server.ts'
import {
  percentile,
  type DayOfOrders,
  type OrderStatistics,
  type OrderStatisticsDesk,
  type OrderStatisticsRequest,
} from '../../orders/order-statistics.ts'
import { decodeAskedRange, rangeFields } from '../calls/statistics-route.ts'
import { problem } from '../problem.ts'
import { viewTime } from '../../view-parts.ts'

const strict = { additionalProperties: false }
const time = (description: string) => Type.String({ format: 'date-time', description })
const seconds = (description: string) => Type.Union([Type.Number(), Type.Null()], { description })

const consentFields = {
  given: Type.Integer(),
  refused: Type.Integer(),
  withdrawn: Type.Integer({ description: 'Of the given ones, whenever it was' }),
}

const responseSchema = Type.Object(
  {
    from: time('Inclusive'),
    before: time('Exclusive'),
    time_zone: Type.String(),
    consents: Type.Object(consentFields, strict),
    orders: Type.Object(
      {
        confirmed: Type.Integer({ description: 'How often callers confirmed a number' }),
        frequent: Type.Array(
          Type.Object(
            { order_id: Type.String(), order_number: Type.String(), count: Type.Integer() },
            strict,
          ),
          { description: 'The twenty that were confirmed most often, by how many calls' },
        ),
      },
      strict,
    ),
    flows: Type.Object(
      {
        begun: Type.Integer({ description: 'Calls that came to the menu' }),
        finished: Type.Integer({ description: 'Of these, the menu is done with' }),
        average_seconds: seconds('From the first prompt until nothing more was asked'),
        p95_seconds: seconds('Nineteen of twenty took no longer'),
      },
      strict,
    ),
    items: Type.Array(
      Type.Object(
        {
          key: Type.String({ description: '`2026-01-31`' }),
          starts_at: time('Inclusive'),
          ends_at: time('Exclusive'),
          ...consentFields,
          confirmed: Type.Integer(),
        },
        strict,
      ),
      { description: 'Every day of the range in order' },
    ),
  },
  strict,
)

export interface OrderStatisticsRouteDeps {
  readonly statistics: OrderStatisticsDesk
  readonly clock: Clock
}

export function orderStatisticsRoute(app: HttpServer, deps: OrderStatisticsRouteDeps): void {
  const schema = {
    operationId: 'getOrderStatistics',
    tags: ['orders'],
    summary: 'Consents and refusals, frequent order numbers, how long the menu takes',
    querystring: Type.Object(rangeFields, strict),
    response: { 200: responseSchema, '4xx': problem, 503: problem },
  }
  app.get('/api/statistics/orders', { schema }, async (request) => {
    const asked = decodeAskedRange(request.query, deps.clock.now())
    return view(asked, await deps.statistics.count(asked))
  })
}

function view(
  { range, zone }: OrderStatisticsRequest,
  { days, frequent, flows }: OrderStatistics,
): Static<typeof responseSchema> {
  const sum = (field: 'given' | 'refused' | 'withdrawn' | 'confirmed'): number =>
    days.reduce((total, day) => total + day[field], 0)
  const { length } = flows.seconds
  const total = flows.seconds.reduce((all, one) => all + one, 0)
  return {
    from: viewTime(range.from),
    before: viewTime(range.before),
    time_zone: zone.name,
    consents: { given: sum('given'), refused: sum('refused'), withdrawn: sum('withdrawn') },
    orders: {
      confirmed: sum('confirmed'),
      frequent: frequent.map((one) => ({
        order_id: one.orderId,
        order_number: one.orderNumber,
        count: one.count,
      })),
    },
    flows: {
      begun: flows.begun,
      finished: length,
      average_seconds: length === 0 ? null : rounded(total / length),
      p95_seconds: rounded(percentile(flows.seconds, 0.95)),
    },
    items: days.map(viewDay),
  }
}

const viewDay = ({ span, given, refused, withdrawn, confirmed }: DayOfOrders) => ({
  key: span.key,
  starts_at: viewTime(span.from),
  ends_at: viewTime(span.before),
  given,
  refused,
  withdrawn,
  confirmed,
})

const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 10) / 10
