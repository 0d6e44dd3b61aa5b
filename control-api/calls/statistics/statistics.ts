// Statistics of calls, read in small steps: however many calls there are, the database is never held for longer than a
// few milliseconds, because the calls that go on write to it meanwhile.
import { CountingTurns } from './counting-turns.ts'
import type { Database } from '../../db/database.ts'
import { wantedPosition } from '../call-position.ts'
import { cutDays, cutWeeks, type Range, type Span } from './spans.ts'
import {
  selectLive,
  selectReach,
  sumsStatement,
  type Column,
  type LiveRow,
  type SumsRow,
} from './statistics-query.ts'
import { Tally } from './tally.ts'
import type { TimeZone } from './time-zone.ts'

export const GROUPINGS = ['day', 'week', 'trunk', 'agent', 'outcome', 'consent'] as const
export type Grouping = (typeof GROUPINGS)[number]

export interface StatisticsRequest {
  readonly range: Range
  readonly zone: TimeZone
  readonly groupBy: Grouping
}

export interface StatisticsRow {
  /** Null: calls without one, such as those no agent was to answer. */
  readonly key: string | null
  /** Of a day or a week. */
  readonly span?: Span
  readonly tally: Tally
}

export interface Statistics {
  /** In order of time, or the most calls first. */
  readonly rows: readonly StatisticsRow[]
  /** All the calls whose key has no row, when there are too many keys. */
  readonly others: Tally | undefined
  readonly totals: Tally
}

export interface StatisticsDesk {
  /** @throws AppError `TOO_MANY_REQUESTS`; what `Database.query` throws. */
  count(request: StatisticsRequest): Promise<Statistics>
}

/** Keys told apart, and shown: whoever places calls names any agent. */
const MOST_KEYS = 10_000
const MOST_ROWS = 1000

const COLUMNS: Readonly<Record<Exclude<Grouping, 'day' | 'week'>, Column>> = {
  trunk: 'trunk',
  agent: 'agent_id',
  outcome: 'outcome',
  consent: 'consent_given',
}

export function createStatistics({ query }: Pick<Database, 'query'>): StatisticsDesk {
  const turns = new CountingTurns()
  return { count: (request) => turns.take(() => countCalls(query, request)) }
}

async function countCalls(
  query: Database['query'],
  request: StatisticsRequest,
): Promise<Statistics> {
  const { range, groupBy } = request
  const live = await selectLive(query, positionsOf(range))
  if (groupBy !== 'day' && groupBy !== 'week')
    return countByColumn(query, range, COLUMNS[groupBy], live)
  const spans = groupBy === 'day' ? cutDays(range, request.zone) : cutWeeks(range, request.zone)
  const rows = spans.map((span) => ({ key: span.key, span, tally: new Tally() }))
  await readEnded(query, spans, undefined, (at, sums) => rows[at]?.tally.add(sums))
  for (const { created_at: at } of live)
    rows.find(({ span }) => at >= span.from && at < span.before)?.tally.addLive()
  return { rows, others: undefined, totals: totalOf(rows) }
}

async function countByColumn(
  query: Database['query'],
  range: Range,
  column: Column,
  live: readonly LiveRow[],
): Promise<Statistics> {
  const tallies = new Map<string | null, Tally>()
  const others = new Tally()
  const tallyOf = (key: string | null): Tally => {
    const known = tallies.get(key)
    if (known !== undefined) return known
    if (tallies.size >= MOST_KEYS) return others
    const fresh = new Tally()
    tallies.set(key, fresh)
    return fresh
  }
  await readEnded(query, [range], column, (_at, sums) => {
    tallyOf(keyOf(column, sums.key)).add(sums)
  })
  for (const call of live) tallyOf(keyOf(column, call[column])).addLive()
  const rows = [...tallies]
    .map(([key, tally]) => ({ key, tally }))
    .sort((one, other) => other.tally.calls - one.tally.calls)
  const totals = totalOf(rows)
  totals.addTally(others)
  for (const { tally } of rows.splice(MOST_ROWS)) others.addTally(tally)
  return { rows, others: others.calls === 0 ? undefined : others, totals }
}

function keyOf(column: Column, value: string | number | null): string | null {
  if (column !== 'consent_given') return value === null ? null : String(value)
  if (value === null) return 'not-asked'
  return Number(value) === 1 ? 'given' : 'refused'
}

/** Every ended call of the spans, which follow one another, span by span and no more of them at a time than are bounded. */
async function readEnded(
  query: Database['query'],
  spans: readonly Range[],
  column: Column | undefined,
  add: (span: number, sums: SumsRow) => void,
): Promise<void> {
  const end = wantedPosition(spans.at(-1)?.before ?? 0)
  let reach = 0
  for (const [index, span] of spans.entries()) {
    const { from, before } = positionsOf(span)
    for (let at = from; at < before; at = Math.min(before, reach)) {
      if (at >= reach) reach = await selectReach(query, { from: at, before: end })
      const step = { from: at, before: Math.min(before, reach) }
      const { rows } = await sumsStatement(step, column).execute(query)
      for (const sums of rows) add(index, sums)
    }
  }
}

const positionsOf = ({ from, before }: Range): Range => ({
  from: wantedPosition(from),
  before: wantedPosition(before),
})

function totalOf(rows: readonly { readonly tally: Tally }[]): Tally {
  const total = new Tally()
  for (const { tally } of rows) total.addTally(tally)
  return total
}
