// JobQueue on leases in the database: a run holds its job until a time, and extends it. The start of a run is durable
// before it begins, so that a job which kills the process is counted, and parked in the end.
import type { Compilable } from 'kysely'
import { epochMs, ms, type EpochMs, type Milliseconds } from '#core/contracts'
import { messageOf } from '#core/errors'
import { waitUntil } from '#core/lifecycle'
import {
  inBackground,
  maskedText,
  NO_TRACING,
  type Logger,
  type Metrics,
  type Tracing,
} from '#core/telemetry'
import { backOffAfter, type BackOff, type Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import { exposeJobs } from './job-figures.ts'
import { JobLease } from './job-lease.ts'
import { tracedJob } from './traced-job.ts'
import type {
  JobHandler,
  JobKind,
  JobQueue,
  JobResult,
  JobState,
  ListedJob,
  NewJob,
  WorkOptions,
} from './job-queue.ts'
import * as rows from './job-rows.ts'
import type { JobRow } from './job-rows.ts'

export interface SqlJobQueueDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly clock: Pick<Clock, 'now'>
  readonly logger: Logger
  readonly metrics: Metrics
  /** Absent: off. */
  readonly tracing?: Tracing | undefined
  /** Told after some job came, ran, ended or was given up; often. */
  readonly onChange?: () => void
}

export interface SqlJobQueueOptions {
  /** How often it looks for jobs that nobody nudged it about; a second unless told. */
  readonly pollEvery?: Milliseconds
  /** After a run that threw; 2 s to 15 min unless told. */
  readonly backOff?: BackOff
  /** What runs that are cut off by `close` get to end; two seconds unless told. */
  readonly closeTimeout?: Milliseconds
}

interface Worker {
  readonly kind: JobKind
  readonly options: WorkOptions
  readonly handler: JobHandler
  running: number
  /** When the first of those that wait is due. */
  next: number
}

const POLL_EVERY = ms(1000)
const BACK_OFF = { firstMs: 2000, maxMs: 15 * 60_000 }
const CLOSE_TIMEOUT = ms(2000)
/** Jobs of dead runs taken back at a time. */
const EXPIRED_AT_ONCE = 20

export class SqlJobQueue implements JobQueue {
  readonly #deps: SqlJobQueueDeps
  readonly #options: Required<SqlJobQueueOptions>
  readonly #workers = new Map<JobKind, Worker>()
  readonly #leases = new Set<JobLease>()
  #state: 'new' | 'started' | 'draining' | 'closed' = 'new'
  #timer: NodeJS.Timeout | undefined
  #tookOver = false
  #looking = false
  /** To be looked for. */
  readonly #wanted = new Set<Worker>()
  /** Statements made here, and of what kind their jobs are. */
  readonly #made = new WeakMap<Compilable, JobKind>()
  #lookedForExpiredAt = -Infinity
  #failing = false
  #closing: Promise<void> | undefined

  constructor(deps: SqlJobQueueDeps, options: SqlJobQueueOptions = {}) {
    this.#deps = deps
    this.#options = {
      pollEvery: options.pollEvery ?? POLL_EVERY,
      backOff: options.backOff ?? BACK_OFF,
      closeTimeout: options.closeTimeout ?? CLOSE_TIMEOUT,
    }
    exposeJobs(deps, () => this.#workers.values())
  }

