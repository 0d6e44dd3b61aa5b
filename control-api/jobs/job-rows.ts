// The rows of the SQL queue. Whether a job waits or runs stands in the statements as a literal: only then do both
// databases take the indices made for it.
import { randomBytes, randomUUID } from 'node:crypto'
import { sql, type Compilable } from 'kysely'
import { epochMs, type EpochMs } from '#core/contracts'
import type { Database } from '../db/database.ts'
import type { JobsTable } from '../db/schema.ts'
import type { JobData, JobKind, JobState, ListedJob, NewJob, WorkOptions } from './job-queue.ts'

const MAX_DATA_CHARS = 2000
const MAX_ERROR_CHARS = 500
/** Clocks of one machine differ less from one start to the next, unless they were set. */
const CLOCK_SET_BACK_MS = 60_000

export type JobRow = JobsTable
type Query = Database['query']

/** Nobody's. */
export const FREE = { state: 'waiting', lease_token: null, lease_until: null } as const

const WAITING = sql.lit<JobState>('waiting')
const RUNNING = sql.lit<JobState>('running')
const PARKED = sql.lit<JobState>('parked')
const LITERALS = { waiting: WAITING, running: RUNNING, parked: PARKED } as const

export const errorText = (words: string): string => words.slice(0, MAX_ERROR_CHARS)

/** Ids sort by the time they were made. */
const newJobId = (now: EpochMs): string =>
  `job_${Math.floor(now).toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`

