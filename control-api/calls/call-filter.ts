// What a list of calls is narrowed by, and the query that finds a page of it: newest first, by `calls.position`, which
// is unique and never changes, so that pages stay whole while calls come.
import {
  expressionBuilder,
  sql,
  type Expression,
  type Kysely,
  type RawBuilder,
  type SqlBool,
} from 'kysely'
import type { CallDirection, CallOutcome, CallStatus, ReviewStatus } from '#core/contracts'
import type { DatabaseSchema } from '../db/schema.ts'
import { atFault, type CallFault } from './call-fault.ts'
import { wantedPosition } from './call-position.ts'
import { behindDigits, type NumberSearch } from './number-search.ts'
import { haveWords } from './transcript/word-search.ts'

export interface CallFilter {
  readonly provider?: string
  readonly direction?: CallDirection
  readonly status?: CallStatus
  readonly outcome?: CallOutcome
  readonly fault?: CallFault
  readonly reviewStatus?: ReviewStatus
  readonly applicationId?: string
  /** By exact names. */
  readonly trunks?: readonly string[]
  /** Of either side. */
  readonly number?: NumberSearch
  /** Inclusive, epoch milliseconds. */
  readonly from?: number
  /** Exclusive. */
  readonly before?: number
  /** Of the transcript: each begins one of its words. */
  readonly words?: readonly string[]
}

export interface PageRequest {
  readonly filter: CallFilter
  readonly limit: number
  /** Behind this position; null: from the newest on. */
  readonly after: number | null
}

type Condition = Expression<SqlBool>
type Query = Kysely<DatabaseSchema>
type Side = 'from_reversed' | 'to_reversed'

/** So many calls with a number are found faster by reading on from the newest than by sorting them. */
const FREQUENT = 5000

/** Whether so many calls have the number that its index is the long way: asked before `selectPage`, where it matters. */
export async function isFrequent(query: Query, { number, words }: CallFilter): Promise<boolean> {
  if (number === undefined || (number.kind === 'whole' && words === undefined)) return false
  const side = (column: Side) =>
    query
      .selectFrom('calls')
      .select('position')
      .where(hasDigits(sql.ref(column), number))
      .limit(FREQUENT)
  const counts = await Promise.all(
    [side('from_reversed'), side('to_reversed')].map((some) =>
      query
        .selectFrom(some.as('some'))
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow(),
    ),
  )
  return counts.some(({ count }) => count >= FREQUENT)
}

/** The page, and one call more when there is a next one. */
export function selectPage(query: Query, request: PageRequest, isNumberFrequent = false) {
  const { number, words } = request.filter
  if (words !== undefined) return selectByWords(query, request, words, isNumberFrequent)
  if (number !== undefined && !isNumberFrequent) return selectByNumber(query, request, number)
  return query
    .selectFrom('calls')
    .selectAll('calls')
    .where((where) => where.and([...conditions(request), ...readNumber(number)]))
    .orderBy('calls.position', 'desc')
    .limit(request.limit + 1)
}

/** A page of each side by its own index, then the newest of both. */
function selectByNumber(query: Query, request: PageRequest, number: NumberSearch) {
  const side = (column: Side) =>
    query
      .selectFrom(
        query
          .selectFrom('calls')
          .select('calls.position')
          .where((where) => where.and([...conditions(request), hasDigits(sql.ref(column), number)]))
          .orderBy('calls.position', 'desc')
          .limit(request.limit + 1)
          .as('side'),
      )
      .select('side.position')
  return query
    .selectFrom('calls')
    .selectAll('calls')
    .where('calls.position', 'in', side('from_reversed').union(side('to_reversed')))
    .orderBy('calls.position', 'desc')
    .limit(request.limit + 1)
}

