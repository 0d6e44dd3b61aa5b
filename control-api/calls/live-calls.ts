// The calls whose record is still being written: their row as folded so far. Ended ones stay a minute, for events
// that come late (the agent's socket closing after the BYE).
import type { CallId, EpochMs } from '#core/contracts'
import type { CallEvent } from '#core/contracts'
import type { CallRow } from '../db/schema.ts'
import { SpokenEvents } from './transcript/spoken-events.ts'

const LINGER_MS = 60_000
/** Each look is at every call of the last minute. */
const PRUNE_EVERY_MS = 1000

/** An event that the database has not taken yet. */
export interface UnsavedEvent {
  readonly event: CallEvent
  readonly seq: number
}

export interface LiveRecord {
  row: CallRow
  nextSeq: number
  /** Letters of its events so far. */
  dataLength: number
  /** The limit of events is reached, and was said to be. */
  full: boolean
  /** Events of writes that failed, to be tried again with the whole row. */
  unsaved: UnsavedEvent[]
  endedAt: EpochMs | null
  /** What the transcript is made of. */
  readonly spoken: SpokenEvents
  /** The transcript is to be kept, or kept anew. */
  isTranscriptDue: boolean
  /** The last write failed, and was said to. */
  failing: boolean
}

export class LiveCalls {
  readonly #records = new Map<CallId, LiveRecord>()
  #prunedAt = -Infinity

  add(callId: CallId, row: CallRow): LiveRecord {
    const record: LiveRecord = {
      row,
      nextSeq: 0,
      dataLength: 0,
      full: false,
      unsaved: [],
      endedAt: null,
      spoken: new SpokenEvents(),
      isTranscriptDue: false,
      failing: false,
    }
    this.#records.set(callId, record)
    return record
  }

  find(callId: CallId): LiveRecord | undefined {
    return this.#records.get(callId)
  }

  forget(callId: CallId): void {
    this.#records.delete(callId)
  }

  *open(): Generator<LiveRecord> {
    for (const record of this.#records.values()) if (record.endedAt === null) yield record
  }

  unsaved(): LiveRecord[] {
    return [...this.#records.values()].filter((record) => record.unsaved.length > 0)
  }

  /** Forgets the ones that ended a minute ago and are wholly written. */
  prune(now: EpochMs): void {
    if (now - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = now
    for (const [callId, record] of this.#records) {
      if (record.endedAt === null || record.unsaved.length > 0) continue
      if (now - record.endedAt > LINGER_MS) this.#records.delete(callId)
    }
  }
}
