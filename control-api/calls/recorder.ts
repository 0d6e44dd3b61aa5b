// Writes every event of every call, and folds the call's row as it goes. Order is kept: events of a call carry a
// sequence number, and the database takes writes in the order they are given.
import {
  ms,
  type CallEvent,
  type CallEvents,
  type CallId,
  type CallIdentity,
  type Milliseconds,
} from '#core/contracts'
import { waitUntil, type Lifecycle } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import type { CallRow, CallUpdate } from '../db/schema.ts'
import { agentColumns, newCallRow, type AssignedAgent } from './call-row.ts'
import { foldCall } from './fold-call.ts'
import { LiveCalls, type LiveRecord, type UnsavedEvent } from './live-calls.ts'

const REPAIR_EVERY_MS = 2000
const CLOSE_TIMEOUT = ms(5000)
/** Events a call may have waiting while the database fails; a talk makes about one a second. */
const MAX_UNSAVED = 1000
/** Agents named before their call's record is open; each waits for milliseconds. */
const MAX_ASSIGNED = 1000

export interface RecorderDeps {
  readonly database: Database
  readonly events: CallEvents
  readonly clock: Clock
  readonly logger: Logger
}

export interface RecorderOptions {
  readonly agentPricePerMinute: number
}

export type RecordedListener = (event: CallEvent) => void

export class CallRecorder implements Lifecycle {
  readonly #deps: RecorderDeps
  readonly #price: number
  readonly #live = new LiveCalls()
  readonly #assigned = new Map<CallId, AssignedAgent>()
  readonly #writing = new Set<Promise<void>>()
  readonly #recorded = new Set<RecordedListener>()
  readonly #unsubscribe: () => void
  readonly #repair: NodeJS.Timeout
  #closing: Promise<void> | undefined

  constructor(deps: RecorderDeps, options: RecorderOptions) {
    this.#deps = deps
    this.#price = options.agentPricePerMinute
    this.#unsubscribe = deps.events.subscribe((event) => this.#take(event))
    this.#repair = setInterval(() => this.#mend(), REPAIR_EVERY_MS).unref()
  }

  /** Opens the record of a call; resolves when it is durable. */
  async begin(call: CallIdentity): Promise<void> {
    const assigned = this.#assigned.get(call.callId)
    this.#assigned.delete(call.callId)
    const row = { ...newCallRow(call, this.#price), ...(assigned ? agentColumns(assigned) : {}) }
    this.#live.prune(this.#deps.clock.now())
    // Known before it is durable: an event that comes at once is queued behind this very write.
    this.#live.add(call.callId, row)
    try {
      await this.#deps.database.write([this.#deps.database.query.insertInto('calls').values(row)])
    } catch (error) {
      this.#live.forget(call.callId)
      throw error
    }
  }

  /** Names the agent of a call, before or after its record is open. */
  assignAgent(callId: CallId, agent: AssignedAgent): void {
    const record = this.#live.find(callId)
    if (record) {
      this.#change(record, agentColumns(agent), [])
      return
    }
    this.#assigned.set(callId, agent)
    if (this.#assigned.size <= MAX_ASSIGNED) return
    const oldest = this.#assigned.keys().next()
    if (!oldest.done) this.#assigned.delete(oldest.value)
  }

  /** The row as folded so far, of a call that is live or ended within the last minute. */
  find(callId: CallId): CallRow | undefined {
    return this.#live.find(callId)?.row
  }

  /** The rows of calls that have not ended. */
  *open(): Generator<CallRow> {
    for (const record of this.#live.open()) yield record.row
  }

  /** Told of each event once it is durable. */
  onRecorded(listener: RecordedListener): void {
    this.#recorded.add(listener)
  }

  /** Waits until everything heard so far is written, at most `deadline`. */
  async drain(deadline: Milliseconds): Promise<void> {
    this.#mend()
    await waitUntil(() => this.#settled(), deadline, 10)
    const unsaved = this.#live.unsaved().length
    const writing = this.#writing.size
    if (unsaved + writing > 0) {
      this.#deps.logger.error({ unsaved, writing }, 'call records could not be written in time')
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#unsubscribe()
    await this.drain(CLOSE_TIMEOUT)
    clearInterval(this.#repair)
  }

  #settled(): boolean {
    return this.#writing.size === 0 && this.#live.unsaved().length === 0
  }

  #take(event: CallEvent): void {
    const record = this.#live.find(event.callId)
    if (!record) {
      // The call was refused before its record was opened, or its record could not be opened.
      this.#deps.logger.debug(
        { call_id: event.callId, type: event.type },
        'event of no open record',
      )
      return
    }
    const unsaved = { event, seq: record.nextSeq++ }
    const update = foldCall(record.row, event)
    if (event.type === 'call.ended') record.endedAt ??= event.at
    this.#change(record, update, [unsaved])
  }

  /** Folds and writes. After a failed write the whole row goes again, with the events that were lost. */
  #change(record: LiveRecord, update: CallUpdate, fresh: readonly UnsavedEvent[]): void {
    record.row = { ...record.row, ...update }
    const mending = record.unsaved.length > 0
    const events = [...record.unsaved, ...fresh]
    record.unsaved = []
    const written = this.#write(record, mending ? record.row : update, events).finally(() =>
      this.#writing.delete(written),
    )
    this.#writing.add(written)
    inBackground(written, this.#deps.logger, 'writing a call record')
  }

  async #write(
    record: LiveRecord,
    columns: CallUpdate,
    events: readonly UnsavedEvent[],
  ): Promise<void> {
    const { query } = this.#deps.database
    const callId = record.row.call_id
    const inserts = events.map(({ event, seq }) =>
      query.insertInto('call_events').values({
        call_id: callId,
        seq,
        at: event.at,
        type: event.type,
        data: JSON.stringify(event.data),
      }),
    )
    const updates =
      Object.keys(columns).length === 0
        ? []
        : [query.updateTable('calls').set(columns).where('call_id', '=', callId)]
    if (inserts.length + updates.length === 0) return
    try {
      await this.#deps.database.write([...inserts, ...updates])
    } catch (error) {
      this.#keep(record, events, error)
      return
    }
    record.failing = false
    for (const { event } of events) for (const listener of this.#recorded) listener(event)
  }

  #keep(record: LiveRecord, events: readonly UnsavedEvent[], error: unknown): void {
    const logger = this.#deps.logger.child({ call_id: record.row.call_id })
    // One line when it begins to fail, not one an event or attempt.
    if (!record.failing) logger.error({ err: error }, 'a call record was not written')
    record.failing = true
    const room = Math.max(0, MAX_UNSAVED - record.unsaved.length)
    if (events.length > room) logger.error({ lost: events.length - room }, 'call events are lost')
    record.unsaved = [...record.unsaved, ...events.slice(0, room)]
  }

  #mend(): void {
    for (const record of this.#live.unsaved()) this.#change(record, {}, [])
  }
}
