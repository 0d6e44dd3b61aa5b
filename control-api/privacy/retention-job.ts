// The daily sweep as a job that never ends: it is put off to the next day when it is done.
import { ms, type MediaStore } from '#core/contracts'
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import type { JobHandler, JobQueue } from '../jobs/job-queue.ts'
import { cleanFiles } from './database-files.ts'
import { RETENTION_DAYS, type RetentionDays } from './retention.ts'
import { sweepRetention } from './retention-sweep.ts'

export interface RetentionDeps {
  readonly database: Database
  readonly mediaStore: MediaStore
  readonly jobs: JobQueue
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

const EVERY = ms(24 * 3600_000)
const LEASE = ms(120_000)
/** A disk that fails for weeks does not end it: it is tried every quarter of an hour. */
const MAX_ATTEMPTS = 1_000_000

/** One job a policy: another policy sweeps at once, and the former one's job ends. */
export async function openRetention(
  deps: RetentionDeps,
  days: RetentionDays = RETENTION_DAYS,
): Promise<void> {
  const policy = `audio=${days.audio},transcripts=${days.transcripts},events=${days.events}`
  deps.jobs.work(
    'retention.sweep',
    { concurrency: 1, lease: LEASE, maxAttempts: MAX_ATTEMPTS },
    createHandler(deps, days, policy),
  )
  await deps.jobs.enqueue({
    kind: 'retention.sweep',
    data: { policy },
    dedupeKey: `retention.sweep:${policy}`,
  })
}

function createHandler(deps: RetentionDeps, days: RetentionDays, policy: string): JobHandler {
  const { clock, logger } = deps
  return async (job, run) => {
    const { signal } = run
    if (job.data['policy'] !== policy) return { kind: 'done' }
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
    return { kind: 'later', delay: EVERY }
  }
}
