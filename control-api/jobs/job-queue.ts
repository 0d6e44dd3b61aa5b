// Port: work that must be done once asked for, whatever is restarted. The SQL queue fills it; a Redis one may.
import type { Compilable } from 'kysely'
import type { EpochMs, Milliseconds } from '#core/contracts'
import type { Lifecycle } from '#core/lifecycle'

/** Kinds of jobs; a label of metrics. */
export type JobKind =
  'call.redial' | 'conversation.sync' | 'conversation.erase' | 'erasure.run' | 'retention.sweep'

export interface NewJob {
  readonly kind: JobKind
  /** Ids; no personal data and no secrets. */
  readonly data: Readonly<Record<string, string | number>>
  /** While a job with this key waits, runs or is parked, asking again does nothing. */
  readonly dedupeKey?: string
  /** At once unless told. */
  readonly runAt?: EpochMs
}

export interface Job {
  readonly jobId: string
  readonly kind: JobKind
  readonly data: Readonly<Record<string, string | number>>
  /** From 1: this run included. */
  readonly attempt: number
}

/** What a run came to. A handler that throws is tried again with back-off, and parked after too many runs. */
export type JobResult =
  | { readonly kind: 'done' }
  /** Not a failure: there is nothing to do yet. Costs no attempt. */
  | { readonly kind: 'later'; readonly delay: Milliseconds }
  /** Trying again would not help. */
  | { readonly kind: 'park'; readonly why: string }

export interface JobRun {
  /** Aborted when the lease is lost or everything closes. */
  readonly signal: AbortSignal
  /** False when the lease is lost: whatever is under way belongs to another run. Long steps ask before they act. */
  extend(): Promise<boolean>
}

export type JobHandler = (job: Job, run: JobRun) => Promise<JobResult>

export interface WorkOptions {
  /** Runs at a time. */
  readonly concurrency: number
  /** A run that has not extended its lease for so long is taken for dead. */
  readonly lease: Milliseconds
  /** Runs that throw before the job is parked. */
  readonly maxAttempts: number
}

export interface ParkedJob {
  readonly jobId: string
  readonly kind: JobKind
  readonly attempts: number
  readonly lastError: string | null
  readonly parkedAt: EpochMs
}

export interface JobQueue extends Lifecycle {
  /** To be written with what it follows from, in one transaction; `nudge` afterwards makes it run at once. */
  enqueued(job: NewJob): Compilable
  /** Durable when it resolves. */
  enqueue(job: NewJob): Promise<void>
  nudge(): void
  /** Once a kind, before `start`. */
  work(kind: JobKind, options: WorkOptions, handler: JobHandler): void
  start(): void
  parked(limit: number): Promise<readonly ParkedJob[]>
  /** Gives a parked job its attempts back; false when there is none of this id. */
  retry(jobId: string): Promise<boolean>
}
