// Sessions of the history into the database, whatever of them is there already: some hundred at a time, each time in one
// transaction with the counters of the synchronisation, so that the writes of live calls never wait for long.
import type { Compilable } from 'kysely'
import type { CallId } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { HistorySession } from '../vendor/vendor-answer.ts'
import { spreadPositions, takenPositions } from './free-positions.ts'
import { changeOf, type KnownCallChange } from './known-call-change.ts'
import { findKnown, type KnownCall } from './known-calls.ts'
import { createSessionStatements, type SessionStatements } from './session-statements.ts'
import { rowsOfSession, type SessionContext, type SessionRows } from './session-rows.ts'

export interface HistoryWriterDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly jobs: Pick<JobQueue, 'enqueued' | 'nudge'>
  readonly clock: Pick<Clock, 'now'>
  readonly metrics: Pick<Metrics, 'add'>
  readonly live: LiveCallsOfHistory
}

/** Calls that go on here, told of their end by the history. */
export interface LiveCallsOfHistory {
  /** Ends it as the history says. Anything but `settled`: it is not to be touched yet, and seen again by the next sweep. */
  settle(callId: CallId, session: HistorySession): Promise<'settled' | 'over' | 'other'>
}

export interface HistoryContext extends Omit<SessionContext, 'now'> {
  /** Audio is fetched without being asked for. */
  readonly isAudioWanted: boolean
  /** Only of whom has agreed; the history tells of that by a recording there alone. */
  readonly isConsentNeeded: boolean
  /** Which call of ours a session is, by its token; undefined when that is not to be believed. */
  readonly callIdOf: (session: HistorySession) => CallId | undefined
}

export interface Written {
  readonly newCalls: number
  readonly updatedCalls: number
}

/** Written in the same transaction as what it counts. */
export type AlongWith = (written: Written) => readonly Compilable[]

export interface HistoryWriter {
  /** @throws what `Database.write` throws */
  write(
    sessions: readonly HistorySession[],
    context: HistoryContext,
    along: AlongWith,
  ): Promise<Written>
}

/** Sessions a transaction: some tens of milliseconds of the database. */
const AT_ONCE = 250
/** Another writer may have taken a position, or told of a session, since it was looked. */
const MOST_TRIES = 3

interface Sorted {
  readonly fresh: readonly SessionRows[]
  readonly changes: readonly KnownCallChange[]
  /** What is known of sessions whose calls were never recorded: written anew. */
  readonly halves: readonly string[]
  readonly unchanged: number
}

interface Writing {
  readonly sessions: readonly HistorySession[]
  readonly context: HistoryContext
  readonly along: AlongWith
  readonly attempt: number
}

/** What is to be written of some sessions. */
interface Prepared extends Omit<Sorted, 'fresh'> {
  readonly writing: Writing
  readonly placed: readonly SessionRows[]
}

export function createHistoryWriter(deps: HistoryWriterDeps): HistoryWriter {
  return new PageWriter(deps, createSessionStatements(deps.database.query, deps.jobs))
}

class PageWriter implements HistoryWriter {
  readonly #deps: HistoryWriterDeps
  readonly #statements: SessionStatements

  constructor(deps: HistoryWriterDeps, statements: SessionStatements) {
    this.#deps = deps
    this.#statements = statements
  }

  async write(
    sessions: readonly HistorySession[],
    context: HistoryContext,
    along: AlongWith,
  ): Promise<Written> {
    const once = [...new Map(sessions.map((one) => [one.sessionId, one])).values()]
    const known = await this.#find(once, context)
    const parts = chunksOf(once).map((some) => ({ sessions: some, context, along, attempt: 1 }))
    let [newCalls, updatedCalls] = [0, 0]
    let next = this.#prepareNext(parts, known)
    // One after the other: given at once they would share a commit, and whatever comes behind them would wait for all.
    while (next !== undefined) {
      const writing = this.#writeSome(await next)
      next = this.#prepareNext(parts, known)
      const written = await writing
      newCalls += written.newCalls
      updatedCalls += written.updatedCalls
    }
    this.#deps.jobs.nudge()
    return { newCalls, updatedCalls }
  }

