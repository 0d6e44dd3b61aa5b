// Erases a number, as a job: our records first, then the files of the database, then the copies of the agent's vendor.
// It may be cut off at any point: each step finds what is left by itself.
import { ms, type MediaStore, type Milliseconds } from '#core/contracts'
import type { Logger, Metrics } from '#core/telemetry'
import { backOffAfter, type Clock } from '#core/time'
import type { Compilable } from 'kysely'
import type { Database } from '../db/database.ts'
import type { ErasuresTable } from '../db/schema.ts'
import type { JobQueue, JobResult, JobRun } from '../jobs/job-queue.ts'
import { cleanFiles } from './database-files.ts'
import { addCounts, decodeReceipt, type Receipt } from './erasure-receipt.ts'
import { erasureJob } from './erasures.ts'
import { eraseMentions } from './mentions.ts'
import { callsOfNumber, eraseCalls, type NumberCall } from './number-calls.ts'
import { paced } from './paced.ts'
import type { TelephonyCopies } from './telephony-copies.ts'
import type { VendorCopies, VendorErasure } from './vendor-copies.ts'

export interface ErasureJobDeps {
  readonly database: Database
  readonly mediaStore: MediaStore
  readonly jobs: JobQueue
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly vendor: VendorCopies
  readonly telephonyCopies: TelephonyCopies
}

export interface ErasureJobOptions {
  /** A call may write its last words this long after its end. */
  readonly settle: Milliseconds
  /** How long until a live call is looked at again. */
  readonly waitForCalls: Milliseconds
  /** Between rounds over what the vendor did not erase. */
  readonly vendorBackOff: { readonly firstMs: number; readonly maxMs: number }
  readonly vendorRounds: number
}

export const ERASURE_JOB: ErasureJobOptions = {
  settle: ms(120_000),
  waitForCalls: ms(30_000),
  vendorBackOff: { firstMs: 30_000, maxMs: 3600_000 },
  // Some five hours.
  vendorRounds: 10,
}

const LEASE = ms(120_000)
const MAX_ATTEMPTS = 50
/** Another process reads the database file, a backup most likely. */
const FILES_BUSY = ms(10_000)
/** Vendor copies between two notes of the receipt. */
const NOTE_EVERY = 20

/** Registers the job, and sees to it that what was asked for and lost its job has one. */
export async function openErasureJob(
  deps: ErasureJobDeps,
  options: ErasureJobOptions = ERASURE_JOB,
): Promise<void> {
  const { database, jobs } = deps
  jobs.work(
    'erasure.run',
    { concurrency: 1, lease: LEASE, maxAttempts: MAX_ATTEMPTS },
    async (job, run) => {
      const row = await database.query
        .selectFrom('erasures')
        .selectAll()
        .where('erasure_id', '=', String(job.data['erasure_id']))
        .executeTakeFirst()
      if (!row || row.finished_at !== null) return { kind: 'done' }
      return new ErasureRun(deps, options, row, run).run()
    },
  )
  await resumeErasures(deps)
}

interface Round<T> {
  readonly erased: number
  readonly unknown: number
  readonly left: readonly T[]
}

class ErasureRun {
  readonly #deps: ErasureJobDeps
  readonly #options: ErasureJobOptions
  readonly #row: ErasuresTable
  readonly #run: JobRun
  #receipt: Receipt

  constructor(deps: ErasureJobDeps, options: ErasureJobOptions, row: ErasuresTable, run: JobRun) {
    this.#deps = deps
    this.#options = options
    this.#row = row
    this.#run = run
    this.#receipt = decodeReceipt(row)
  }

