// The statements behind the statistics: each reads some thousand ended calls from one index, so that the writes of live
// calls never wait for more.
import { sql, type RawBuilder } from 'kysely'
import { CALL_OUTCOMES, type CallOutcome } from '#core/contracts'
import type { Database } from '../../db/database.ts'

type Query = Database['query']

/** A few milliseconds of the database. */
export const CALLS_A_STATEMENT = 5000
/** More than can be live at once. */
const MOST_LIVE = 10_000

export type Column = 'trunk' | 'agent_id' | 'outcome' | 'consent_given'

type Whole = number | string
/** Of how many calls each was the outcome; absent where rows are by outcome. */
type OutcomeCounts = Readonly<Partial<Record<CallOutcome, Whole>>>

/** Of ended calls. As PostgreSQL sends them: large integers as text, sums of nothing as null. */
export interface SumsRow extends OutcomeCounts {
  readonly key: string | number | null
  /** That of them all; absent where rows are not by outcome. */
  readonly outcome?: CallOutcome | null
  readonly calls: Whole
  readonly rang: Whole
  readonly ring_ms: number | null
  readonly talked: Whole
  readonly talk_ms: number | null
  readonly agent_seconds: number | null
  /** By our ledger: seconds times US dollars a minute. */
  readonly counted: number | null
  /** US dollars: as the vendor told, where it has; by our ledger for the others. */
  readonly usd: number | null
  /** Of how many calls it told. */
  readonly told: Whole
  /** From the INVITE to the answer, or to the end, as `agent_seconds_avoided_total` counts: an agent opened with the
   * INVITE would have waited so long. */
  readonly spared_ms: number | null
  /** Those milliseconds times US dollars a minute. */
  readonly spared: number | null
}

export interface Positions {
  /** Inclusive. */
  readonly from: number
  /** Exclusive. */
  readonly before: number
}

/** Up to where one statement may read from here on. */
export async function selectReach(query: Query, { from, before }: Positions): Promise<number> {
  // Those that go on are counted with the ended ones: so the narrowest index does, in half the time. Not a page: nothing
  // before it is thrown away but its counting.
  const { rows } = await sql<{ position: number | string }>`
    SELECT position FROM calls WHERE position >= ${from} AND position < ${before}
    ORDER BY position LIMIT 1 OFFSET ${CALLS_A_STATEMENT}
  `.execute(query)
  const [behind] = rows
  return behind === undefined ? before : Number(behind.position)
}

// What SQLite has worked out in its index, if it is written as there (migration 0012).
const RING_MS = sql`coalesce(answered_at, ended_at) - ringing_at`
const TALK_MS = sql`ended_at - answered_at`
const COUNTED = sql`agent_seconds * agent_price_per_minute`
/** Null of a call that was to have no agent. */
const SPARED_MS = sql`CASE WHEN agent_id IS NOT NULL THEN coalesce(answered_at, ended_at) - invited_at END`

const SUMS = sql`count(*) AS calls,
  count(${RING_MS}) AS rang, sum(${RING_MS}) AS ring_ms,
  count(${TALK_MS}) AS talked, sum(${TALK_MS}) AS talk_ms,
  sum(agent_seconds) AS agent_seconds, sum(${COUNTED}) AS counted,
  sum(coalesce(vendor_usd, ${COUNTED} / 60)) AS usd, count(vendor_usd) AS told,
  sum(${SPARED_MS}) AS spared_ms, sum(${SPARED_MS} * agent_price_per_minute) AS spared`

const OUTCOMES = sql.join(
  CALL_OUTCOMES.map(
    (one) => sql`count(*) FILTER (WHERE outcome = ${sql.lit(one)}) AS ${sql.ref(one)}`,
  ),
)

/**
 * One row a value of the column, or one of all. Outcomes are counted in each: SQLite sorts the calls of a statement by
 * what they are grouped by, and does not sort them when they are not; two columns take it much longer than one.
 */
export function sumsStatement(
  { from, before }: Positions,
  column: Column | undefined,
): RawBuilder<SumsRow> {
  // Not the column bare: where ANALYZE was run, SQLite would go by an index in its order, and to the row of every call.
  const key = column === undefined ? sql`NULL` : sql`coalesce(${sql.ref(column)}, NULL)`
  const outcomes = column === 'outcome' ? sql`${key} AS outcome` : OUTCOMES
  const by = column === undefined ? sql`` : sql`GROUP BY ${key}`
  return sql<SumsRow>`
    SELECT ${key} AS key, ${SUMS}, ${outcomes} FROM calls
    WHERE ended_at IS NOT NULL AND position >= ${from} AND position < ${before} ${by}
  `
}

export interface LiveRow {
  readonly created_at: number
  readonly trunk: string
  readonly agent_id: string | null
  readonly outcome: string | null
  readonly consent_given: number | null
}

/** The calls that go on. */
export const selectLive = (
  query: Query,
  { from, before }: Positions,
): Promise<readonly LiveRow[]> =>
  query
    .selectFrom('calls')
    .select(['created_at', 'trunk', 'agent_id', 'outcome', 'consent_given'])
    .where('ended_at', 'is', null)
    .where('position', '>=', from)
    .where('position', '<', before)
    .limit(MOST_LIVE)
    .execute()
