// What every part of a retention sweep works with: small steps, a count of what they deleted, and files that may resist.
import type { MediaStore } from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import type { Logger, Metrics } from '#core/telemetry'
import type { Database } from '../db/database.ts'
import { paced } from './paced.ts'
import type { RetentionDays } from './retention.ts'

export interface SweepDeps {
  readonly database: Database
  readonly mediaStore: MediaStore
  readonly logger: Logger
  readonly metrics: Metrics
}

export interface SweepOptions {
  readonly days: RetentionDays
  readonly now: number
  readonly signal: AbortSignal
  /** Asked between steps: the lease of a job. */
  readonly extend: () => Promise<boolean>
}

export const DELETED_KINDS = [
  'recordings',
  'vendor_recordings',
  'transcripts',
  'vendor_transcripts',
  'events',
  'feed',
  'deliveries',
  'requests',
  'media',
  'animations',
  'numbers',
] as const
export type DeletedKind = (typeof DELETED_KINDS)[number]
export type Deleted = Readonly<Record<DeletedKind, number>>

const NOTHING = Object.fromEntries(DELETED_KINDS.map((kind) => [kind, 0])) as Deleted
const DAY_MS = 24 * 3600_000

export class Sweep {
  readonly database: Database
  readonly now: number
  readonly #deps: SweepDeps
  readonly #options: SweepOptions
  readonly #deleted: Record<DeletedKind, number> = { ...NOTHING }
  #failure: AppError | undefined

  constructor(deps: SweepDeps, options: SweepOptions) {
    this.database = deps.database
    this.now = options.now
    this.#deps = deps
    this.#options = options
  }

  get deleted(): Deleted {
    return this.#deleted
  }

  /** What was over by then has had so many days. */
  before(days: number): number {
    return this.now - days * DAY_MS
  }

  /** Where what was written by then ends in the order of everything (`calls.position`, `feed.position`). */
  static positionAt(before: number): number {
    return Math.floor(before * 1000)
  }

  /** One step: some milliseconds of the database, and as long a pause. */
  async step(act: () => Promise<unknown>): Promise<void> {
    const { signal, extend } = this.#options
    await paced(act, signal)
    await extend()
    signal.throwIfAborted()
  }

  /** False when the store does not do it now: whose file it is keeps its key. */
  async deleteFile(key: string): Promise<boolean> {
    try {
      await this.#deps.mediaStore.delete(key)
      return true
    } catch (error) {
      if (codeOf(error) !== 'STORAGE_UNAVAILABLE') throw error
      const message = 'A file whose time is over could not be deleted.'
      this.#failure = new AppError('STORAGE_UNAVAILABLE', message, { cause: error })
      return false
    }
  }

  count(kind: DeletedKind, count: number): void {
    this.#deleted[kind] += count
    if (count > 0) this.#deps.metrics.add('retention_deleted_total', count, { kind })
  }

  /** @throws AppError `STORAGE_UNAVAILABLE` when a file could not be deleted: all else was */
  end(): void {
    if (this.#failure) throw this.#failure
  }
}
