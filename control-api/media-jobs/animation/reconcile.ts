// Rows and their jobs and files are brought together again, at the start and by each round of the sweep: whatever is lost of
// the queue, nothing is forgotten, and nothing is left of what is over.
import { sql, type SqlBool } from 'kysely'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import { ACTIVE_STATES, isOver } from './animation.ts'
import { dedupeKeyOf, jobKindOf, jobOf } from './animation-jobs.ts'
import type { AnimationRow } from './animation-row.ts'
import { nextVersion, type AnimationStore } from './animation-store.ts'
import { failed } from './machine/next.ts'
import type { StepContext } from './machine/next.ts'
import type { WorkFiles } from './work-files.ts'

export interface ReconcileDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly store: Pick<AnimationStore, 'changed' | 'find'>
  readonly jobs: Pick<JobQueue, 'enqueued' | 'nudge' | 'giveUp'>
  readonly files: WorkFiles
  readonly clock: Pick<Clock, 'now'>
  readonly logger: Logger
  readonly stepContext: Pick<StepContext, 'timing' | 'random'>
  readonly onChange: (before: AnimationRow, after: AnimationRow) => void
}

/** Of one round; the next one is in a minute. */
const AT_ONCE = 500

/** A job for each row that needs one and has none; a row whose job was given up has failed. @returns how many had none */
export async function reviveAnimations(deps: ReconcileDeps): Promise<number> {
  const { database, jobs, logger } = deps
  const lost = await database.query
    .selectFrom('animations')
    .selectAll()
    .where((one) =>
      one.or([one('state', 'in', ACTIVE_STATES), one('watched_until', 'is not', null)]),
    )
    .where(
      sql<SqlBool>`not exists (select 1 from jobs where jobs.dedupe_key = ${sql.lit(dedupeKeyOf(''))} || animations.task_id)`,
    )
    .limit(AT_ONCE)
    .execute()
  if (lost.length > 0) {
    logger.warn({ animations: lost.length }, 'animations had lost their jobs')
    await database.write(lost.map((row) => jobs.enqueued(jobOf(row))))
    jobs.nudge()
  }
  await failParked(deps)
  return lost.length
}

async function failParked(deps: ReconcileDeps): Promise<void> {
  const { database, store, jobs, clock, stepContext, onChange } = deps
  const parked = await database.query
    .selectFrom('jobs')
    .select(['job_id', 'data'])
    .where('kind', 'in', [jobKindOf('d-id'), jobKindOf('heygen')])
    .where('state', '=', 'parked')
    .limit(AT_ONCE)
    .execute()
  for (const { job_id: jobId, data } of parked) {
    const row = await store.find(taskOf(data))
    const now = clock.now()
    if (row === undefined || isOver(row.state)) {
      await jobs.giveUp(jobId)
      continue
    }
    const message = 'It broke off here again and again; the log says why. "retry" goes on with it.'
    const next = failed(
      row,
      { ...stepContext, now, provider: undefined },
      { kind: 'unknown', message },
    )
    if (await jobs.giveUp(jobId, store.changed(row, { ...next, now })))
      onChange(row, { ...row, ...next.set, updated_at: nextVersion(row, now) })
  }
}

/** Written by us alone. */
const taskOf = (data: string): string =>
  String((JSON.parse(data) as { readonly task_id?: unknown }).task_id)

/** Files of animations that are over, or gone. */
export async function cleanWorkFiles({
  files,
  store,
}: Pick<ReconcileDeps, 'files' | 'store'>): Promise<void> {
  for (const taskId of await files.tasks()) {
    const row = await store.find(taskId)
    // A late result is on its way only in another state.
    if (row === undefined || isOver(row.state)) await files.clean(taskId)
  }
}
