// All finished sessions in the order of their start: a range is found by bisection, a page is a slice of it, whatever
// the number of sessions.
import type { HistoryRecord, HistorySession } from './history-session.ts'
import { parseUtcDate } from './vendor-dates.ts'

export interface HistoryEntry {
  /** Epoch milliseconds, whole seconds. */
  readonly startedAt: number
  session: HistorySession
}

interface Coming {
  readonly visibleAt: number
  readonly entry: HistoryEntry
}

/** More than so many at once are sorted in, fewer inserted one by one. */
const FEW = 64

export class CallHistory {
  #entries: HistoryEntry[] = []
  readonly #byId = new Map<number, HistoryEntry>()
  readonly #coming: Coming[] = []

  /** A session that is known already is replaced. */
  add(sessions: Iterable<HistorySession>): void {
    const added: HistoryEntry[] = []
    for (const session of sessions) {
      this.remove(session.call_session_history_id)
      const entry = { startedAt: parseUtcDate(session.start_date), session }
      this.#byId.set(session.call_session_history_id, entry)
      added.push(entry)
    }
    if (added.length <= FEW) for (const entry of added) this.#insert(entry)
    else this.#entries = this.#entries.concat(added).sort(byStart)
  }

  /** Shows itself at `visibleAt`. */
  addLater(session: HistorySession, visibleAt: number): void {
    const entry = { startedAt: parseUtcDate(session.start_date), session }
    this.#coming.push({ visibleAt, entry })
  }

  /** What is due shows itself. */
  settle(now: number): void {
    for (let at = this.#coming.length - 1; at >= 0; at -= 1) {
      const coming = this.#coming[at]
      if (coming === undefined || coming.visibleAt > now) continue
      this.#coming.splice(at, 1)
      this.add([coming.entry.session])
    }
  }

  remove(sessionId: number): void {
    const entry = this.#byId.get(sessionId)
    if (entry === undefined) return
    this.#byId.delete(sessionId)
    let at = this.#firstFrom(entry.startedAt)
    while (this.#entries[at] !== entry && at < this.#entries.length) at += 1
    this.#entries.splice(at, 1)
  }

  find(sessionId: number): HistoryEntry | undefined {
    return (
      this.#byId.get(sessionId) ??
      this.#coming.find(({ entry }) => entry.session.call_session_history_id === sessionId)?.entry
    )
  }

  /** @returns whether there is such a session */
  addRecord(sessionId: number, record: HistoryRecord): boolean {
    const entry = this.find(sessionId)
    if (entry === undefined) return false
    const others = (entry.session.records ?? []).filter(
      ({ record_id }) => record_id !== record.record_id,
    )
    entry.session = { ...entry.session, records: [...others, record] }
    return true
  }

  /** The bounds of a range of starts, both included, as positions; the second is the first behind it. */
  range(fromMs: number, toMs: number): { readonly first: number; readonly end: number } {
    const first = this.#firstFrom(fromMs)
    return { first, end: Math.max(first, this.#firstFrom(toMs + 1)) }
  }

  slice(first: number, end: number): HistoryEntry[] {
    return this.#entries.slice(first, end)
  }

  ofIds(ids: readonly number[]): HistoryEntry[] {
    const found = [...new Set(ids)].flatMap((id) => this.#byId.get(id) ?? [])
    return found.sort(byStart)
  }

  #insert(entry: HistoryEntry): void {
    let at = this.#firstFrom(entry.startedAt)
    for (;;) {
      const next = this.#entries[at]
      if (next === undefined || byStart(next, entry) > 0) break
      at += 1
    }
    this.#entries.splice(at, 0, entry)
  }

  #firstFrom(at: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#entries[middle]?.startedAt ?? Infinity) < at) low = middle + 1
      else high = middle
    }
    return low
  }
}

const idOf = ({ session }: HistoryEntry): number => session.call_session_history_id

const byStart = (a: HistoryEntry, b: HistoryEntry): number =>
  a.startedAt - b.startedAt || idOf(a) - idOf(b)

/** An order that has nothing to do with time, but is the same at every asking. */
export const byNothing = (a: HistoryEntry, b: HistoryEntry): number =>
  scattered(idOf(a)) - scattered(idOf(b))

/** Knuth's multiplicative hash. */
const scattered = (id: number): number => Math.imul(id % 0xffff_ffff, 0x9e37_79b1) >>> 0
