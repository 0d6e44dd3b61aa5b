// A synchronisation of calls: its range in stretches, each read to its end before the next. What is written of a stretch
// that was cut off is read once more, and found to be there.
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import type { HistoryPage, VendorAnswer, VoximplantRest } from '../vendor/vendor-answer.ts'
import type { HistoryContext, HistoryWriter, Written } from './history-writer.ts'
import {
  MOST_OF_A_WINDOW,
  ofWindow,
  PAGE,
  readWindow,
  type Window,
  type WindowEnd,
} from './history-window.ts'
import type { SyncChange, SyncRow, SyncStore } from './sync-store.ts'

export interface HistoryRunDeps {
  readonly database: Pick<Database, 'write'>
  readonly store: SyncStore
  readonly writer: HistoryWriter
  readonly clock: Pick<Clock, 'now'>
  readonly rest: Pick<VoximplantRest, 'history'>
  /** Told after each step. */
  readonly onProgress: () => void
  /** Between two readings of a stretch that changed under way. */
  readonly pauseMs?: number | undefined
}

export interface HistoryRunOptions {
  readonly context: HistoryContext
  /** The vendor's. */
  readonly applicationId: string
  readonly signal: AbortSignal
  /** @throws when the run is no longer ours */
  readonly extend: () => Promise<void>
}

const SECOND_MS = 1000
const DAY_MS = 86_400_000
/** Of an application with few calls. */
const LONGEST_MS = 32 * DAY_MS
/** Before an error that is tried again; what stays has none. */
export const TRIED_AGAIN = 'It is tried again: '
const MOST_TROUBLES = 5
/** `date range limit` */
const RANGE_LIMIT = 569

export type HistoryRunEnd = 'done' | 'over'

/**
 * `over`: it was canceled meanwhile. All that it came to stands in its row.
 * @throws AppError `PROVIDER_REFUSED`, `VENDOR_FAILED` and what `Database.write` throws
 */
export function runHistory(
  deps: HistoryRunDeps,
  row: SyncRow,
  options: HistoryRunOptions,
): Promise<HistoryRunEnd> {
  return new HistoryRun(deps, row, options).run()
}

class HistoryRun {
  readonly #deps: HistoryRunDeps
  readonly #row: SyncRow
  readonly #options: HistoryRunOptions
  readonly #troubles: string[]
  #count: number
  #total: number | null

  constructor(deps: HistoryRunDeps, row: SyncRow, options: HistoryRunOptions) {
    this.#deps = deps
    this.#row = row
    this.#options = options
    const { error } = row
    this.#troubles = error === null || error.startsWith(TRIED_AGAIN) ? [] : [error]
    this.#count = row.count
    this.#total = row.total
  }

  async run(): Promise<HistoryRunEnd> {
    const { clock } = this.#deps
    const { from_at: from, to_at: to, done_until: doneUntil } = this.#row
    const begin = doneUntil ?? from ?? 0
    // What is to come is not there yet.
    const end = Math.min(to ?? 0, (Math.floor(clock.now() / SECOND_MS) + 1) * SECOND_MS)
    await this.#findTotal(from ?? 0, end)
    let span = DAY_MS
    for (let at = begin; at < end;) {
      const window = { from: at, before: Math.min(at + span, end) }
      const read = await this.#read(window)
      if (read.kind === 'read') {
        if (!(await this.#keep(window, read))) return 'over'
        at = window.before
        // Longer, as long as it fits: half-empty pages are requests, too.
        if (read.count * 2 < MOST_OF_A_WINDOW) span = Math.min(LONGEST_MS, span * 2)
      } else {
        span = halfOf(window)
      }
    }
    const total = Math.max(this.#count, this.#total ?? 0)
    const now = clock.now()
    const done = { state: 'done' as const, total, done_until: to, finished_at: now }
    return (await this.#change(done)) ? 'done' : 'over'
  }

  /** Of the whole range, for whoever watches; a vendor that does not say is not asked twice. */
  async #findTotal(from: number, end: number): Promise<void> {
    if (this.#total !== null || from >= end) return
    const answer = await this.#ask({ from, before: end }, { offset: 0, count: 1 })
    if (answer.kind !== 'ok' || answer.value.total === null) return
    this.#total = answer.value.total
    await this.#change({ total: this.#total })
  }

  /** @throws what the vendor said, or that it did not answer */
  async #read(window: Window): Promise<Extract<WindowEnd, { kind: 'read' | 'too-many' }>> {
    const { signal, context } = this.#options
    const { writer, pauseMs } = this.#deps
    const canSplit = window.before - window.from > SECOND_MS
    const read = await readWindow(
      {
        page: (offset) => this.#ask(window, { offset, count: PAGE }),
        take: async (sessions) => {
          await writer.write(sessions, context, (written) => [this.#counted(written)])
          this.#deps.onProgress()
        },
        signal,
        ...(pauseMs === undefined ? {} : { pauseMs }),
      },
      canSplit,
    )
    if (read.kind === 'read' || read.kind === 'too-many') return read
    const { answer } = read
    if (canSplit && answer.kind === 'refused' && answer.code === RANGE_LIMIT)
      return { kind: 'too-many' }
    throw answer.error
  }

  async #ask(
    window: Window,
    { offset, count }: { readonly offset: number; readonly count: number },
  ): Promise<VendorAnswer<HistoryPage>> {
    const { applicationId, signal, extend } = this.#options
    await extend()
    // The vendor takes both ends as part of the range, and counts in whole seconds.
    const [from, to] = [window.from, window.before - SECOND_MS]
    const range = { applicationId, from, to, offset, count }
    const answer = await this.#deps.rest.history(range, signal)
    return answer.kind === 'ok' ? { kind: 'ok', value: ofWindow(answer.value, window) } : answer
  }

  #counted({ newCalls, updatedCalls }: Written) {
    const counts = { new_calls: newCalls, updated_calls: updatedCalls }
    return this.#deps.store.counted(this.#row.sync_id, counts, this.#deps.clock.now())
  }

  /** False: it was canceled. */
  async #keep(
    window: Window,
    { count, trouble }: Extract<WindowEnd, { kind: 'read' }>,
  ): Promise<boolean> {
    this.#count += count
    if (trouble !== null && this.#troubles.length < MOST_TROUBLES)
      this.#troubles.push(`${shown(window.from)} to ${shown(window.before)}: ${trouble}.`)
    const error = this.#troubles.length === 0 ? null : this.#troubles.join(' ')
    const total = this.#total === null ? null : Math.max(this.#total, this.#count)
    return this.#change({ done_until: window.before, count: this.#count, error, total })
  }

  async #change(change: SyncChange): Promise<boolean> {
    const { database, store, clock, onProgress } = this.#deps
    const [changed] = await database.write([store.changed(this.#row.sync_id, change, clock.now())])
    onProgress()
    return changed?.changes === 1
  }
}

function halfOf({ from, before }: Window): number {
  const half = Math.floor((before - from) / 2 / SECOND_MS) * SECOND_MS
  if (half < SECOND_MS)
    throw new AppError('PROVIDER_REFUSED', 'Voximplant takes no range that is short enough.')
  return half
}

const shown = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')
