// GET /api/voximplant/statistics: how calls of Voximplant went, by day and by application.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import type { Clock } from '#core/time'
import type { HttpServer } from '../../http-server.ts'
import { countsSchema } from '../../voximplant/statistics/counts.ts'
import type {
  StatisticsRequest,
  VoximplantStatistics,
  VoximplantStatisticsDesk,
} from '../../voximplant/statistics/statistics.ts'
import { decodeAskedRange, rangeFields } from '../calls/statistics-route.ts'
import { failures, tags } from './route-words.ts'

export interface VoximplantStatisticsRouteDeps {
  readonly statistics: VoximplantStatisticsDesk
  readonly clock: Pick<Clock, 'now'>
}

const strict = { additionalProperties: false }
const id = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 64, description }))
const time = (description: string) => Type.String({ format: 'date-time', description })

const querySchema = Type.Object(
  { ...rangeFields, application_id: id('Of this one alone'), account: id('Of its applications') },
  strict,
)

const responseSchema = Type.Object(
  {
    from: time('Inclusive'),
    before: time('Exclusive'),
    time_zone: Type.String(),
    totals: Type.Object(countsSchema, strict),
    items: Type.Array(
      Type.Object(
        {
          key: Type.String({ description: '`2026-01-31`' }),
          starts_at: time('Inclusive'),
          ends_at: time('Exclusive'),
          ...countsSchema,
        },
        strict,
      ),
      { description: 'Every day of the range in order, those without calls too' },
    ),
    applications: Type.Array(
      Type.Object(
        {
          application_id: Type.String(),
          application_name: Type.Union([Type.String(), Type.Null()], {
            description: 'Null: it was removed',
          }),
          ...countsSchema,
        },
        strict,
      ),
    ),
  },
  strict,
)

export function voximplantStatisticsRoute(
  app: HttpServer,
  { statistics, clock }: VoximplantStatisticsRouteDeps,
): void {
  const schema = {
    operationId: 'getVoximplantStatistics',
    tags,
    summary: 'How calls of Voximplant went, what they cost, what is here of them',
    querystring: querySchema,
    response: { 200: responseSchema, ...failures },
  }
  app.get('/api/voximplant/statistics', { schema }, async (request) => {
    const { application_id: applicationId, account: accountId } = request.query
    const asked = { ...decodeAskedRange(request.query, clock.now()), applicationId, accountId }
    return view(asked, await statistics.count(asked))
  })
}

const view = (
  { range, zone }: StatisticsRequest,
  { days, applications, totals }: VoximplantStatistics,
): Static<typeof responseSchema> => ({
  from: written(range.from),
  before: written(range.before),
  time_zone: zone.name,
  totals: totals.view(),
  items: days.map(({ span, counts }) => ({
    key: span.key,
    starts_at: written(span.from),
    ends_at: written(span.before),
    ...counts.view(),
  })),
  applications: applications.map(({ applicationId, applicationName, counts }) => ({
    application_id: applicationId,
    application_name: applicationName,
    ...counts.view(),
  })),
})

const written = (at: number): string => rfc3339(epochMs(at))
