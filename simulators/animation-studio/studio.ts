// The rendering of a simulated vendor: jobs take a place, render for a while, and end with a video or a reason.
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '#core/errors'
import { StudioJob, type JobFailure, type NewJob } from './studio-job.ts'
import type { VideoRenderer } from './video-renderer.ts'

export interface StudioOptions {
  readonly renderMs: number
  /** Rendering at a time; the others wait. */
  readonly places: number
  readonly renderer: VideoRenderer
  /** In place of what is rendered. */
  readonly video?: Buffer | undefined
  readonly now: () => number
  readonly onOver: (job: StudioJob) => void
}

/** Beyond, the oldest that is over is forgotten. */
const MOST_JOBS = 5000

export class Studio {
  readonly #options: StudioOptions
  readonly #jobs = new Map<string, StudioJob>()
  readonly #waiting: StudioJob[] = []
  readonly #closing = new AbortController()
  #running = 0

  constructor(options: StudioOptions) {
    this.#options = options
  }

  /** The newest last. */
  get jobs(): readonly StudioJob[] {
    return [...this.#jobs.values()]
  }

  get active(): number {
    let count = 0
    for (const { isOver, isRemoved } of this.#jobs.values()) if (!isOver && !isRemoved) count += 1
    return count
  }

  find(id: string): StudioJob | undefined {
    const job = this.#jobs.get(id)
    return job?.isRemoved === true ? undefined : job
  }

  add(plan: NewJob): StudioJob {
    const job = new StudioJob(plan, this.#options.now())
    this.#jobs.set(job.id, job)
    this.#waiting.push(job)
    this.#forgetOld()
    // Whoever submitted hears of it first.
    setImmediate(() => this.#startNext())
    return job
  }

  close(): void {
    this.#closing.abort()
    this.#waiting.length = 0
  }

  #startNext(): void {
    while (this.#running < this.#options.places && !this.#closing.signal.aborted) {
      const job = this.#waiting.shift()
      if (job === undefined) return
      if (job.isRemoved) continue
      this.#running += 1
      void this.#run(job).finally(() => {
        this.#running -= 1
        this.#startNext()
      })
    }
  }

  async #run(job: StudioJob): Promise<void> {
    const { signal } = this.#closing
    job.state = 'running'
    job.startedAt = this.#options.now()
    try {
      if (this.#options.renderMs > 0) await sleep(this.#options.renderMs, undefined, { signal })
    } catch {
      return // Closed.
    }
    const delay = job.faults.take('never-finishes', 'late')
    // It keeps no place: others render meanwhile.
    if (delay === undefined) await this.#end(job)
    else void this.#endLater(job, delay.kind === 'late' ? (delay.ms ?? 300) : undefined)
  }

  async #endLater(job: StudioJob, afterMs: number | undefined): Promise<void> {
    const { signal } = this.#closing
    const waits: Promise<unknown>[] = [job.finished]
    // Rejects when all is closed, which is looked at below.
    if (afterMs !== undefined)
      waits.push(sleep(afterMs, undefined, { signal }).catch(() => undefined))
    await Promise.race(waits)
    if (!signal.aborted) await this.#end(job)
  }

  async #end(job: StudioJob): Promise<void> {
    const { video, renderer, now, onOver } = this.#options
    job.failure ??= scriptedFailure(job)
    try {
      if (job.failure === null) job.video = video ?? (await renderer.render(job.shot))
    } catch (error) {
      job.failure = { kind: 'no-video', message: messageOf(error) }
    }
    if (this.#closing.signal.aborted) return
    job.state = job.failure === null ? 'done' : 'failed'
    job.endedAt = now()
    if (!job.isRemoved) onOver(job)
    job.end()
  }

  #forgetOld(): void {
    if (this.#jobs.size <= MOST_JOBS) return
    for (const job of this.#jobs.values())
      if (job.isOver) {
        this.#jobs.delete(job.id)
        return
      }
  }
}

function scriptedFailure({ faults }: StudioJob): JobFailure | null {
  const fault = faults.take('rejected', 'render-error')
  if (fault === undefined) return null
  return fault.kind === 'rejected'
    ? { kind: 'rejected', message: 'the content was rejected by moderation' }
    : { kind: 'render-error', message: 'the renderer gave up' }
}