export function insertJob(query: Query, job: NewJob, now: EpochMs): Compilable {
  const data = JSON.stringify(job.data)
  if (data.length > MAX_DATA_CHARS) throw new RangeError(`a job takes ${MAX_DATA_CHARS} letters`)
  return query
    .insertInto('jobs')
    .values({
      ...FREE,
      job_id: newJobId(now),
      kind: job.kind,
      data,
      dedupe_key: job.dedupeKey ?? null,
      run_at: job.runAt ?? now,
      attempts: 0,
      last_error: null,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
}

/** The oldest that wait, due or not. */
export const selectWaiting = (query: Query, kind: JobKind, limit: number): Promise<JobRow[]> =>
  query
    .selectFrom('jobs')
    .selectAll()
    .where('state', '=', WAITING)
    .where('kind', '=', kind)
    .orderBy('run_at')
    .limit(limit)
    .execute()

/** One that waits is due now. */
export const wakeWaiting = (query: Query, dedupeKey: string, now: EpochMs): Compilable =>
  query
    .updateTable('jobs')
    .set({ run_at: now, updated_at: now })
    .where('state', '=', WAITING)
    .where('dedupe_key', '=', dedupeKey)
    .where('run_at', '>', now)

/** Those whose run is over without having said so. */
export const selectExpired = (query: Query, now: EpochMs, limit: number): Promise<JobRow[]> =>
  query
    .selectFrom('jobs')
    .selectAll()
    .where('state', '=', RUNNING)
    .where('lease_until', '<', now)
    .limit(limit)
    .execute()

/** As its run has it; parked at once when so many runs before it were cut off that it must be their doing. */
export function taken(row: JobRow, { lease, maxAttempts }: WorkOptions, now: EpochMs): JobRow {
  if (row.attempts >= maxAttempts) {
    const why = `${row.attempts} runs ended with the process`
    return { ...row, state: 'parked', last_error: row.last_error ?? why, updated_at: now }
  }
  return {
    ...row,
    state: 'running',
    attempts: row.attempts + 1,
    lease_token: randomUUID(),
    lease_until: now + lease,
    updated_at: now,
  }
}

/** Only as it was seen: another process may have been faster. */
export const takeJob = (query: Query, seen: JobRow, taken: JobRow): Compilable =>
  query
    .updateTable('jobs')
    .set({
      state: taken.state,
      attempts: taken.attempts,
      lease_token: taken.lease_token,
      lease_until: taken.lease_until,
      last_error: taken.last_error,
      updated_at: taken.updated_at,
    })
    .where('job_id', '=', seen.job_id)
    .where('state', '=', WAITING)
    .where('attempts', '=', seen.attempts)
    .where('run_at', '=', seen.run_at)

/** Only while the lease is the one of this row (fencing). */
export const settleJob = (query: Query, row: JobRow, set: Partial<JobRow>): Compilable =>
  query
    .updateTable('jobs')
    .set(set)
    .where('job_id', '=', row.job_id)
    .where('lease_token', '=', row.lease_token)

export const finishJob = (query: Query, row: JobRow): Compilable =>
  query
    .deleteFrom('jobs')
    .where('job_id', '=', row.job_id)
    .where('lease_token', '=', row.lease_token)

/**
 * What an earlier process left: its runs are nobody's, their attempts counted. And when the clock was set back since, a
 * job does not wait for a time that was told by the old one: it waits as long as it was to.
 */
export const takeOver = (query: Query, now: EpochMs): readonly Compilable[] => [
  query
    .updateTable('jobs')
    .set({ ...FREE, run_at: now, updated_at: now })
    .where('state', '=', RUNNING),
  query
    .updateTable('jobs')
    .set({ run_at: sql<number>`${now} + (run_at - updated_at)`, updated_at: now })
    .where('state', '=', WAITING)
    .where('updated_at', '>', now + CLOCK_SET_BACK_MS),
]

export const freeParked = (query: Query, jobId: string, now: EpochMs): Compilable =>
  query
    .updateTable('jobs')
    .set({ ...FREE, run_at: now, attempts: 0, created_at: now, updated_at: now })
    .where('job_id', '=', jobId)
    .where('state', '=', PARKED)

export const deleteIdle = (query: Query, jobId: string): Compilable =>
  query
    .deleteFrom('jobs')
    .where('job_id', '=', jobId)
    .where((where) => where.or([where('state', '=', PARKED), where('state', '=', WAITING)]))

export interface KindCounts {
  readonly waiting: number
  readonly parked: number
  /** When the first of those that wait is due; null when none waits. */
  readonly firstAt: number | null
}

/** By kind. Reads the index of those that wait, and the rows of those that are parked. */
export async function countJobs(query: Query): Promise<ReadonlyMap<string, KindCounts>> {
  const waiting = query
    .selectFrom('jobs')
    .select(['kind', ({ fn }) => fn.countAll<number | string>().as('count')])
    .select(({ fn }) => fn.min('run_at').as('first_at'))
    .where('state', '=', WAITING)
    .groupBy('kind')
    .execute()
  const parked = query
    .selectFrom('jobs')
    .select(['kind', ({ fn }) => fn.countAll<number | string>().as('count')])
    .where('state', '=', PARKED)
    .groupBy('kind')
    .execute()
  const [someWait, someAreParked] = await Promise.all([waiting, parked])
  const counts = new Map<string, KindCounts>()
  for (const { kind, count, first_at: firstAt } of someWait)
    counts.set(kind, { waiting: Number(count), parked: 0, firstAt })
  for (const { kind, count } of someAreParked)
    counts.set(kind, { ...(counts.get(kind) ?? NO_JOBS), parked: Number(count) })
  return counts
}

export const NO_JOBS: KindCounts = { waiting: 0, parked: 0, firstAt: null }

export async function selectJob(query: Query, jobId: string): Promise<ListedJob | undefined> {
  const row = await query
    .selectFrom('jobs')
    .selectAll()
    .where('job_id', '=', jobId)
    .executeTakeFirst()
  return row && listed(row)
}

export async function selectJobs(
  query: Query,
  state: JobState,
  after: string | null,
  limit: number,
): Promise<readonly ListedJob[]> {
  const rows = await query
    .selectFrom('jobs')
    .selectAll()
    .where('state', '=', LITERALS[state])
    .where((where) => (after === null ? where.lit(true) : where('job_id', '<', after)))
    .orderBy('job_id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(listed)
}

/** @throws SyntaxError when somebody else wrote it */
export const dataOf = ({ data }: JobRow): JobData => JSON.parse(data) as JobData

/** What a line of the log calls it by. */
export function named(row: JobRow) {
  const { job_id: jobId, kind, attempts } = row
  const { call_id: callId } = readableData(row)
  return { jobId, kind, attempts, ...(callId === undefined ? {} : { callId }) }
}

const listed = (row: JobRow): ListedJob => ({
  jobId: row.job_id,
  kind: row.kind,
  state: row.state,
  data: readableData(row),
  attempts: row.attempts,
  runAt: epochMs(row.run_at),
  lastError: row.last_error,
  askedAt: epochMs(row.created_at),
  updatedAt: epochMs(row.updated_at),
})

function readableData(row: JobRow): JobData {
  try {
    return dataOf(row)
  } catch {
    // It is parked for just that, and has to be shown all the same.
    return {}
  }
}
