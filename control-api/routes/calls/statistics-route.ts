// GET /api/statistics: how calls went, by day, week, trunk, agent, outcome or consent.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import type { Clock } from '#core/time'
import type { Range } from '../../calls/statistics/spans.ts'
import {
  GROUPINGS,
  type Statistics,
  type StatisticsDesk,
  type StatisticsRequest,
  type StatisticsRow,
} from '../../calls/statistics/statistics.ts'
import { tallySchema } from '../../calls/statistics/tally.ts'
import { decodeDay, decodeTimeZone, type TimeZone } from '../../calls/statistics/time-zone.ts'
import type { HttpServer } from '../../http-server.ts'
import { problem } from '../problem.ts'
import { invalid } from './start-call-body.ts'

const strict = { additionalProperties: false }
const DAY_MS = 24 * 3600 * 1000
/** A year and what people add to compare it. */
const MOST_DAYS = 400
const USUAL_DAYS = 30

/** Of a querystring: the days that are asked for. */
export const rangeFields = {
  from_date: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'Calls created at or after: a day of the time zone, or RFC 3339. Without it, thirty days up to `to_date`.',
      examples: ['2026-01-01'],
    }),
  ),
  to_date: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'Up to: a whole day of the time zone, or RFC 3339. Without it, today.',
      examples: ['2026-12-31'],
    }),
  ),
  time_zone: Type.Optional(
    Type.String({
      maxLength: 64,
      description:
        'In which days and weeks begin, by its IANA name: UTC unless told. Its clock changes are followed.',
      examples: ['Europe/Berlin'],
    }),
  ),
}

const querySchema = Type.Object(
  {
    ...rangeFields,
    group_by: Type.Optional(
      Type.Enum(GROUPINGS as unknown as string[], { description: '`day` unless told' }),
    ),
  },
  strict,
)

const rowSchema = Type.Object(
  {
    key: Type.Union([Type.String(), Type.Null()], {
      description:
        '`2026-01-31`, a week by ISO 8601 (`2026-W05`), the trunk, the agent (null: none was to answer), the outcome ' +
        '(null: the call goes on), or `given`, `refused` and `not-asked` of the consent',
    }),
    starts_at: Type.Optional(
      Type.String({ format: 'date-time', description: 'Of days and weeks' }),
    ),
    ends_at: Type.Optional(
      Type.String({ format: 'date-time', description: 'Exclusive, of days and weeks' }),
    ),
    ...tallySchema,
  },
  strict,
)

const responseSchema = Type.Object(
  {
    from: Type.String({ format: 'date-time' }),
    before: Type.String({ format: 'date-time', description: 'Exclusive' }),
    time_zone: Type.String(),
    group_by: Type.Enum(GROUPINGS as unknown as string[]),
    items: Type.Array(rowSchema, {
      description:
        'Every day or week of the range in order, those without calls too; else the key with the most calls first, ' +
        'one thousand keys at most',
    }),
    others: Type.Union([Type.Object(tallySchema, strict), Type.Null()], {
      description: 'The calls of all other keys together; null when `items` has them all',
    }),
    totals: Type.Object(tallySchema, strict),
  },
  strict,
)

export interface StatisticsRouteDeps {
  readonly statistics: StatisticsDesk
  readonly clock: Clock
}

export function statisticsRoute(app: HttpServer, { statistics, clock }: StatisticsRouteDeps): void {
  const schema = {
    operationId: 'getStatistics',
    tags: ['calls'],
    summary: 'How calls went: outcomes, ringing and talking, agent seconds and cost',
    querystring: querySchema,
    response: { 200: responseSchema, '4xx': problem, 503: problem },
  }
  app.get('/api/statistics', { schema, config: { access: 'viewer' } }, async (request) => {
    const asked = decodeRequest(request.query, clock.now())
    return view(asked, await statistics.count(asked))
  })
}

type Query = Static<typeof querySchema>
type RangeQuery = Pick<Query, keyof typeof rangeFields>

function decodeRequest(query: Query, now: number): StatisticsRequest {
  const groupBy = GROUPINGS.find((one) => one === query.group_by) ?? 'day'
  return { ...decodeAskedRange(query, now), groupBy }
}

/** @throws AppError `REQUEST_INVALID`, naming the field. */
export function decodeAskedRange(
  query: RangeQuery,
  now: number,
): { readonly range: Range; readonly zone: TimeZone } {
  const zone = decodeTimeZone(query.time_zone ?? 'UTC')
  if (zone === undefined)
    throw invalid('time_zone', 'is no time zone of the IANA, such as Europe/Berlin')
  return { range: decodeRange(query, zone, now), zone }
}

function decodeRange(query: RangeQuery, zone: TimeZone, now: number): Range {
  const { from_date: fromDate, to_date: toDate } = query
  const today = zone.dayOf(now)
  const before =
    toDate === undefined ? zone.startOf(today + 1) : decodeDate('to_date', toDate, zone).end
  const from =
    fromDate === undefined
      ? zone.startOf(zone.dayOf(before - 1) - USUAL_DAYS + 1)
      : decodeDate('from_date', fromDate, zone).start
  if (before <= from) throw invalid('to_date', 'is before from_date')
  if (before - from > (MOST_DAYS + 1) * DAY_MS)
    throw invalid('from_date', `is more than ${MOST_DAYS} days before to_date: ask for less`)
  return { from, before }
}

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i

function decodeDate(field: string, text: string, zone: TimeZone): { start: number; end: number } {
  const day = decodeDay(text)
  if (day !== undefined) return { start: zone.startOf(day), end: zone.startOf(day + 1) }
  const written = RFC_3339.exec(text)?.[1]
  const at =
    written === undefined || decodeDay(written) === undefined ? Number.NaN : Date.parse(text)
  if (Number.isNaN(at)) throw invalid(field, 'is neither a day (2026-01-31) nor a time in RFC 3339')
  return { start: at, end: at + 1 }
}

function view(
  { range, zone, groupBy }: StatisticsRequest,
  { rows, others, totals }: Statistics,
): Static<typeof responseSchema> {
  return {
    from: written(range.from),
    before: written(range.before),
    time_zone: zone.name,
    group_by: groupBy,
    items: rows.map(viewRow),
    others: others?.view() ?? null,
    totals: totals.view(),
  }
}

const viewRow = ({ key, span, tally }: StatisticsRow): Static<typeof rowSchema> => ({
  key,
  ...(span === undefined ? {} : { starts_at: written(span.from), ends_at: written(span.before) }),
  ...tally.view(),
})

const written = (at: number): string => rfc3339(epochMs(at))