  async run(): Promise<JobResult> {
    const { number } = this.#row
    if (number !== null) {
      const waiting = await this.#eraseRecords(number)
      if (waiting > 0) return { kind: 'later', delay: this.#options.waitForCalls }
    }
    if (!this.#receipt.filesCleaned) {
      const { kind } = await cleanFiles(this.#deps.database, this.#run.signal)
      if (kind === 'left') return { kind: 'later', delay: FILES_BUSY }
      await this.#note({ filesCleaned: kind === 'cleaned' })
    }
    return this.#eraseAtVendors()
  }

  /** @returns how many calls are not over yet */
  async #eraseRecords(number: string): Promise<number> {
    const { database } = this.#deps
    let waitingFor = 0
    for (let after = 0; ;) {
      const calls = await callsOfNumber(database, number, after)
      const last = calls.at(-1)
      if (!last) break
      const over = calls.filter((call) => this.#isOver(call))
      waitingFor += calls.length - over.length
      if (over.length > 0) await paced(() => this.#eraseBatch(over), this.#run.signal)
      await this.#run.extend()
      after = last.position
    }
    const isOver = waitingFor === 0
    const mentions = isOver ? await eraseMentions(database, number, this.#run) : 0
    const counts = addCounts(this.#receipt.counts, { mentions })
    // Whom to look for is forgotten last.
    await this.#note({ counts, waitingFor }, isOver)
    return waitingFor
  }

  async #eraseBatch(calls: readonly NumberCall[]): Promise<void> {
    const { clock } = this.#deps
    const erased = await eraseCalls(this.#deps, calls, clock.now())
    const { vendorLeft, telephonyLeft } = this.#receipt
    const why = 'not asked yet'
    const asked = new Set(vendorLeft.map(({ conversationId }) => conversationId))
    const known = new Set(telephonyLeft.map(({ callId }) => callId))
    const conversations = erased.conversations.filter((id) => !asked.has(id))
    const telephony = erased.telephony.filter(({ callId }) => !known.has(callId))
    const receipt = {
      counts: addCounts(this.#receipt.counts, erased.counts),
      vendorLeft: [
        ...vendorLeft,
        ...conversations.map((conversationId) => ({ conversationId, why })),
      ],
      telephonyLeft: [...telephonyLeft, ...telephony.map((copy) => ({ ...copy, why }))],
    }
    await this.#note(receipt, false, erased.writes)
  }

  #isOver({ ended_at: endedAt }: NumberCall): boolean {
    return endedAt !== null && endedAt < this.#deps.clock.now() - this.#options.settle
  }

  async #eraseAtVendors(): Promise<JobResult> {
    const { vendor, telephonyCopies, clock, metrics, logger } = this.#deps
    const { signal } = this.#run
    const { vendorErased, vendorUnknown, telephonyErased, telephonyUnknown } = this.#receipt
    await this.#askAll(
      this.#receipt.vendorLeft,
      ({ conversationId }) => vendor.erase(conversationId, signal),
      ({ erased, unknown, left }) => ({
        vendorErased: vendorErased + erased,
        vendorUnknown: vendorUnknown + unknown,
        vendorLeft: left,
      }),
    )
    await this.#askAll(
      this.#receipt.telephonyLeft,
      (copy) => telephonyCopies.erase(copy, signal),
      ({ erased, unknown, left }) => ({
        telephonyErased: telephonyErased + erased,
        telephonyUnknown: telephonyUnknown + unknown,
        telephonyLeft: left,
      }),
    )
    const vendorRounds = this.#receipt.vendorRounds + 1
    await this.#note({ vendorRounds })
    const left = [...this.#receipt.vendorLeft, ...this.#receipt.telephonyLeft]
    if (left.length > 0 && vendorRounds < this.#options.vendorRounds) {
      const delay = backOffAfter(vendorRounds, this.#options.vendorBackOff, Math.random)
      return { kind: 'later', delay }
    }
    const result = left.length === 0 ? 'done' : 'incomplete'
    // Where a recording is leads to the voice on it: whoever looks for it has the session.
    const telephonyLeft = this.#receipt.telephonyLeft.map((one) => ({ ...one, recordingUrl: null }))
    await this.#note({ telephonyLeft })
    await this.#finish(result, clock.now())
    metrics.add('erasures_total', 1, { result })
    const line = {
      erasureId: this.#row.erasure_id,
      counts: this.#receipt.counts,
      left: left.length,
    }
    logger[result === 'done' ? 'info' : 'warn'](line, 'a number was erased')
    return { kind: 'done' }
  }

  /** What is left is in the receipt after each few, and at the end. */
  async #askAll<T extends { readonly why: string }>(
    asked: readonly T[],
    ask: (one: T) => Promise<VendorErasure>,
    noted: (round: Round<T>) => Partial<Receipt>,
  ): Promise<void> {
    const round = { erased: 0, unknown: 0, left: [] as T[] }
    for (const [at, one] of asked.entries()) {
      const erasure = await ask(one)
      if (erasure.kind === 'failed') round.left.push({ ...one, why: erasure.why })
      else round[erasure.kind] += 1
      await this.#run.extend()
      this.#run.signal.throwIfAborted()
      if (at % NOTE_EVERY === NOTE_EVERY - 1)
        await this.#note(noted({ ...round, left: [...round.left, ...asked.slice(at + 1)] }))
    }
    if (asked.length > 0) await this.#note(noted(round))
  }

  #note(
    change: Partial<Receipt>,
    forgetNumber = false,
    along: readonly Compilable[] = [],
  ): Promise<unknown> {
    this.#receipt = { ...this.#receipt, ...change }
    return this.#update(
      {
        state: 'running',
        receipt: JSON.stringify(this.#receipt),
        ...(forgetNumber ? { number: null } : {}),
      },
      along,
    )
  }

  #finish(state: 'done' | 'incomplete', now: number): Promise<unknown> {
    return this.#update({ state, finished_at: now })
  }

  #update(set: Partial<ErasuresTable>, along: readonly Compilable[] = []): Promise<unknown> {
    const { database } = this.#deps
    const update = database.query.updateTable('erasures').set(set)
    return database.write([...along, update.where('erasure_id', '=', this.#row.erasure_id)])
  }
}

/** An erasure without its job is as good as none: asked for again by every start. */
async function resumeErasures({ database, jobs }: ErasureJobDeps): Promise<void> {
  const rows = await database.query
    .selectFrom('erasures')
    .select('erasure_id')
    .where('finished_at', 'is', null)
    .execute()
  const again = rows.map(({ erasure_id: id }) => jobs.enqueued(erasureJob(id)))
  if (again.length > 0) await database.write(again)
}
