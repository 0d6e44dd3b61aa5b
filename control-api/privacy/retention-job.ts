// The daily sweep as a job that never ends: it is put off to the next day when it is done.
import { epochMs, ms, type EpochMs, type MediaStore } from '#core/contracts'
import type { Logger, Metrics } from '#core/telemetry'
import { wallClock, type Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import type { JobHandler, JobQueue } from '../jobs/job-queue.ts'
import { cleanFiles } from './database-files.ts'
import { RETENTION_DAYS, type RetentionDays } from './retention.ts'
import { sweepRetention } from './retention-sweep.ts'
import type { Deleted } from './sweep.ts'

export interface RetentionDeps {
  readonly database: Database
  readonly mediaStore: MediaStore
  readonly jobs: JobQueue
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

export interface LastSweep {
  readonly at: EpochMs
  /** Null: an earlier process swept, and what it deleted was not kept. */
  readonly deleted: Deleted | null
}

export interface Retention {
  readonly days: RetentionDays
  /** Of this policy, to its end; undefined when there was none. */
  lastSweep(): Promise<LastSweep | undefined>
}

const EVERY = ms(24 * 3600_000)
/** Both times of the job are read of the clock, one after the other. */
const CLOCK_READINGS_MS = 1000
/** Overdue by more than this it was stopped for long, or the clock is wrong: what is deleted nobody brings back. */
const DOUBTFUL_AFTER_MS = 30 * EVERY
/** For somebody to see to the clock. */
const DOUBT = ms(EVERY / 2)
const LEASE = ms(120_000)
/** A disk that fails for weeks does not end it: it is tried every quarter of an hour. */
const MAX_ATTEMPTS = 1_000_000

/** One job a policy: another policy sweeps at once, and the former one's job ends. */
export async function openRetention(
  deps: RetentionDeps,
  days: RetentionDays = RETENTION_DAYS,
): Promise<Retention> {
  const ofMedia = days.media === undefined ? '' : `,media=${days.media}`
  const ofCalls = `audio=${days.audio},transcripts=${days.transcripts},events=${days.events}`
  const policy = `${ofCalls}${ofMedia}`
  const dedupeKey = `retention.sweep:${policy}`
  let last: LastSweep | undefined
  deps.jobs.work(
    'retention.sweep',
    { concurrency: 1, lease: LEASE, maxAttempts: MAX_ATTEMPTS },
    createHandler(deps, { days, policy, dedupeKey, onSwept: (swept) => (last = swept) }),
  )
  await deps.jobs.enqueue({
    kind: 'retention.sweep',
    data: { policy },
    dedupeKey,
  })
  return { days, lastSweep: async () => last ?? (await sweptBefore(deps.database, dedupeKey)) }
}

/** A sweep that came to its end is the only one that puts the next off for so long. */
async function sweptBefore({ query }: Database, dedupeKey: string): Promise<LastSweep | undefined> {
  const job = await query
    .selectFrom('jobs')
    .select(['run_at', 'updated_at'])
    .where('dedupe_key', '=', dedupeKey)
    .executeTakeFirst()
  if (!job || job.run_at - job.updated_at < EVERY - CLOCK_READINGS_MS) return undefined
  return { at: epochMs(job.updated_at), deleted: null }
}

interface SweepJob {
  readonly days: RetentionDays
  readonly policy: string
  readonly dedupeKey: string
  readonly onSwept: (swept: LastSweep) => void
}

function createHandler(
  deps: RetentionDeps,
  { days, policy, dedupeKey, onSwept }: SweepJob,
): JobHandler {
  const { clock, logger } = deps
  return async (job, run) => {
    const { signal } = run
    if (job.data['policy'] !== policy) return { kind: 'done' }
    const overdueDays = await daysOverdue(deps, dedupeKey)
    if (overdueDays > 0) {
      logger.warn({ overdueDays }, 'nothing is deleted for half a day: is the clock right?')
      return { kind: 'later', delay: DOUBT }
    }
    const deleted = await sweepRetention(deps, {
      days,
      now: clock.now(),
      signal,
      extend: () => run.extend(),
    })
    if (Object.values(deleted).some((count) => count > 0)) {
      logger.info({ deleted, days }, 'data whose time was over was deleted')
      await cleanFiles(deps.database, signal)
    }
    onSwept({ at: clock.now(), deleted })
    return { kind: 'later', delay: EVERY }
  }
}

/** Whole days, where they are too many to be believed; else 0. */
async function daysOverdue({ database, clock }: RetentionDeps, dedupeKey: string): Promise<number> {
  const job = await database.query
    .selectFrom('jobs')
    .select('run_at')
    .where('dedupe_key', '=', dedupeKey)
    .executeTakeFirst()
  const now = clock.now()
  const overdueMs = now - (job?.run_at ?? now)
  // The clock was set while this process ran: its own is as wrong as that of the start was.
  const aheadMs = now - wallClock.now()
  return Math.floor(Math.max(overdueMs > DOUBTFUL_AFTER_MS ? overdueMs : 0, aheadMs) / EVERY)
}
