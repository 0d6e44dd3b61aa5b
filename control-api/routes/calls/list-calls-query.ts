// The query of GET /api/calls: its schema, and its decoding into a filter and a page.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { directionSchema, outcomeSchema, statusSchema } from '../../calls/call-view.ts'
import { decodeCursor } from '../../calls/page-cursor.ts'
import type { CallFilter, PagePosition } from '../../calls/repository.ts'
import { invalid, notBuilt } from './start-call-body.ts'

const DEFAULT_LIMIT = 50
const DAY_MS = 24 * 3600 * 1000
const NOT_BUILT = ['provider', 'review_status', 'number', 'application_id', 'text'] as const

const later = Type.Optional(Type.String({ maxLength: 256, description: 'Not built' }))

export const listCallsSchema = Type.Object(
  {
    direction: Type.Optional(directionSchema),
    status: Type.Optional(statusSchema),
    outcome: Type.Optional(outcomeSchema),
    from_date: Type.Optional(
      Type.String({ maxLength: 40, description: 'Created at or after: a day (UTC) or RFC 3339' }),
    ),
    to_date: Type.Optional(
      Type.String({ maxLength: 40, description: 'Created up to: a whole day (UTC) or RFC 3339' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
    cursor: Type.Optional(Type.String({ maxLength: 256 })),
    provider: later,
    review_status: later,
    number: later,
    application_id: later,
    text: later,
  },
  { additionalProperties: false },
)

export interface ListCalls {
  readonly filter: CallFilter
  readonly limit: number
  readonly after: PagePosition | null
}

/** @throws AppError `NOT_BUILT`, `REQUEST_INVALID`, each naming its field. */
export function decodeListCalls(query: Static<typeof listCallsSchema>): ListCalls {
  for (const field of NOT_BUILT) if (query[field] !== undefined) throw notBuilt(field)
  const { direction, status, outcome, from_date: from, to_date: to } = query
  return {
    filter: {
      ...(direction ? { direction } : {}),
      ...(status ? { status } : {}),
      ...(outcome ? { outcome } : {}),
      ...(from === undefined ? {} : { from: decodeDate('from_date', from).start }),
      ...(to === undefined ? {} : { before: decodeDate('to_date', to).end }),
    },
    limit: query.limit ?? DEFAULT_LIMIT,
    after: query.cursor === undefined ? null : decodePosition(query.cursor),
  }
}

function decodePosition(cursor: string): PagePosition {
  const position = decodeCursor(cursor)
  if (!position) throw invalid('cursor', 'is not one of next_cursor')
  return position
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i

/** The span a date names: a whole day, or one millisecond. */
function decodeDate(field: string, text: string): { start: number; end: number } {
  const isDay = DAY.test(text)
  const start = isDay || RFC_3339.test(text) ? Date.parse(text) : Number.NaN
  // 2026-02-30 parses as March in some engines; the day must come back as it was written.
  const sane = !Number.isNaN(start) && (!isDay || new Date(start).toISOString().startsWith(text))
  if (!sane) throw invalid(field, 'is neither a day (2026-01-31) nor a time in RFC 3339')
  return { start, end: start + (isDay ? DAY_MS : 1) }
}