/** The index of words goes newest first by itself: a page of a frequent word is found as fast as one of a rare word. */
function selectByWords(
  query: Query,
  request: PageRequest,
  words: readonly string[],
  isNumberFrequent: boolean,
) {
  const { number } = request.filter
  const found = query
    .selectFrom('call_words')
    .innerJoin('calls', 'calls.position', 'call_words.rowid')
    .selectAll('calls')
    .where(haveWords(query, words))
    .where((where) => where.and([...within(request, 'call_words.rowid'), ...conditions(request)]))
    .orderBy('call_words.rowid', 'desc')
    .limit(request.limit + 1)
  if (number === undefined) return found
  if (isNumberFrequent) return found.where((where) => where.and(readNumber(number)))
  // By the bare column each position would be looked up among the words, which takes longer than to read them all.
  return found.where(
    sql`call_words.rowid + 0`,
    'in',
    positions(query, 'from_reversed', number).union(positions(query, 'to_reversed', number)),
  )
}

const positions = (query: Query, column: Side, number: NumberSearch) =>
  query
    .selectFrom('calls')
    .select('calls.position')
    .where(hasDigits(sql.ref(column), number))

/** On the row that is read anyway: as expressions, so that no index is taken for it. */
function readNumber(number: NumberSearch | undefined): Condition[] {
  if (number === undefined) return []
  const where = expressionBuilder<DatabaseSchema, 'calls'>()
  return [
    where.or([
      hasDigits(sql`calls.from_reversed || ''`, number),
      hasDigits(sql`calls.to_reversed || ''`, number),
    ]),
  ]
}

function hasDigits(column: RawBuilder<unknown>, { kind, reversed }: NumberSearch): Condition {
  if (kind === 'whole') return sql<SqlBool>`${column} = ${reversed}`
  return sql<SqlBool>`(${column} >= ${reversed} AND ${column} < ${behindDigits(reversed)})`
}

function within(
  { filter, after }: PageRequest,
  column: 'calls.position' | 'call_words.rowid',
): Condition[] {
  const where = expressionBuilder<DatabaseSchema, 'calls' | 'call_words'>()
  const { from, before } = filter
  // One bound, the nearer: an index takes no second one.
  const ends = [after, before === undefined ? null : wantedPosition(before)]
  const end = Math.min(...ends.filter((one) => one !== null))
  return [
    ...(Number.isFinite(end) ? [where(column, '<', end)] : []),
    ...(from === undefined ? [] : [where(column, '>=', wantedPosition(from))]),
  ]
}

/** Filters whose index leads to few calls more surely than a trunk's. */
const NARROWER = ['outcome', 'fault', 'reviewStatus', 'applicationId', 'number', 'words'] as const

/** By its index where that is the best there is; else on the row that is read anyway, as an expression. */
function ofTrunks(filter: CallFilter): Condition[] {
  const { trunks, provider = USUAL_PROVIDER } = filter
  if (trunks === undefined) return []
  const where = expressionBuilder<DatabaseSchema, 'calls'>()
  const [only, ...more] = trunks
  const isBest = provider === USUAL_PROVIDER && NARROWER.every((name) => filter[name] === undefined)
  return only !== undefined && more.length === 0 && isBest
    ? [where('trunk', '=', only)]
    : [where(sql<string>`calls.trunk || ''`, 'in', trunks)]
}

/** What nearly every call has: looking it up by index would be the long way to what else is asked for. */
const USUAL_PROVIDER = 'sip'

function conditions(request: PageRequest): Condition[] {
  const { provider, direction, status, outcome, fault, reviewStatus, applicationId } =
    request.filter
  const where = expressionBuilder<DatabaseSchema, 'calls'>()
  const usual = sql<SqlBool>`calls.provider || '' = ${USUAL_PROVIDER}`
  return [
    ...within(request, 'calls.position'),
    ...(provider === USUAL_PROVIDER ? [usual] : []),
    ...(provider === undefined || provider === USUAL_PROVIDER
      ? []
      : [where('provider', '=', provider)]),
    ...ofTrunks(request.filter),
    ...(direction === undefined ? [] : [where('direction', '=', direction)]),
    ...(status === undefined ? [] : [where('status', '=', status)]),
    // As the index of live calls says it.
    ...(status === undefined || status === 'ended' ? [] : [where('ended_at', 'is', null)]),
    ...(outcome === undefined ? [] : [where('outcome', '=', outcome)]),
    ...(fault === undefined ? [] : [atFault(fault)]),
    ...(reviewStatus === undefined ? [] : [where('review_status', '=', reviewStatus)]),
    ...(applicationId === undefined ? [] : [where('application_id', '=', applicationId)]),
  ]
}
