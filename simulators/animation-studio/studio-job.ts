// A job of a simulated vendor: what is rendered, how far it is, and what goes wrong with it.
import type { JobFault, TaskFaults } from './job-faults.ts'
import type { Shot } from './video-renderer.ts'

export interface NewJob {
  readonly id: string
  /** The client's own reference; null: it gave none. */
  readonly clientRef: string | null
  readonly faults: TaskFaults
  readonly shot: Shot
  /** It will fail, for this reason. */
  readonly failure?: JobFailure | undefined
}

export type JobState = 'waiting' | 'running' | 'done' | 'failed'

export interface JobFailure {
  readonly kind: 'rejected' | 'render-error' | 'no-video' | 'bad-face'
  readonly message: string
}

export class StudioJob {
  readonly id: string
  readonly clientRef: string | null
  readonly faults: TaskFaults
  readonly shot: Shot
  readonly createdAt: number
  state: JobState = 'waiting'
  startedAt: number | null = null
  endedAt: number | null = null
  failure: JobFailure | null
  video: Buffer | null = null
  isRemoved = false
  /** Of its webhooks: resolves when all of them were answered, or given up. */
  told: Promise<void> = Promise.resolve()
  /** Resolves when it is done or has failed. */
  readonly over: Promise<void>
  /** Ends the wait of one that never finishes, or finishes late. */
  readonly finish: () => void
  readonly finished: Promise<void>
  readonly end: () => void

  constructor(job: NewJob, createdAt: number) {
    this.id = job.id
    this.clientRef = job.clientRef
    this.faults = job.faults
    this.shot = job.shot
    this.failure = job.failure ?? null
    this.createdAt = createdAt
    const over = Promise.withResolvers<undefined>()
    this.over = over.promise
    this.end = () => over.resolve(undefined)
    const finished = Promise.withResolvers<undefined>()
    this.finished = finished.promise
    this.finish = () => finished.resolve(undefined)
  }

  get isOver(): boolean {
    return this.state === 'done' || this.state === 'failed'
  }
}

/** As it is shown to tests. */
export interface JobRecord {
  readonly id: string
  readonly clientRef: string | null
  readonly state: JobState
  readonly createdAt: number
  readonly endedAt: number | null
  readonly isRemoved: boolean
  /** What went wrong while it rendered. */
  readonly failure: JobFailure | null
}

export type OnSubmit = (submission: {
  readonly clientRef: string | null
  readonly text: string
  /** How many this vendor had before it. */
  readonly earlier: number
}) => readonly JobFault[] | undefined
