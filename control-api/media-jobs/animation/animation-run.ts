// A run of the job of an animation: it does what the row asks for, step by step, until there is nothing to do for a while.
// Intents are written before what they are about, results after; whatever else changed the row meanwhile goes first.
import { ms } from '#core/contracts'
import type { Compilable } from 'kysely'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import type { Job, JobResult, JobRun } from '../../jobs/job-queue.ts'
import type { MediaLibrary } from '../library/media-library.ts'
import type { MediaTiming } from '../media-timing.ts'
import { isOver } from './animation.ts'
import type { AnimationRow } from './animation-row.ts'
import { nextVersion, type AnimationStore, type OnlyIf } from './animation-store.ts'
import { diskFaultOf } from './effects/disk-fault.ts'
import { isEffect, type EffectKind, type Effects } from './effects/effects.ts'
import { videoItemOf } from './effects/store.ts'
import type { AnimationEvent } from './machine/event.ts'
import { nextStep } from './machine/next-step.ts'
import type { Next, StepContext } from './machine/next.ts'
import { workOf } from './machine/work.ts'
import { TITLE_OF, type ConfiguredProviders } from './ports.ts'
import type { ProviderPlaces } from './provider-places.ts'
import type { WorkFiles } from './work-files.ts'

export interface RunDeps {
  readonly database: Pick<Database, 'write'>
  readonly store: AnimationStore
  readonly places: ProviderPlaces
  readonly providers: ConfiguredProviders
  readonly library: Pick<MediaLibrary, 'itemAdded' | 'changed'>
  readonly files: WorkFiles
  readonly effects: Effects
  readonly clock: Pick<Clock, 'now'>
  readonly logger: Logger
  readonly timing: MediaTiming
  readonly random?: (() => number) | undefined
  /** Told after each change that counted. */
  readonly onChange: (before: AnimationRow, after: AnimationRow) => void
  /** Aborted when it is canceled: of work that need not come to its end. */
  readonly stopOf: (taskId: string) => AbortSignal
  readonly onEnd: (taskId: string) => void
}

/** More in a row is no progress any more. */
const MOST_ROUNDS = 200
const EXTEND_EVERY_MS = 45_000
/** Nobody else may say whether it was paid. */
const NOT_STOPPED: ReadonlySet<EffectKind> = new Set(['submit', 'repeat', 'look', 'remove'])

export class AnimationRun {
  readonly #deps: RunDeps
  readonly #run: JobRun
  readonly #taskId: string
  #heldAt = performance.now()
  readonly #fresh: { resultUrl?: string | undefined } = {}

  constructor(deps: RunDeps, job: Job, run: JobRun) {
    this.#deps = deps
    this.#run = run
    this.#taskId = String(job.data['task_id'])
  }

  async go(): Promise<JobResult> {
    try {
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        const result = await this.#round()
        if (result !== undefined) return result
      }
      this.#deps.logger.error({ task_id: this.#taskId }, 'an animation goes round in circles')
      return later(this.#deps.timing.retryMs.max)
    } finally {
      this.#deps.onEnd(this.#taskId)
    }
  }

  /** Undefined: there is more to do. */
  async #round(): Promise<JobResult | undefined> {
    await this.#hold()
    const row = await this.#deps.store.find(this.#taskId)
    if (row === undefined) return this.#tidied()
    const work = workOf(row, { ...this.#context(row), hasSpeech: await this.#hasSpeech(row) })
    switch (work.kind) {
      case 'none':
        return this.#tidied()
      case 'wait':
        return this.#waits(row, work.ms)
      case 'take-place':
        return this.#takePlace(row)
      case 'submit':
        return this.#submit(row)
      default:
        return isEffect(work) ? this.#perform(row, work.kind) : undefined
    }
  }

  async #takePlace(row: AnimationRow): Promise<JobResult | undefined> {
    const { places, providers } = this.#deps
    const maxJobs = providers.configOf(row.provider)?.maxJobs ?? 1
    const ahead = await places.ahead(row)
    if (ahead >= maxJobs) return this.#settle(row, { kind: 'no-place', ahead, maxJobs })
    return this.#settle(row, { kind: 'place-taken' }, places.onlyIfFree(row, maxJobs))
  }

  /** The intent is on the disk before anything is sent. */
  async #submit(row: AnimationRow): Promise<JobResult | undefined> {
    const next = nextStep(row, { kind: 'intended' }, this.#context(row))
    const intended = await this.#apply(row, next)
    return intended && this.#perform(intended, 'submit')
  }

