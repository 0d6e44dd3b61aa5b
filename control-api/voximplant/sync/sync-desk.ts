// Where synchronisations are asked for, waited for and canceled. Each is a row and a job: whatever is restarted, it goes
// on where it was.
import { AppError } from '#core/errors'
import { createTurns } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { AuditLog } from '../../access/audit-log.ts'
import type { Database } from '../../db/database.ts'
import type { PacedAnnouncements } from '../../events/paced-announcements.ts'
import type { JobQueue, NewJob } from '../../jobs/job-queue.ts'
import type { ApplicationRow } from '../applications/application-store.ts'
import type { VoximplantClients } from '../vendor/clients.ts'
import type { Window } from './history-window.ts'
import type { SyncKind } from './sync.ts'
import { newSync, newSyncId, type SyncRow, type SyncStore } from './sync-store.ts'

export interface SyncDeskDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly store: SyncStore
  readonly jobs: Pick<JobQueue, 'enqueued' | 'nudge'>
  readonly audit: AuditLog
  readonly clock: Pick<Clock, 'now'>
  readonly clients: Pick<VoximplantClients, 'ofApplication'>
  readonly announcements: Pick<PacedAnnouncements, 'announce'>
  readonly logger: Logger
}

export interface AskedSync {
  readonly application: ApplicationRow
  readonly kind: SyncKind
  /** Null of what is pending. */
  readonly range: Window | null
  /** Whose key. */
  readonly keyId: string
}

/** While a job with it is there, the synchronisation is not over. */
const dedupeKey = (syncId: string): string => `voximplant.sync ${syncId}`

const syncJob = (syncId: string): NewJob => ({
  kind: 'voximplant.sync',
  data: { sync_id: syncId },
  dedupeKey: dedupeKey(syncId),
})

export class SyncDesk {
  readonly #deps: SyncDeskDeps
  readonly #stops = new Map<string, AbortController>()
  readonly #waiting = new Map<string, Set<() => void>>()
  /** Asked for one after the other: which runs is looked at before it is written. */
  readonly #turns = createTurns()

  constructor(deps: SyncDeskDeps) {
    this.#deps = deps
  }

  /**
   * Begins it, or joins the one that runs over the same range.
   * @throws AppError `STATE_CONFLICT` when another runs, or the application is not linked or its account not active
   */
  start(asked: AskedSync): Promise<SyncRow> {
    return this.#turns.take(() => this.#start(asked))
  }

  /** Resolves with the row when it is over, or after so long. */
  async wait(syncId: string, mostMs: number): Promise<SyncRow> {
    const row = await this.find(syncId)
    if (row.state !== 'running') return row
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const listeners = this.#waiting.get(syncId) ?? new Set()
    const done = (): void => resolve(undefined)
    listeners.add(done)
    this.#waiting.set(syncId, listeners)
    const timer = setTimeout(done, mostMs).unref()
    // It may have ended before anybody listened.
    if ((await this.find(syncId)).state !== 'running') done()
    await promise
    clearTimeout(timer)
    listeners.delete(done)
    if (listeners.size === 0) this.#waiting.delete(syncId)
    return this.find(syncId)
  }

  /** @throws AppError `NOT_FOUND` */
  async find(syncId: string): Promise<SyncRow> {
    const row = await this.#deps.store.find(syncId)
    if (row === undefined) throw noSync()
    return row
  }

  /** What was read stays. @throws AppError `STATE_CONFLICT` when it is over */
  async cancel(row: SyncRow, keyId: string): Promise<SyncRow> {
    const { database, store, clock, audit } = this.#deps
    const now = clock.now()
    const canceled = { state: 'canceled' as const, finished_at: now }
    if (row.state !== 'running') throw isOver(row)
    const [changed] = await database.write([
      store.changed(row.sync_id, canceled, now),
      audit.noted({ keyId }, 'voximplant.sync_canceled', row.sync_id, {
        application_id: row.application_id,
      }),
    ])
    if (changed?.changes !== 1) throw isOver(await this.find(row.sync_id))
    this.#stops.get(row.sync_id)?.abort(new AppError('STATE_CONFLICT', 'It was canceled.'))
    this.told(row, true)
    return this.find(row.sync_id)
  }

  /** A run of it begins: aborted when it is canceled. */
  begun(syncId: string): AbortSignal {
    const stop = new AbortController()
    this.#stops.set(syncId, stop)
    return stop.signal
  }

  /** It has come further, or to its end. */
  told({ sync_id: syncId, application_id }: SyncRow, isEnd = false): void {
    this.#deps.announcements.announce('voximplant.sync_changed', {
      sync_id: syncId,
      application_id,
    })
    if (!isEnd) return
    for (const done of this.#waiting.get(syncId) ?? []) done()
  }

  ended(syncId: string): void {
    this.#stops.delete(syncId)
  }

  /** Rows that run have their job; those whose job was given up while nobody was there to tell have failed. */
  async takeOver(): Promise<void> {
    const { database, store, jobs, clock, logger } = this.#deps
    for (const row of await store.allRunning()) {
      const job = await database.query
        .selectFrom('jobs')
        .select(['state', 'last_error'])
        .where('dedupe_key', '=', dedupeKey(row.sync_id))
        .executeTakeFirst()
      const now = clock.now()
      if (job?.state === 'parked') {
        const failed = { state: 'failed' as const, error: job.last_error, finished_at: now }
        await database.write([store.changed(row.sync_id, failed, now)])
      } else if (job === undefined && row.origin === 'sweep') {
        await database.write([store.removed(row.sync_id)])
      } else if (job === undefined) {
        logger.warn({ sync_id: row.sync_id }, 'a synchronisation had lost its job')
        await database.write([jobs.enqueued(syncJob(row.sync_id))])
      }
    }
  }

  async #start({ application, kind, range, keyId }: AskedSync): Promise<SyncRow> {
    const { database, store, jobs, audit, clock, clients } = this.#deps
    const { application_id: applicationId } = application
    const running = await store.running(applicationId, kind)
    if (running !== undefined) {
      const isSame = running.from_at === (range?.from ?? null) && running.to_at === toOf(range)
      if (!isSame) throw otherRuns(running)
      return running
    }
    if (application.vendor_application_id === null)
      throw new AppError(
        'STATE_CONFLICT',
        'This application is not linked with one of Voximplant: there is no history to read.',
      )
    await clients.ofApplication(application)
    const row = newSync({
      sync_id: newSyncId(),
      application_id: applicationId,
      kind,
      origin: 'asked',
      from_at: range?.from ?? null,
      to_at: toOf(range),
      created_by: keyId,
      created_at: clock.now(),
    })
    await database.write([
      store.added(row),
      jobs.enqueued(syncJob(row.sync_id)),
      audit.noted({ keyId }, 'voximplant.sync_started', applicationId, {
        sync_id: row.sync_id,
        kind,
      }),
    ])
    jobs.nudge()
    this.told(row)
    return row
  }
}

const toOf = (range: Window | null): number | null => range?.before ?? null

export const noSync = (): AppError =>
  new AppError('NOT_FOUND', 'There is no synchronisation with this id.')

const isOver = ({ state }: SyncRow): AppError =>
  new AppError('STATE_CONFLICT', `This synchronisation is over: ${state}.`)

function otherRuns({ sync_id: id, from_at: from, to_at: to }: SyncRow): AppError {
  const written = (at: number | null): string =>
    at === null ? '' : new Date(at).toISOString().slice(0, 19)
  return new AppError(
    'STATE_CONFLICT',
    `Another range is being synchronised: ${id}, ${written(from)} to ${written(to)}. Wait for it, or cancel it.`,
  )
}