  /** While those before it are written. Takes it from `parts`. */
  #prepareNext(
    parts: Writing[],
    known: ReadonlyMap<string, KnownCall>,
  ): Promise<Prepared> | undefined {
    const writing = parts.shift()
    if (writing === undefined) return undefined
    const prepared = this.#prepare(writing, known)
    // Told where it is awaited; behind a part that failed nobody asks any more: all of the page is read again.
    prepared.catch(() => undefined)
    return prepared
  }

  #find(sessions: readonly HistorySession[], context: HistoryContext) {
    return findKnown(this.#deps.database.query, sessions, context)
  }

  async #prepare(writing: Writing, known: ReadonlyMap<string, KnownCall>): Promise<Prepared> {
    const { sessions, context, attempt } = writing
    const { fresh, ...sorted } = await this.#sort(sessions, known, context)
    return { writing, ...sorted, placed: await this.#place(fresh, attempt > 1) }
  }

  async #writeSome({ writing, placed, changes, halves, unchanged }: Prepared): Promise<Written> {
    const { sessions, context, along, attempt } = writing
    const written = { newCalls: placed.length, updatedCalls: changes.length }
    try {
      await this.#deps.database.write([
        ...this.#statements.forgotten(halves),
        ...this.#statements.inserted(placed, context),
        ...this.#statements.changed(changes, context, this.#deps.clock.now()),
        ...along(written),
      ])
    } catch (error) {
      const isAway = error instanceof AppError && error.code === 'DATABASE_UNAVAILABLE'
      if (isAway || attempt >= MOST_TRIES) throw error
      const now = await this.#find(sessions, context)
      return this.#writeSome(await this.#prepare({ ...writing, attempt: attempt + 1 }, now))
    }
    this.#count({ new: placed.length, updated: changes.length, unchanged })
    return written
  }

  async #sort(
    sessions: readonly HistorySession[],
    known: ReadonlyMap<string, KnownCall>,
    context: HistoryContext,
  ): Promise<Sorted> {
    const now = this.#deps.clock.now()
    const fresh: SessionRows[] = []
    const changes: KnownCallChange[] = []
    const halves: string[] = []
    for (const session of sessions) {
      const row = known.get(session.sessionId)
      if (row?.recorded === null && row.vendor_ended_at !== null) halves.push(row.call_id)
      if (row === undefined || halves.at(-1) === row.call_id)
        fresh.push(rowsOfSession(session, { ...context, now }))
      else if (await this.#isOver(row, session)) {
        const change = changeOf(row, session, context)
        if (change !== undefined) changes.push(change)
      }
    }
    return { fresh, changes, halves, unchanged: sessions.length - fresh.length - changes.length }
  }

  /** What goes on here has ended there. */
  async #isOver(row: KnownCall, session: HistorySession): Promise<boolean> {
    // Its record is being opened this moment.
    if (row.recorded === null) return false
    if (row.ended_at !== null || row.erased_at !== null) return true
    return (await this.#deps.live.settle(row.call_id as CallId, session)) === 'settled'
  }

  async #place(fresh: readonly SessionRows[], isLooked: boolean): Promise<readonly SessionRows[]> {
    const { query } = this.#deps.database
    const calls = fresh.map(({ call }) => call)
    const taken = isLooked ? await takenPositions(query, calls) : new Set<number>()
    const placed = spreadPositions(calls, (position) => taken.has(position))
    return fresh.map((rows, at) => ({ ...rows, call: placed[at] ?? rows.call }))
  }

  #count(results: Readonly<Record<'new' | 'updated' | 'unchanged', number>>): void {
    for (const result of ['new', 'updated', 'unchanged'] as const) {
      const calls = results[result]
      if (calls > 0) this.#deps.metrics.add('voximplant_synced_calls_total', calls, { result })
    }
  }
}

function chunksOf(sessions: readonly HistorySession[]): (readonly HistorySession[])[] {
  const count = Math.ceil(sessions.length / AT_ONCE)
  return Array.from({ length: count }, (_, at) => sessions.slice(at * AT_ONCE, (at + 1) * AT_ONCE))
}
