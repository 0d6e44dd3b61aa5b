// Where animations are asked for, canceled, retried and deleted. Whatever would fail for certain is refused here, before it
// costs anything.
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { AuditLog } from '../../access/audit-log.ts'
import type { Database } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import { isOver } from './animation.ts'
import { type AnimationAlarm, jobOf } from './animation-jobs.ts'
import type { AnimationBudget } from './animation-budget.ts'
import type { AskedAnimation, AskRules, FitAnimation } from './ask-rules.ts'
import {
  isFinishedThere,
  isKeptThere,
  type AnimationChange,
  type AnimationRow,
} from './animation-row.ts'
import { nextVersion, type AnimationStore } from './animation-store.ts'
import { nextStep } from './machine/next-step.ts'
import { MOST_SUBMISSIONS, type StepContext } from './machine/next.ts'

export interface AnimationDeskDeps {
  readonly database: Pick<Database, 'write'>
  readonly store: AnimationStore
  readonly rules: AskRules
  readonly budget: AnimationBudget
  readonly jobs: Pick<JobQueue, 'enqueued' | 'nudge'>
  readonly alarm: Pick<AnimationAlarm, 'wake'>
  readonly audit: AuditLog
  readonly clock: Pick<Clock, 'now'>
  readonly stepContext: Pick<StepContext, 'timing' | 'random'>
  readonly onChange: (before: AnimationRow | undefined, after: AnimationRow) => void
  /** Stops what runs and may be stopped. */
  readonly stop: (taskId: string) => void
}

export class AnimationDesk {
  readonly #deps: AnimationDeskDeps

  constructor(deps: AnimationDeskDeps) {
    this.#deps = deps
  }

  /** @throws AppError for whatever stands in its way */
  async ask(asked: AskedAnimation, taskId: string, keyId: string): Promise<AnimationRow> {
    const { rules, jobs, budget, onChange } = this.#deps
    const fit = await rules.examine(asked)
    const row = await budget.spend(() => this.#add({ ...fit, task_id: taskId }, keyId))
    jobs.nudge()
    onChange(undefined, row)
    return row
  }

  async #add(fit: FitAnimation & { readonly task_id: string }, keyId: string) {
    const { database, store, jobs, audit, clock } = this.#deps
    const now = store.freshTime(clock.now())
    const row: AnimationRow = { ...NEW_ROW, ...fit, ...madeBy(keyId, now) }
    const { provider, speech, media_id: mediaId, memorial_id: memorialId } = row
    await database.write([
      ...store.added(row, { step: 'queued.asked', detail: { provider, speech } }),
      jobs.enqueued(jobOf(row)),
      audit.noted({ keyId }, 'animation.asked', row.task_id, {
        provider,
        media_id: mediaId,
        memorial_id: memorialId,
      }),
    ])
    return row
  }

  /** @throws AppError `NOT_FOUND` */
  async find(taskId: string): Promise<AnimationRow> {
    const row = await this.#deps.store.find(taskId)
    if (row === undefined) throw new AppError('NOT_FOUND', 'There is no animation with this id.')
    return row
  }

  /** At once while it is queued; else the run that has it ends it. @throws AppError `STATE_CONFLICT` when it is over */
  async cancel(taskId: string, keyId: string): Promise<AnimationRow> {
    const row = await this.find(taskId)
    if (isOver(row.state)) throw over(row, 'canceled')
    const { database, store, audit, clock, alarm, onChange, stop } = this.#deps
    const now = clock.now()
    const noted = audit.noted({ keyId }, 'animation.canceled', taskId, { state: row.state })
    if (row.state === 'queued') {
      const { stepContext } = this.#deps
      const next = nextStep(row, { kind: 'canceled' }, { ...stepContext, now, provider: undefined })
      const [changed] = await database.write([...store.changed(row, { ...next, now }), noted])
      if (changed?.changes !== 1) return this.cancel(taskId, keyId)
      onChange(row, { ...row, ...next.set, updated_at: nextVersion(row, now) })
    } else {
      await database.write([store.cancelAsked(taskId, now), noted])
    }
    stop(taskId)
    await alarm.wake(row)
    return this.find(taskId)
  }

