// The sweep: every ten minutes the end of each application's history, for what no scenario told us of.
import { ms, type Milliseconds } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import type { JobHandler, JobQueue, NewJob } from '../../jobs/job-queue.ts'
import type { ApplicationRow, ApplicationStore } from '../applications/application-store.ts'
import { decodeScenarioOptions } from '../applications/scenario-options.ts'
import type { PendingMark } from '../media/pending-mark.ts'
import type { RunningSync } from './sync-job.ts'
import { newSync, newSyncId, type SyncRow, type SyncStore } from './sync-store.ts'

export interface SweepDeps {
  readonly database: Pick<Database, 'write'>
  readonly store: SyncStore
  readonly applications: Pick<ApplicationStore, 'list' | 'changed'>
  readonly pending: PendingMark
  readonly jobs: Pick<JobQueue, 'enqueue' | 'work'>
  readonly clock: Pick<Clock, 'now'>
  readonly logger: Logger
  /** The same as what somebody asks for. @throws AppError `STATE_CONFLICT` where the account is not active */
  run(sync: RunningSync): Promise<void>
}

const EVERY = ms(600_000)
const LEASE = ms(300_000)
/** A vendor that fails for weeks does not end it. */
const MAX_ATTEMPTS = 1_000_000
const HOUR_MS = 3600_000
/** A session may last for hours, and shows itself when it is over; a recording an hour later yet. */
const OVERLAP_MS = 26 * HOUR_MS
/** Of an application that was never swept. */
const FIRST_MS = 24 * HOUR_MS
const KEPT_MS = 30 * 24 * HOUR_MS

const SWEEP: NewJob = { kind: 'voximplant.sweep', data: {}, dedupeKey: 'voximplant.sweep' }

export async function openSweep(deps: SweepDeps, every: Milliseconds = EVERY): Promise<void> {
  const failing = new Set<string>()
  const options = { concurrency: 1, lease: LEASE, maxAttempts: MAX_ATTEMPTS }
  const handler: JobHandler = async (_job, run) => {
    const extend = async (): Promise<void> => {
      if (!(await run.extend())) throw new Error('the lease of this job is lost')
    }
    for (const application of await deps.applications.list()) {
      run.signal.throwIfAborted()
      await sweepSafely(deps, { application, signal: run.signal, extend }, failing)
    }
    await deps.database.write([deps.store.oldSweeps(deps.clock.now() - KEPT_MS)])
    return { kind: 'later', delay: every }
  }
  deps.jobs.work('voximplant.sweep', options, handler)
  await deps.jobs.enqueue(SWEEP)
}

type Sweeping = Omit<RunningSync, 'row'>

/** An application whose account fails keeps none of the others waiting. */
async function sweepSafely(
  deps: SweepDeps,
  sweeping: Sweeping,
  failing: Set<string>,
): Promise<void> {
  const { application_id: id } = sweeping.application
  try {
    await sweep(deps, sweeping)
    failing.delete(id)
  } catch (error) {
    sweeping.signal.throwIfAborted()
    const isAway = error instanceof AppError && error.code === 'STATE_CONFLICT'
    // One line when it begins to fail, not one every ten minutes.
    if (!failing.has(id) && !isAway)
      deps.logger.warn(
        { application_id: id, err: error },
        'the history of a Voximplant application could not be read',
      )
    failing.add(id)
  }
}

async function sweep(deps: SweepDeps, sweeping: Sweeping): Promise<void> {
  const { database, store, applications, clock } = deps
  const { application } = sweeping
  if (application.vendor_application_id === null) return
  const row = rangeOf(application, clock.now())
  await database.write([store.added(row)])
  try {
    await deps.run({ ...sweeping, row })
  } catch (error) {
    await database.write([store.removed(row.sync_id)])
    throw error
  }
  const isRecording = decodeScenarioOptions(application.options).recording !== 'off'
  await deps.pending.sweep(application.application_id, isRecording)
  const done = await store.find(row.sync_id)
  if (done?.state !== 'done') return
  const isNothing = done.new_calls + done.updated_calls === 0 && done.error === null
  await database.write([
    applications.changed(application.application_id, { swept_until: row.to_at }),
    // What found nothing is not worth a line.
    ...(isNothing ? [store.removed(row.sync_id)] : []),
  ])
}

function rangeOf({ application_id: id, swept_until: until }: ApplicationRow, now: number): SyncRow {
  const to = Math.ceil(now / 1000) * 1000
  return newSync({
    sync_id: newSyncId(),
    application_id: id,
    kind: 'history',
    origin: 'sweep',
    from_at: until === null ? to - FIRST_MS : until - OVERLAP_MS,
    to_at: to,
    created_at: now,
  })
}
