// What GET /api/calls and POST /api/calls/search take: one schema, and its decoding into a filter and a page.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { CALL_FAULTS } from '../../calls/call-fault.ts'
import type { CallFilter } from '../../calls/call-filter.ts'
import {
  directionSchema,
  outcomeSchema,
  reviewStatusSchema,
  statusSchema,
} from '../../calls/call-view.ts'
import { decodeNumberSearch } from '../../calls/number-search.ts'
import type { PageCursors } from '../../calls/page-cursor.ts'
import { decodeWordSearch } from '../../calls/transcript/word-search.ts'
import { invalid } from './start-call-body.ts'

const DEFAULT_LIMIT = 50
const DAY_MS = 24 * 3600 * 1000

const trunkName = Type.String({ minLength: 1, maxLength: 128 })

export const callFilterSchema = Type.Object(
  {
    provider: Type.Optional(
      Type.Enum(['sip', 'twilio', 'voximplant'], { description: 'Who carries the call' }),
    ),
    direction: Type.Optional(directionSchema),
    status: Type.Optional(statusSchema),
    outcome: Type.Optional(outcomeSchema),
    fault: Type.Optional(
      Type.Enum([...CALL_FAULTS], {
        description:
          'Calls whose end was the fault of the carrier or network, of this gateway, of the agent or its vendor, of ' +
          'nobody knows whom (as after a crash), or of any of these; answered or not',
      }),
    ),
    review_status: Type.Optional(reviewStatusSchema),
    number: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          'Of either side. With + or 00 the whole number; without, its last digits, at least three. Spaces, dashes, ' +
          'dots, slashes and brackets are left out. Numbers do not belong in addresses: POST /api/calls/search.',
        examples: ['+49 30 123456', '3456'],
      }),
    ),
    from_date: Type.Optional(
      Type.String({ maxLength: 40, description: 'Created at or after: a day (UTC) or RFC 3339' }),
    ),
    to_date: Type.Optional(
      Type.String({ maxLength: 40, description: 'Created up to: a whole day (UTC) or RFC 3339' }),
    ),
    application_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    trunk: Type.Optional(
      Type.Union([trunkName, Type.Array(trunkName, { minItems: 1, maxItems: 50 })], {
        description: 'Exact name; several: of any of them. In an address it is repeated.',
      }),
    ),
    text: Type.Optional(
      Type.String({
        maxLength: 256,
        description:
          'Words of the transcript, in any order and of either side: each must begin a word of what was said and may ' +
          'have been heard. Case and accents do not matter. Calls are found once they have ended.',
        examples: ['opening hours'],
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
    cursor: Type.Optional(
      Type.String({
        maxLength: 256,
        description: '`next_cursor` of the page before, with the same filters',
      }),
    ),
  },
  { additionalProperties: false },
)

export interface AskedCalls {
  readonly filter: CallFilter
  readonly limit: number
  readonly after: number | null
}

/** The list that its cursors belong to: by either route it is the same. */
const LIST = 'calls'

type CallFilterBody = Static<typeof callFilterSchema>
type Filters = Omit<CallFilterBody, 'limit' | 'cursor'>

/** @throws AppError `REQUEST_INVALID`, naming the field. */
export function decodeAskedCalls(body: CallFilterBody, cursors: PageCursors): AskedCalls {
  const filter = decodeFilter(body)
  return {
    filter,
    limit: body.limit ?? DEFAULT_LIMIT,
    after: body.cursor === undefined ? null : decodeCursor(body.cursor, filter, cursors),
  }
}

export const encodeCursor = (position: number, filter: CallFilter, cursors: PageCursors): string =>
  cursors.write({ list: LIST, filter }, position)

/** @throws AppError `REQUEST_INVALID`, naming the field. */
export function decodeFilter(body: Filters): CallFilter {
  const { provider, direction, status, outcome, fault, number, text } = body
  const { from_date: from, to_date: to } = body
  const { review_status: reviewStatus, application_id: applicationId, trunk } = body
  return {
    ...(provider ? { provider } : {}),
    ...(direction ? { direction } : {}),
    ...(status ? { status } : {}),
    ...(outcome ? { outcome } : {}),
    ...(fault ? { fault } : {}),
    ...(reviewStatus ? { reviewStatus } : {}),
    ...(applicationId === undefined ? {} : { applicationId }),
    ...(trunk === undefined ? {} : { trunks: [trunk].flat() }),
    ...(number === undefined ? {} : { number: decodeNumber(number) }),
    ...(from === undefined ? {} : { from: decodeDate('from_date', from).start }),
    ...(to === undefined ? {} : { before: decodeDate('to_date', to).end }),
    ...(text === undefined ? {} : { words: decodeWords(text) }),
  }
}

function decodeCursor(cursor: string, filter: CallFilter, cursors: PageCursors): number {
  const read = cursors.read({ list: LIST, filter }, cursor)
  switch (read.kind) {
    case 'position':
      return read.position
    case 'forged':
      throw invalid('cursor', 'is not one of next_cursor')
    case 'other-list':
      throw invalid('cursor', 'belongs to other filters: begin again without it')
    default:
      return read satisfies never
  }
}

function decodeNumber(text: string) {
  const number = decodeNumberSearch(text)
  if (!number)
    throw invalid('number', 'is neither a whole number nor its last three digits or more')
  return number
}

function decodeWords(text: string): readonly string[] {
  const words = decodeWordSearch(text)
  if (!words) throw invalid('text', 'has no word in it, or more than sixteen')
  return words
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i

/** The span a date names: a whole day, or one millisecond. */
export function decodeDate(field: string, text: string): { start: number; end: number } {
  const isDay = DAY.test(text)
  const start = isDay || RFC_3339.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(start) || !isDate(text.slice(0, 10)))
    throw invalid(field, 'is neither a day (2026-01-31) nor a time in RFC 3339')
  return { start, end: start + (isDay ? DAY_MS : 1) }
}

/** 30 February parses as March; a day must come back as it was written. */
function isDate(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}
