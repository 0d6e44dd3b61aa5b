// The job behind a synchronisation: runs it, and says what became of it when that is not by itself.
import { ms } from '#core/contracts'
import { AppError, messageOf } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import type { JobHandler, JobResult, JobRun } from '../../jobs/job-queue.ts'
import type { ApplicationRow, ApplicationStore } from '../applications/application-store.ts'
import { TRIED_AGAIN } from './history-run.ts'
import type { SyncDesk } from './sync-desk.ts'
import type { SyncRow, SyncStore } from './sync-store.ts'

export interface SyncJobDeps {
  readonly database: Pick<Database, 'write'>
  readonly store: SyncStore
  readonly applications: Pick<ApplicationStore, 'find'>
  readonly desk: SyncDesk
  readonly clock: Pick<Clock, 'now'>
  readonly logger: Logger
  /** All that it came to stands in its row afterwards. */
  run(sync: RunningSync): Promise<void>
}

export interface RunningSync {
  readonly row: SyncRow
  readonly application: ApplicationRow
  readonly signal: AbortSignal
  /** @throws when the run is no longer ours */
  readonly extend: () => Promise<void>
}

const MOST_ATTEMPTS = 10
/** A page of the vendor, its repetitions with their pauses included. */
export const SYNC_OPTIONS = { concurrency: 2, lease: ms(300_000), maxAttempts: MOST_ATTEMPTS }
/** After a fault behind which something was read. */
const GOES_ON_AFTER = ms(5000)

/** What asking again would not change. */
const FINAL: ReadonlySet<string> = new Set([
  'PROVIDER_REFUSED',
  'STATE_CONFLICT',
  'NOT_FOUND',
  'SECRETS_KEY_MISSING',
])

export function createSyncJob(deps: SyncJobDeps): JobHandler {
  return async ({ data, attempt }, run) => {
    const row = await deps.store.find(String(data['sync_id']))
    if (row?.state !== 'running') return { kind: 'done' }
    const canceled = deps.desk.begun(row.sync_id)
    const signal = AbortSignal.any([run.signal, canceled])
    try {
      const application = await applicationOf(deps, row)
      await deps.run({ row, application, signal, extend: () => extend(run) })
    } catch (error) {
      // The process closes, or somebody canceled it: nothing went wrong.
      if (canceled.aborted) return { kind: 'done' }
      run.signal.throwIfAborted()
      return await failed(deps, row, { error, attempt })
    } finally {
      deps.desk.ended(row.sync_id)
      deps.desk.told(row, await isOver(deps, row))
    }
    return { kind: 'done' }
  }
}

async function applicationOf(
  { applications }: SyncJobDeps,
  { application_id: id }: SyncRow,
): Promise<ApplicationRow> {
  const application = await applications.find(id)
  if (application === undefined)
    throw new AppError('NOT_FOUND', 'The application of this synchronisation was removed.')
  return application
}

async function extend(run: JobRun): Promise<void> {
  if (!(await run.extend())) throw new Error('the lease of this job is lost')
}

interface Failure {
  readonly error: unknown
  readonly attempt: number
}

async function failed(
  { database, store, clock, logger }: SyncJobDeps,
  row: SyncRow,
  { error, attempt }: Failure,
): Promise<JobResult> {
  const now = clock.now()
  const isFinal = error instanceof AppError && FINAL.has(error.code)
  // Only words that were written for others: a defect of ours is in the log.
  const words = error instanceof AppError ? error.message : 'Something went wrong on our side.'
  if (isFinal || attempt >= MOST_ATTEMPTS) {
    logger.warn({ sync_id: row.sync_id, err: error }, 'a synchronisation of Voximplant failed')
    const change = { state: 'failed' as const, error: words, finished_at: now }
    await database.write([store.changed(row.sync_id, change, now)])
    return { kind: 'done' }
  }
  await database.write([store.changed(row.sync_id, { error: `${TRIED_AGAIN}${words}` }, now)])
  if (!(await isFurther({ store }, row))) throw error
  logger.info({ sync_id: row.sync_id, why: messageOf(error) }, 'a synchronisation goes on soon')
  return { kind: 'later', delay: GOES_ON_AFTER }
}

/** A vendor that fails now and then does not end what comes further each time. */
async function isFurther({ store }: Pick<SyncJobDeps, 'store'>, before: SyncRow): Promise<boolean> {
  const now = await store.find(before.sync_id)
  return now !== undefined && (now.done_until !== before.done_until || now.count !== before.count)
}

/** Only for how soon the pages are told: a database that is away is asked again by whoever looks. */
async function isOver({ store }: Pick<SyncJobDeps, 'store'>, row: SyncRow): Promise<boolean> {
  return (await store.find(row.sync_id).catch(() => undefined))?.state !== 'running'
}
