// The statements behind the statistics of Voximplant: each reads at most some thousand calls of one application from one
// index (calls_application_id), so that the writes of live calls never wait for more.
import { sql, type RawBuilder } from 'kysely'
import type { CallDirection, CallOutcome } from '#core/contracts'
import { CALLS_A_STATEMENT, type Positions } from '../../calls/statistics/statistics-query.ts'
import type { Database } from '../../db/database.ts'

type Query = Database['query']
type Whole = number | string

/** As PostgreSQL sends them: large integers as text, sums of nothing as null. */
export interface CountsRow {
  /** Null: they go on. */
  readonly outcome: CallOutcome | null
  readonly direction: CallDirection
  readonly currency: string | null
  readonly calls: Whole
  readonly talk_ms: number | null
  readonly cost: number | null
  readonly transcripts: Whole | null
  readonly recordings: Whole
}

const callsOf = (applicationId: string, { from, before }: Positions): RawBuilder<unknown> =>
  sql`calls WHERE application_id = ${applicationId} AND position >= ${from} AND position < ${before}`

/** Where the next call stands, and up to where one statement may read from there; undefined: there is none. */
export async function selectStretch(
  query: Query,
  applicationId: string,
  positions: Positions,
): Promise<Positions | undefined> {
  const nth = async (offset: number): Promise<number | undefined> => {
    const { rows } = await sql<{ position: Whole }>`
      SELECT position FROM ${callsOf(applicationId, positions)} ORDER BY position LIMIT 1 OFFSET ${offset}
    `.execute(query)
    const [row] = rows
    return row && Number(row.position)
  }
  const from = await nth(0)
  if (from === undefined) return undefined
  return { from, before: (await nth(CALLS_A_STATEMENT)) ?? positions.before }
}

export async function selectCounts(
  query: Query,
  applicationId: string,
  positions: Positions,
): Promise<readonly CountsRow[]> {
  const { rows } = await sql<CountsRow>`
    SELECT outcome, direction, telephony_currency AS currency, count(*) AS calls,
      sum(ended_at - answered_at) AS talk_ms, sum(telephony_cost) AS cost,
      sum(has_transcript) AS transcripts,
      count(CASE WHEN recording_state = 'stored' THEN 1 END) AS recordings
    FROM ${callsOf(applicationId, positions)} GROUP BY outcome, direction, telephony_currency
  `.execute(query)
  return rows
}

/** Of all calls that there are, also of applications that are gone: by the index from one to the next. */
export async function selectApplicationIds(query: Query, most: number): Promise<string[]> {
  const ids: string[] = []
  for (let last = ''; ids.length < most;) {
    const row = await query
      .selectFrom('calls')
      .select('application_id')
      .where('application_id', 'is not', null)
      .where('application_id', '>', last)
      .orderBy('application_id')
      .limit(1)
      .executeTakeFirst()
    if (row?.application_id == null) break
    last = row.application_id
    ids.push(last)
  }
  return ids
}