  /**
   * Goes on from the download when the provider is done with it, or asks for what could not be removed there; else it is
   * submitted afresh, three times at most.
   * @throws AppError `STATE_CONFLICT` unless it has failed or was canceled; whatever stands in its way
   */
  async retry(taskId: string, keyId: string): Promise<AnimationRow> {
    const row = await this.find(taskId)
    if (!mayRetry(row)) throw notRetried(row)
    const { database, store, rules, jobs, audit, clock, alarm, budget, onChange } = this.#deps
    await rules.examineRetry(row)
    const now = clock.now()
    const set = retriedFrom(row, now)
    const isPaid = set.state !== 'queued'
    const detail = { from: row.state, paid_already: isPaid }
    const write = () =>
      database.write([
        ...store.changed(row, { set, step: { step: `${set.state}.retried`, detail }, now }),
        jobs.enqueued(jobOf(row)),
        audit.noted({ keyId }, 'animation.retried', taskId, detail),
      ])
    const [changed] = await (isPaid ? write() : budget.spend(write))
    if (changed?.changes !== 1) throw notRetried(await this.find(taskId))
    jobs.nudge()
    // Its job may be there still: to watch for a late result, or just about to end.
    await alarm.wake(row)
    onChange(row, { ...row, ...set, updated_at: nextVersion(row, now) })
    return this.find(taskId)
  }

  /** The record, not its video. @throws AppError `STATE_CONFLICT` while it is under way */
  async remove(taskId: string, keyId: string): Promise<void> {
    const row = await this.find(taskId)
    const { database, store, audit, alarm } = this.#deps
    if (!isOver(row.state)) throw underWay()
    const [removed] = await database.write([
      ...store.removed(taskId),
      audit.noted({ keyId }, 'animation.deleted', taskId),
    ])
    if (removed?.changes !== 1) throw underWay()
    await alarm.wake(row)
  }
}

export const mayRetry = ({ state }: AnimationRow): boolean =>
  state === 'failed' || state === 'canceled'

const madeBy = (keyId: string, now: number) => ({
  created_by: keyId,
  created_at: now,
  updated_at: now,
})

/** What begins anew is found by another client reference: the last one stays, to count on from. */
const AFRESH = {
  tries: 0,
  looks: 0,
  submitting_since: null,
  provider_status: null,
  error: null,
  watched_until: null,
  woken_at: null,
  cancel_asked_at: null,
  finished_at: null,
} as const satisfies AnimationChange

/** Only what could not be removed is asked for again: of one that failed there, nothing would come. */
function retriedFrom(row: AnimationRow, now: number) {
  if (isFinishedThere(row)) return GOES_ON
  const submissions_allowed = row.submissions + MOST_SUBMISSIONS
  if (!isKeptThere(row)) return { ...BEGINS_AGAIN, submissions_allowed } as const
  // It has as long again; whatever its place here, it has one there.
  const allowed = (row.deadline_at ?? now) - (row.submitted_at ?? now)
  return {
    ...AFRESH,
    state: 'processing',
    submissions_allowed,
    deadline_at: now + allowed,
  } as const
}

const BEGINS_AGAIN = {
  ...AFRESH,
  state: 'queued',
  provider_job_id: null,
  deadline_at: null,
  submitted_at: null,
  result: null,
} as const satisfies AnimationChange

const GOES_ON = { ...AFRESH, state: 'downloading', result: null } as const satisfies AnimationChange

const NEW_ROW = {
  ...BEGINS_AGAIN,
  submissions: 0,
  submissions_allowed: null,
  source_ref: null,
  audio_ref: null,
  refs_until: null,
  client_ref: null,
  result_media_id: null,
} as const satisfies AnimationChange

const over = ({ state }: AnimationRow, what: string): AppError =>
  new AppError('STATE_CONFLICT', `This animation is over (${state}): it cannot be ${what}.`)

const notRetried = ({ state }: AnimationRow): AppError =>
  new AppError(
    'STATE_CONFLICT',
    `This animation is ${state}: only one that failed or was canceled can be retried.`,
  )

const underWay = (): AppError =>
  new AppError('STATE_CONFLICT', 'This animation is under way: cancel it first.')
