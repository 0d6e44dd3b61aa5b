// The statements behind the statistics: each reads some thousand ended calls from one index, so that the writes of live
// calls never wait for more.
import { sql, type RawBuilder } from 'kysely'
import type { CallOutcome } from '#core/contracts'
import type { Database } from '../../db/database.ts'

type Query = Database['query']

/** A few milliseconds of the database. */
export const CALLS_A_STATEMENT = 5000
/** More than can be live at once. */
const MOST_LIVE = 10_000

export type Column = 'trunk' | 'agent_id' | 'outcome' | 'consent_given'

type Whole = number | string
/** Of ended calls with one outcome. As PostgreSQL sends them: large integers as text, sums of nothing as null. */
export interface SumsRow {
  readonly key: string | number | null
  readonly outcome: CallOutcome | null
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

const ended = ({ from, before }: Positions): RawBuilder<unknown> =>
  sql`calls WHERE ended_at IS NOT NULL AND position >= ${from} AND position < ${before}`

/** Up to where one statement may read from here on. */
export async function selectReach(query: Query, positions: Positions): Promise<number> {
  // Not a page: nothing before it is thrown away but its counting, a fifteenth of what reading it takes.
  const { rows } = await sql<{ position: number | string }>`
    SELECT position FROM ${ended(positions)} ORDER BY position LIMIT 1 OFFSET ${CALLS_A_STATEMENT}
  `.execute(query)
  const [behind] = rows
  return behind === undefined ? positions.before : Number(behind.position)
}

/** Null of a call that was to have no agent. */
const SPARED_MS = sql`CASE WHEN agent_id IS NOT NULL THEN coalesce(answered_at, ended_at) - invited_at END`

/** One row an outcome, and a value of the column. */
export function sumsStatement(
  positions: Positions,
  column: Column | undefined,
): RawBuilder<SumsRow> {
  const key = column === undefined ? sql`NULL` : sql.ref(column)
  const by = column === undefined || column === 'outcome' ? sql`outcome` : sql`${key}, outcome`
  return sql<SumsRow>`
    SELECT ${key} AS key, outcome, count(*) AS calls,
      count(ringing_at) AS rang, sum(coalesce(answered_at, ended_at) - ringing_at) AS ring_ms,
      count(answered_at) AS talked, sum(ended_at - answered_at) AS talk_ms,
      sum(agent_seconds) AS agent_seconds, sum(agent_seconds * agent_price_per_minute) AS counted,
      sum(coalesce(vendor_usd, agent_seconds * agent_price_per_minute / 60)) AS usd, count(vendor_usd) AS told,
      sum(${SPARED_MS}) AS spared_ms, sum(${SPARED_MS} * agent_price_per_minute) AS spared
    FROM ${ended(positions)} GROUP BY ${by}
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
