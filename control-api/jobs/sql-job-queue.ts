// JobQueue on leases in the database: a run holds its job until a time, and extends it; what a dead run held is taken
// again when its lease is over.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { epochMs, ms, type Milliseconds } from '#core/contracts'
import { messageOf } from '#core/errors'
import { waitUntil } from '#core/lifecycle'
import { inBackground, type Logger, type Metrics } from '#core/telemetry'
import { backOffAfter, type Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import type { JobsTable } from '../db/schema.ts'
import type {
  Job,
  JobHandler,
  JobKind,
  JobQueue,
  JobResult,
  NewJob,
  ParkedJob,
  WorkOptions,
} from './job-queue.ts'

export interface SqlJobQueueDeps {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

export interface SqlJobQueueOptions {
  /** How often it looks for jobs that nobody nudged it about. */
  readonly pollEvery?: Milliseconds
}

interface Worker {
  readonly kind: JobKind
  readonly options: WorkOptions
  readonly handler: JobHandler
  running: number
}

const POLL_EVERY = ms(1000)
const BACK_OFF = { firstMs: 2000, maxMs: 15 * 60_000 }
const CLOSE_TIMEOUT = ms(2000)
const MAX_ERROR_CHARS = 500

export class SqlJobQueue implements JobQueue {
  readonly #deps: SqlJobQueueDeps
  readonly #pollEvery: Milliseconds
  readonly #workers = new Map<JobKind, Worker>()
  readonly #runs = new Set<AbortController>()
  #timer: NodeJS.Timeout | undefined
  #looking = false
  #lookAgain = false
  #stopped = true
  #closing: Promise<void> | undefined

  constructor(deps: SqlJobQueueDeps, options: SqlJobQueueOptions = {}) {
    this.#deps = deps
    this.#pollEvery = options.pollEvery ?? POLL_EVERY
    deps.metrics.onScrape(() => this.#count())
  }

  enqueued(job: NewJob) {
    const { database, clock } = this.#deps
    const now = clock.now()
    return database.query
      .insertInto('jobs')
      .values({
        job_id: `job_${randomUUID().replaceAll('-', '')}`,
        kind: job.kind,
        data: JSON.stringify(job.data),
        dedupe_key: job.dedupeKey ?? null,
        state: 'waiting',
        run_at: job.runAt ?? now,
        attempts: 0,
        lease_token: null,
        lease_until: null,
        last_error: null,
        created_at: now,
        updated_at: now,
      })
      .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
  }

  async enqueue(job: NewJob): Promise<void> {
    await this.#deps.database.write([this.enqueued(job)])
    this.nudge()
  }

  nudge(): void {
    if (this.#stopped) return
    if (this.#looking) this.#lookAgain = true
    else inBackground(this.#look(), this.#deps.logger, 'looking for jobs')
  }

  work(kind: JobKind, options: WorkOptions, handler: JobHandler): void {
    this.#workers.set(kind, { kind, options, handler, running: 0 })
  }

  start(): void {
    this.#stopped = false
    this.#timer = setInterval(() => this.nudge(), this.#pollEvery).unref()
    this.nudge()
  }

  async parked(limit: number): Promise<readonly ParkedJob[]> {
    const rows = await this.#deps.database.query
      .selectFrom('jobs')
      .select(['job_id', 'kind', 'attempts', 'last_error', 'updated_at'])
      .where('state', '=', 'parked')
      .orderBy('updated_at', 'desc')
      .limit(limit)
      .execute()
    return rows.map((row) => ({
      jobId: row.job_id,
      kind: row.kind as JobKind,
      attempts: row.attempts,
      lastError: row.last_error,
      parkedAt: epochMs(row.updated_at),
    }))
  }

  async retry(jobId: string): Promise<boolean> {
    const { database, clock } = this.#deps
    const now = clock.now()
    const [result] = await database.write([
      database.query
        .updateTable('jobs')
        .set({ state: 'waiting', run_at: now, attempts: 0, updated_at: now })
        .where('job_id', '=', jobId)
        .where('state', '=', 'parked'),
    ])
    this.nudge()
    return result?.changes === 1
  }

  /** Takes no more jobs; those that run may end. */
  async drain(deadline: Milliseconds): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await waitUntil(() => this.#runs.size === 0, deadline, 10)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    for (const run of this.#runs) run.abort(new Error('the process is closing'))
    await this.drain(CLOSE_TIMEOUT)
  }

  /** Claims what is due until nothing is, or all hands are busy. */
  async #look(): Promise<void> {
    this.#looking = true
    try {
      do {
        this.#lookAgain = false
        for (const worker of this.#workers.values()) await this.#fill(worker)
      } while (this.#isAsked())
    } finally {
      this.#looking = false
    }
  }

  /** Nudged meanwhile. */
  #isAsked(): boolean {
    return this.#lookAgain && !this.#stopped
  }

  async #fill(worker: Worker): Promise<void> {
    while (!this.#stopped && worker.running < worker.options.concurrency) {
      const claimed = await this.#claim(worker)
      if (!claimed) return
      worker.running += 1
      inBackground(this.#run(worker, claimed), this.#deps.logger, `a job (${worker.kind})`)
    }
  }

  /** The oldest that is due, or whose run is dead. */
  async #claim({ kind, options }: Worker): Promise<JobsTable | undefined> {
    const { database, clock } = this.#deps
    const { query } = database
    const now = clock.now()
    const due = query
      .selectFrom('jobs')
      .select('job_id')
      .where('kind', '=', kind)
      .where((where) =>
        where.or([
          where.and([where('state', '=', 'waiting'), where('run_at', '<=', now)]),
          where.and([where('state', '=', 'running'), where('lease_until', '<', now)]),
        ]),
      )
      .orderBy('run_at')
      .limit(1)
    const [claimed] = await database.write([
      query
        .updateTable('jobs')
        .set({
          state: 'running',
          attempts: sql`attempts + 1`,
          lease_token: randomUUID(),
          lease_until: now + options.lease,
          updated_at: now,
        })
        .where('job_id', '=', due)
        .returningAll(),
    ])
    return claimed?.rows[0] as unknown as JobsTable | undefined
  }

  async #run(worker: Worker, row: JobsTable): Promise<void> {
    const stop = new AbortController()
    this.#runs.add(stop)
    const { handler, options } = worker
    const job: Job = {
      jobId: row.job_id,
      kind: worker.kind,
      data: JSON.parse(row.data) as Job['data'],
      attempt: row.attempts,
    }
    const extend = async (): Promise<boolean> => {
      const held = await this.#settle(row, { lease_until: this.#deps.clock.now() + options.lease })
      if (!held) stop.abort(new Error('the lease of this job is lost'))
      return held
    }
    try {
      const result = await handler(job, { signal: stop.signal, extend })
      await this.#finish(row, result)
    } catch (error) {
      // Cut off by our own end: the next start takes it again, and it has done nothing wrong.
      if (this.#closing) await this.#settle(row, { ...FREE, attempts: row.attempts - 1 })
      else await this.#failed(worker, row, error)
    } finally {
      this.#runs.delete(stop)
      worker.running -= 1
      this.nudge()
    }
  }

  async #finish(row: JobsTable, result: JobResult): Promise<void> {
    const now = this.#deps.clock.now()
    switch (result.kind) {
      case 'done': {
        const { query } = this.#deps.database
        await this.#deps.database.write([
          query
            .deleteFrom('jobs')
            .where('job_id', '=', row.job_id)
            .where('lease_token', '=', row.lease_token),
        ])
        break
      }
      case 'later':
        await this.#settle(row, {
          ...FREE,
          run_at: now + result.delay,
          attempts: row.attempts - 1,
        })
        break
      case 'park':
        await this.#park(row, result.why)
        break
      default:
        result satisfies never
    }
    this.#told(row, result.kind === 'later' ? 'again' : result.kind === 'park' ? 'parked' : 'done')
  }

  async #failed({ options }: Worker, row: JobsTable, error: unknown): Promise<void> {
    const { logger, clock } = this.#deps
    const words = messageOf(error).slice(0, MAX_ERROR_CHARS)
    const isLast = row.attempts >= options.maxAttempts
    logger[isLast ? 'error' : 'warn'](
      { err: error, jobId: row.job_id, kind: row.kind, attempts: row.attempts },
      isLast ? 'a job is given up: an operator may retry it' : 'a job failed and is tried again',
    )
    this.#told(row, isLast ? 'parked' : 'again')
    if (isLast) {
      await this.#park(row, words)
      return
    }
    const runAt = clock.now() + backOffAfter(row.attempts, BACK_OFF, Math.random)
    await this.#settle(row, { ...FREE, run_at: runAt, last_error: words })
  }

  #park(row: JobsTable, why: string): Promise<boolean> {
    const words = why.slice(0, MAX_ERROR_CHARS)
    return this.#settle(row, { ...FREE, state: 'parked', last_error: words })
  }

  /** Only while the lease is ours (fencing). */
  async #settle(row: JobsTable, set: Partial<JobsTable>): Promise<boolean> {
    const { database, clock } = this.#deps
    const [result] = await database.write([
      database.query
        .updateTable('jobs')
        .set({ ...set, updated_at: clock.now() })
        .where('job_id', '=', row.job_id)
        .where('lease_token', '=', row.lease_token),
    ])
    return result?.changes === 1
  }

  #told({ kind }: JobsTable, result: 'done' | 'again' | 'parked'): void {
    this.#deps.metrics.add('job_runs_total', 1, { kind, result })
  }

  async #count(): Promise<void> {
    const rows = await this.#deps.database.query
      .selectFrom('jobs')
      .select(['kind', (select) => select.fn.countAll<number>().as('count')])
      .where('state', '!=', 'parked')
      .groupBy('kind')
      .execute()
    const counts = new Map(rows.map(({ kind, count }) => [kind, count]))
    for (const kind of this.#workers.keys())
      this.#deps.metrics.set('jobs_waiting', counts.get(kind) ?? 0, { kind })
  }
}

/** Nobody's. */
const FREE = { state: 'waiting', lease_token: null, lease_until: null } as const
