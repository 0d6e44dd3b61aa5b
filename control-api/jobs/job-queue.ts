// Port: work that must be done once asked for, whatever is restarted. The SQL queue fills it; a Redis one may.
import type { Compilable } from 'kysely'
import type { EpochMs, Milliseconds } from '#core/contracts'
import type { Lifecycle } from '#core/lifecycle'

/** Kinds of jobs; a label of metrics. */
export type JobKind =
  | 'animation.d-id'
  | 'animation.heygen'
  | 'call.redial'
  | 'conversation.sync'
  | 'erasure.run'
  | 'media.sweep'
  | 'media.transcode'
  | 'retention.sweep'
  | 'twilio.recording'
  | 'voximplant.audio'
  | 'voximplant.sweep'
  | 'voximplant.sync'

export type JobData = Readonly<Record<string, string | number>>

export interface NewJob {
  readonly kind: JobKind
  /** Ids; no personal data and no secrets. */
  readonly data: JobData
  /** While a job with this key waits, runs or is parked, asking again does nothing. */
  readonly dedupeKey?: string
  /** At once unless told. */
  readonly runAt?: EpochMs
}

export interface Job {
  readonly jobId: string
  readonly kind: JobKind
  readonly data: JobData
  /** From 1: this run included. Runs that came to `later` are not counted. */
  readonly attempt: number
  /** When it was asked for, or retried after it was parked. */
  readonly askedAt: EpochMs
}

/**
 * What a run came to. A handler that throws is tried again with back-off, and parked after too many runs; so is one that
 * ends with the whole process.
 */
export type JobResult =
  | { readonly kind: 'done' }
  /** Not a failure: there is nothing to do yet. Costs no attempt. */
  | { readonly kind: 'later'; readonly delay: Milliseconds }
  /** Trying again would not help. */
  | { readonly kind: 'park'; readonly why: string }

export interface JobRun {
  /** Aborted when the lease is lost or everything closes: nothing that the run comes to counts any more. */
  readonly signal: AbortSignal
  /** False when the lease is lost: whatever is under way belongs to another run. Long steps ask before they act. */
  extend(): Promise<boolean>
}

/** May run more than once for one job, as after a crash: what it does must bear that. */
export type JobHandler = (job: Job, run: JobRun) => Promise<JobResult>

export interface WorkOptions {
  /** Runs at a time. */
  readonly concurrency: number
  /** A run that has not extended its lease for so long is taken for dead, and tried again like one that threw. */
  readonly lease: Milliseconds
  /** Runs that throw, or end with the process, before the job is parked. */
  readonly maxAttempts: number
}

/** `parked`: given up until somebody retries it. Jobs that are done are gone. */
export const JOB_STATES = ['waiting', 'running', 'parked'] as const
export type JobState = (typeof JOB_STATES)[number]

/** A job as an operator sees it. */
export interface ListedJob {
  readonly jobId: string
  readonly kind: string
  readonly state: JobState
  readonly data: JobData
  readonly attempts: number
  readonly runAt: EpochMs
  /** Masked. */
  readonly lastError: string | null
  readonly askedAt: EpochMs
  readonly updatedAt: EpochMs
}

export interface JobQueue extends Lifecycle {
  /**
   * To be written with what it follows from, in one transaction; `written` afterwards makes it run at once.
   * @throws RangeError for data over 2,000 letters: a job names what it is about, it does not carry it
   */
  enqueued(job: NewJob): Compilable
  /** Durable when it resolves. */
  enqueue(job: NewJob): Promise<void>
  /** Told of statements that were written: jobs among them run at once. */
  written(statements: readonly Compilable[]): void
  /** Looks for jobs of all kinds at once. */
  nudge(): void
  /** Makes a job that waits due now: something it waits for may have happened. False when none with this key waits. */
  wake(dedupeKey: string): Promise<boolean>
  /** Once a kind, before `start`. Jobs of a kind without a handler wait. */
  work(kind: JobKind, options: WorkOptions, handler: JobHandler): void
  /** Idempotent. What an earlier process had begun is taken again at once. */
  start(): void
  find(jobId: string): Promise<ListedJob | undefined>
  /** Newest first, behind an id. */
  list(state: JobState, after: string | null, limit: number): Promise<readonly ListedJob[]>
  /**
   * Gives a parked job its attempts back; false when there is none of this id.
   * @param along written in the same transaction
   */
  retry(jobId: string, along?: readonly Compilable[]): Promise<boolean>
  /** Forgets a parked or waiting job; false when there is none of this id. */
  giveUp(jobId: string, along?: readonly Compilable[]): Promise<boolean>
}