  async #perform(row: AnimationRow, kind: EffectKind): Promise<JobResult | undefined> {
    const { effects, stopOf } = this.#deps
    const { signal } = this.#run
    const stop = stopOf(this.#taskId)
    const bounded = NOT_STOPPED.has(kind) ? signal : AbortSignal.any([signal, stop])
    const keep = setInterval(
      // A lease that is lost aborts the signal; a database that is away is asked again before the lease is over.
      () => void this.#hold().catch(() => undefined),
      EXTEND_EVERY_MS,
    ).unref()
    try {
      const event = await effects[kind]({ row, signal: bounded, fresh: this.#fresh }).catch(
        (error: unknown) => this.#diskFailed(kind, error),
      )
      // Whatever comes of a request that was cut off by our own end, the next run finds out.
      if (event.kind !== 'accepted') signal.throwIfAborted()
      return await this.#settle(row, event)
    } catch (error) {
      signal.throwIfAborted()
      // Canceled in the middle: the row says so by now.
      if (bounded.aborted) return undefined
      throw error
    } finally {
      clearInterval(keep)
    }
  }

  /** @throws what is no fault of the disk */
  #diskFailed(kind: EffectKind, error: unknown): AnimationEvent {
    const failure = NOT_STOPPED.has(kind) ? undefined : diskFaultOf(error)
    if (failure === undefined) throw error
    const about = { task_id: this.#taskId, doing: kind, err: error }
    this.#deps.logger.error(about, 'the disk fails an animation')
    return { kind: 'disk-failed', failure }
  }

  /** @param only for the write to count */
  async #settle(
    row: AnimationRow,
    event: AnimationEvent,
    only?: OnlyIf,
  ): Promise<JobResult | undefined> {
    const next = nextStep(row, event, this.#context(row))
    const isWritten = next.step !== undefined || Object.keys(next.set).length > 0
    const after = isWritten ? await this.#apply(row, next, only) : row
    return after && next.waitMs > 0 ? this.#waits(after, next.waitMs) : undefined
  }

  /** Undefined: the row is another by now. */
  async #apply(row: AnimationRow, next: Next, only?: OnlyIf): Promise<AnimationRow | undefined> {
    const { database, store, clock, onChange, library } = this.#deps
    const now = clock.now()
    const item = next.set.state === 'done' ? videoItemOf(row, Math.floor(now)) : undefined
    // What belongs to a change is written with it, or neither is: this run may have lost its lease.
    const added: readonly Compilable[] = item
      ? [library.itemAdded(item, store.doneAt(row, now))]
      : []
    const writes = [...store.changed(row, { ...next, now }, only), ...added]
    const [changed] = await database.write(writes)
    if (changed?.changes !== 1) return undefined
    const after = { ...row, ...next.set, updated_at: nextVersion(row, now) }
    onChange(row, after)
    if (item) library.changed(item.media_id)
    return after
  }

  /** Unless somebody has something to say. */
  async #waits(row: AnimationRow, waitMs: number): Promise<JobResult | undefined> {
    const now = await this.#deps.store.find(this.#taskId)
    const isToGoOn =
      now?.state !== row.state ||
      now.cancel_asked_at !== row.cancel_asked_at ||
      (now.woken_at !== row.woken_at && (now.state === 'processing' || isOver(now.state)))
    return isToGoOn ? undefined : later(waitMs)
  }

  /** Undefined: somebody retried it meanwhile. */
  async #tidied(): Promise<JobResult | undefined> {
    await this.#deps.files.clean(this.#taskId)
    const now = await this.#deps.store.find(this.#taskId)
    return now === undefined || isOver(now.state) ? { kind: 'done' } : undefined
  }

  #context({ provider: name }: AnimationRow): StepContext {
    const { providers, clock, timing, random = Math.random } = this.#deps
    const provider = providers.find(name)
    const config = providers.configOf(name)
    const isThere = provider !== undefined && config !== undefined
    return {
      now: clock.now(),
      timing,
      random,
      provider: isThere
        ? {
            title: TITLE_OF[name],
            repeatableForMs: provider.repeatableForMs,
            deadlineMs: config.deadlineMs,
          }
        : undefined,
    }
  }

  async #hasSpeech({ speech, task_id: taskId }: AnimationRow): Promise<boolean> {
    if (speech === 'provider') return false
    return (await this.#deps.files.sizeOf(taskId, 'speech')) !== undefined
  }

  /** @throws when the job is another run’s */
  async #hold(): Promise<void> {
    this.#run.signal.throwIfAborted()
    if (performance.now() - this.#heldAt < EXTEND_EVERY_MS) return
    this.#heldAt = performance.now()
    if (!(await this.#run.extend())) throw new Error('the lease of this job is lost')
  }
}

const later = (delay: number): JobResult => ({ kind: 'later', delay: ms(Math.max(0, delay)) })