  enqueued(job: NewJob): Compilable {
    const insert = rows.insertJob(this.#deps.database.query, job, this.#deps.clock.now())
    this.#made.set(insert, job.kind)
    return insert
  }

  async enqueue(job: NewJob): Promise<void> {
    const insert = this.enqueued(job)
    await this.#deps.database.write([insert])
    this.written([insert])
  }

  written(statements: readonly Compilable[]): void {
    const kinds = statements.flatMap((one) => this.#made.get(one) ?? [])
    if (kinds.length === 0) return
    this.#deps.onChange?.()
    this.#lookFor(kinds.flatMap((kind) => this.#workers.get(kind) ?? []))
  }

  nudge(): void {
    this.#deps.onChange?.()
    this.#lookFor(this.#workers.values())
  }

  async wake(dedupeKey: string): Promise<boolean> {
    const { database, clock } = this.#deps
    const [woken] = await database.write([rows.wakeWaiting(database.query, dedupeKey, clock.now())])
    if (woken?.changes === 1) this.nudge()
    return woken?.changes === 1
  }

  #lookFor(workers: Iterable<Worker>): void {
    if (this.#state !== 'started') return
    for (const worker of workers) this.#wanted.add(worker)
    if (!this.#looking) inBackground(this.#look(), this.#deps.logger, 'looking for jobs')
  }

  work(kind: JobKind, options: WorkOptions, handler: JobHandler): void {
    this.#workers.set(kind, { kind, options, handler, running: 0, next: Infinity })
  }

  start(): void {
    if (this.#state !== 'new') return
    this.#state = 'started'
    this.nudge()
  }

  find(jobId: string): Promise<ListedJob | undefined> {
    return rows.selectJob(this.#deps.database.query, jobId)
  }

  list(state: JobState, after: string | null, limit: number): Promise<readonly ListedJob[]> {
    return rows.selectJobs(this.#deps.database.query, state, after, limit)
  }

  async retry(jobId: string, along: readonly Compilable[] = []): Promise<boolean> {
    const { database, clock } = this.#deps
    const free = rows.freeParked(database.query, jobId, clock.now())
    const [freed] = await database.write([free, ...along])
    this.#deps.onChange?.()
    this.nudge()
    return freed?.changes === 1
  }

  async giveUp(jobId: string, along: readonly Compilable[] = []): Promise<boolean> {
    const { database } = this.#deps
    const [gone] = await database.write([rows.deleteIdle(database.query, jobId), ...along])
    this.#deps.onChange?.()
    return gone?.changes === 1
  }

  /** Takes no more jobs; those that run may end. */
  async drain(deadline: Milliseconds): Promise<void> {
    if (this.#state !== 'closed') this.#state = 'draining'
    clearTimeout(this.#timer)
    await waitUntil(() => this.#leases.size === 0 && !this.#looking, deadline, 10)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#state = 'closed'
    clearTimeout(this.#timer)
    for (const lease of this.#leases) lease.abort('the process is closing')
    await this.drain(this.#options.closeTimeout)
    // What does not listen is left to itself: its job is free again, and has done nothing wrong.
    await Promise.all([...this.#leases].map((lease) => this.#giveBack(lease)))
  }

  /** Claims what is due until nothing is, or all hands are busy; then sleeps until something is due. */
  async #look(): Promise<void> {
    this.#looking = true
    let next = Infinity
    try {
      await this.#takeBack()
      // One that is wanted again meanwhile comes again.
      for (const worker of this.#wanted) {
        this.#wanted.delete(worker)
        worker.next = await this.#fill(worker)
      }
      next = Math.min(...[...this.#workers.values()].map((worker) => worker.next))
      this.#failing = false
    } catch (error) {
      // One line when it begins to fail, not one a second.
      if (!this.#failing) this.#deps.logger.error({ err: error }, 'jobs cannot be looked for')
      this.#failing = true
    } finally {
      this.#looking = false
      this.#sleepUntil(next)
    }
  }

  #sleepUntil(due: number): void {
    if (this.#state !== 'started') return
    clearTimeout(this.#timer)
    const delay = Math.ceil(Math.min(this.#options.pollEvery, due - this.#deps.clock.now()))
    const look = (): void => this.#lookFor(this.#workers.values())
    this.#timer = setTimeout(look, Math.max(1, delay)).unref()
  }

  /** What runs of another process hold: all of it at the start, later what has expired. */
  async #takeBack(): Promise<void> {
    const { database, clock, logger } = this.#deps
    const { query } = database
    const now = clock.now()
    if (!this.#tookOver) {
      const [running, clockSetBack] = await database.write(rows.takeOver(query, now))
      this.#tookOver = true
      const jobs = running?.changes ?? 0
      if (jobs > 0) logger.warn({ jobs }, 'jobs that were cut off are run again')
      const late = clockSetBack?.changes ?? 0
      if (late > 0) logger.warn({ jobs: late }, 'the clock was set back: jobs were moved with it')
    }
    if (now - this.#lookedForExpiredAt < this.#options.pollEvery) return
    this.#lookedForExpiredAt = now
    // A stream of jobs of one kind puts the timer off each time.
    for (const worker of this.#workers.values()) this.#wanted.add(worker)
    const tokens = new Set([...this.#leases].map(({ row }) => row.lease_token))
    const expired = await rows.selectExpired(query, now, EXPIRED_AT_ONCE)
    const lost = expired.filter(({ lease_token: token }) => !tokens.has(token))
    if (lost.length === 0) return
    await database.write(
      lost.map((row) => rows.settleJob(query, row, { ...rows.FREE, run_at: now, updated_at: now })),
    )
  }

  /** When the first job of this kind is due that was not taken. */
  async #fill(worker: Worker): Promise<number> {
    const hands = worker.options.concurrency - worker.running
    if (hands <= 0 || this.#state !== 'started') return Infinity
    const { database, clock } = this.#deps
    const waiting = await rows.selectWaiting(database.query, worker.kind, hands)
    const now = clock.now()
    const due = waiting.filter((row) => row.run_at <= now)
    if (due.length > 0) await this.#claim(worker, due, now)
    return waiting.find((row) => row.run_at > now)?.run_at ?? Infinity
  }

  async #claim(worker: Worker, due: readonly JobRow[], now: EpochMs): Promise<void> {
    const { database } = this.#deps
    const taken = due.map((row) => rows.taken(row, worker.options, now))
    const results = await database.write(
      due.map((row, at) => rows.takeJob(database.query, row, taken[at] ?? row)),
    )
    for (const [at, row] of taken.entries()) {
      if (results[at]?.changes !== 1) continue
      if (row.state === 'parked') this.#gaveUp(row, 'the process ended with each of its runs')
      else this.#begin(worker, row)
    }
    this.#deps.onChange?.()
  }

  #begin(worker: Worker, row: JobRow): void {
    const lease = new JobLease(row, worker.options.lease, () => this.#expired(worker, lease))
    this.#leases.add(lease)
    worker.running += 1
    this.#deps.logger.debug(rows.named(row), 'a job begins')
    // It was taken while everything was about to stop.
    const run = this.#state === 'started' ? this.#run(worker, lease) : this.#giveBack(lease)
    const ended = run.finally(() => this.#ended(worker, lease))
    inBackground(ended, this.#deps.logger, 'a job', rows.named(row))
  }

  async #run(worker: Worker, lease: JobLease): Promise<void> {
    const { row, signal } = lease
    try {
      const job = {
        jobId: row.job_id,
        kind: worker.kind,
        data: rows.dataOf(row),
        attempt: row.attempts,
        askedAt: epochMs(row.created_at),
      }
      const extend = (): Promise<boolean> => this.#extend(worker, lease)
      const { tracing = NO_TRACING } = this.#deps
      const result = await tracedJob(tracing, job, () => worker.handler(job, { signal, extend }))
      if (lease.end()) await this.#finish(row, result)
    } catch (error) {
      // Cut off by our own end: the next start takes it again, and it has done nothing wrong.
      if (this.#state === 'closed') await this.#giveBack(lease)
      else if (lease.end()) await this.#failed(worker, row, error)
    }
  }

  /** Its hand is free, whatever became of the run. */
  #ended(worker: Worker, lease: JobLease): void {
    if (!this.#leases.delete(lease)) return
    worker.running -= 1
    this.#deps.onChange?.()
    this.#lookFor([worker])
  }

  async #extend(worker: Worker, lease: JobLease): Promise<boolean> {
    if (lease.isOver) return false
    const until = this.#deps.clock.now() + worker.options.lease
    const held = await this.#settle(lease.row, { lease_until: until })
    if (held) lease.extended()
    else if (lease.end()) {
      lease.abort('the lease of this job is lost')
      this.#ended(worker, lease)
    }
    return held && !lease.isOver
  }

  #expired(worker: Worker, lease: JobLease): void {
    if (!lease.end()) return
    lease.abort('the lease of this job has expired')
    const silent = new Error(`it gave no sign of life for ${worker.options.lease / 1000} s`)
    const failed = this.#failed(worker, lease.row, silent)
    inBackground(
      failed.finally(() => this.#ended(worker, lease)),
      this.#deps.logger,
      `giving up a run (${worker.kind})`,
    )
  }

  async #giveBack(lease: JobLease): Promise<void> {
    if (!lease.end()) return
    await this.#settle(lease.row, { ...rows.FREE, attempts: lease.row.attempts - 1 })
    this.#leases.delete(lease)
  }

  async #finish(row: JobRow, result: JobResult): Promise<void> {
    const { database, clock } = this.#deps
    switch (result.kind) {
      case 'done': {
        const [gone] = await database.write([rows.finishJob(database.query, row)])
        if (gone?.changes === 1) this.#told(row, 'done')
        return
      }
      case 'later': {
        const runAt = clock.now() + Math.max(0, result.delay)
        const free = { ...rows.FREE, run_at: runAt, attempts: row.attempts - 1 }
        if (await this.#settle(row, free)) this.#told(row, 'again')
        return
      }
      case 'park':
        await this.#park(row, result.why)
        return
      default:
        result satisfies never
    }
  }

  async #failed({ options }: Worker, row: JobRow, error: unknown): Promise<void> {
    const { logger, clock } = this.#deps
    const words = maskedText(messageOf(error))
    if (row.attempts >= options.maxAttempts) {
      await this.#park(row, words, error)
      return
    }
    logger.warn({ err: error, ...rows.named(row) }, 'a job failed and is tried again')
    const runAt = clock.now() + backOffAfter(row.attempts, this.#options.backOff, Math.random)
    const free = { ...rows.FREE, run_at: runAt, last_error: rows.errorText(words) }
    if (await this.#settle(row, free)) this.#told(row, 'again')
  }

  async #park(row: JobRow, why: string, error?: unknown): Promise<void> {
    const words = rows.errorText(maskedText(why))
    const parked = { ...rows.FREE, state: 'parked', last_error: words } as const
    if (await this.#settle(row, parked)) this.#gaveUp(row, words, error)
  }

  #gaveUp(row: JobRow, why: string, error?: unknown): void {
    this.#told(row, 'parked')
    const about = { ...rows.named(row), why, ...(error === undefined ? {} : { err: error }) }
    this.#deps.logger.error(about, 'a job is given up: an operator may retry it')
  }

  /** Only while the lease is ours (fencing). */
  async #settle(row: JobRow, set: Partial<JobRow>): Promise<boolean> {
    const { database, clock } = this.#deps
    const change = rows.settleJob(database.query, row, { ...set, updated_at: clock.now() })
    const [settled] = await database.write([change])
    return settled?.changes === 1
  }

  #told(row: JobRow, result: 'done' | 'again' | 'parked'): void {
    this.#deps.metrics.add('job_runs_total', 1, { kind: row.kind, result })
    this.#deps.logger.debug({ ...rows.named(row), result }, 'the run of a job is over')
    this.#deps.onChange?.()
  }
}
