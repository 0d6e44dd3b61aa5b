// The jobs of animations: one a task, which only says that something is to be done. The row says what.
import { ms, type Milliseconds } from '#core/contracts'
import { TimerSet } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import type { JobQueue, NewJob } from '../../jobs/job-queue.ts'
import type { AnimationProviderName } from './animation.ts'
import type { AnimationRow } from './animation-row.ts'

export const JOB_OPTIONS = {
  /** A kind; most of them wait for the network. */
  concurrency: 16,
  /** Extended while a step runs. */
  lease: ms(300_000),
  /** Runs that the process ends with, or that our database fails: what is paid for is not given up lightly. */
  maxAttempts: 50,
}

export const dedupeKeyOf = (taskId: string): string => `animation ${taskId}`

export const jobOf = ({
  task_id: id,
  provider,
}: Pick<AnimationRow, 'task_id' | 'provider'>): NewJob => ({
  kind: jobKindOf(provider),
  data: { task_id: id },
  dedupeKey: dedupeKeyOf(id),
})

export const jobKindOf = (provider: AnimationProviderName) => `animation.${provider}` as const

/** By then a run that was about to wait does wait, and one that was about to end has ended. */
const AGAIN_AFTER: readonly Milliseconds[] = [ms(250), ms(2000)]
/** Each of them is a timer of a moment. */
const MOST_AGAIN = 2000

type WakingQueue = Pick<JobQueue, 'wake' | 'enqueue'>

/** Makes jobs due that wait. One that runs looks itself; but it may be just about to wait, or to end, and is told again. */
export class AnimationAlarm {
  readonly #jobs: WakingQueue
  readonly #logger: Logger
  readonly #timers = new TimerSet()
  #again = 0
  #isClosed = false

  constructor(deps: { readonly jobs: WakingQueue; readonly logger: Logger }) {
    this.#jobs = deps.jobs
    this.#logger = deps.logger
  }

  async wake(about: Pick<AnimationRow, 'task_id' | 'provider'>): Promise<void> {
    if (await this.#jobs.wake(dedupeKeyOf(about.task_id))) return
    for (const delay of AGAIN_AFTER) {
      if (this.#isClosed || this.#again >= MOST_AGAIN) return
      this.#again += 1
      this.#timers.after(delay, () => {
        this.#again -= 1
        inBackground(this.#wakeAgain(about), this.#logger, 'waking an animation')
      })
    }
  }

  /** A job too many finds nothing to do, and is done. */
  async #wakeAgain(about: Pick<AnimationRow, 'task_id' | 'provider'>): Promise<void> {
    if (this.#isClosed || (await this.#jobs.wake(dedupeKeyOf(about.task_id)))) return
    await this.#jobs.enqueue(jobOf(about))
  }

  close(): void {
    this.#isClosed = true
    this.#timers.clear()
  }
}
