// Writes every event of every call, and folds the call's row as it goes. Order is kept: events of a call carry a
// sequence number, and the database takes writes in the order they are given.
import type { Compilable } from 'kysely'
import {
  ms,
  type CallEvent,
  type CallEventType,
  type CallEvents,
  type CallId,
  type CallIdentity,
  type InviteIdentity,
  type MediaStore,
  type Milliseconds,
} from '#core/contracts'
import { AppError } from '#core/errors'
import { waitUntil, type Lifecycle } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import { databaseUnavailable } from '../db/database-failure.ts'
import type { CallRow, CallUpdate } from '../db/schema.ts'
import { rewritable } from './call-position.ts'
import { newCallRow } from './call-row.ts'
import type { Consequences } from './consequences.ts'
import { durableSoon } from './durable-soon.ts'
import { boundEvent, isAlwaysKept, MAX_DATA, MAX_EVENTS } from './event-bounds.ts'
import { foldCall } from './fold-call.ts'
import { isRecordingEvent } from './fold-recording.ts'
import { transcriptWrites, writeEnds } from './transcript/kept-transcript.ts'
import { appendLate } from './late-event.ts'
import { LiveCalls, type LiveRecord, type UnsavedEvent } from './live-calls.ts'
import { createRecordWrites, type RecordWrites } from './record-writes.ts'

const REPAIR_EVERY_MS = 2000
const CLOSE_TIMEOUT = ms(5000)
/** Events a call may have waiting while the database fails; a talk makes about one a second. */
const MAX_UNSAVED = 1000
/** Calls of which something is known before their record is open; each waits for milliseconds. */
const MAX_ASSIGNED = 1000

export interface RecorderDeps {
  readonly database: Database
  readonly consequences: Consequences
  readonly events: CallEvents
  readonly clock: Clock
  readonly logger: Logger
  /** For recordings that come when their call was erased. */
  readonly mediaStore?: Pick<MediaStore, 'delete'> | undefined
}

export interface RecorderOptions {
  readonly agentPricePerMinute: number
}

/** One write of a record. */
interface Change {
  readonly columns: CallUpdate
  readonly events: readonly UnsavedEvent[]
  /** Some of its events were given to the database before. */
  readonly isMended: boolean
}

export type RecordedListener = (event: CallEvent) => void

export class CallRecorder implements Lifecycle {
  readonly #deps: RecorderDeps
  readonly #price: number
  readonly #writes: RecordWrites
  readonly #live = new LiveCalls()
  readonly #assigned = new Map<CallId, CallUpdate>()
  readonly #writing = new Set<Promise<void>>()
  readonly #recorded = new Set<RecordedListener>()
  readonly #unsubscribe: () => void
  readonly #repair: NodeJS.Timeout
  #closing: Promise<void> | undefined

  constructor(deps: RecorderDeps, options: RecorderOptions) {
    this.#deps = deps
    this.#price = options.agentPricePerMinute
    this.#writes = createRecordWrites(deps.database.query)
    this.#unsubscribe = deps.events.subscribe((event) => this.#take(event))
    this.#repair = setInterval(() => this.#mend(), REPAIR_EVERY_MS).unref()
  }

  /**
   * Opens the record of a call; resolves when it is durable. When that takes too long it rejects, but the record stays
   * known: whoever refuses the call then says so by events, and the history has both once the disk is back.
   * @param invite about to be sent: durable together with the call
   * @throws AppError `STATE_CONFLICT` when there is a call of this id
   */
  async begin(call: CallIdentity, invite?: InviteIdentity): Promise<void> {
    if (this.#live.find(call.callId)) throw alreadyThere()
    const row = { ...newCallRow(call, this.#price), ...this.#assigned.get(call.callId) }
    this.#assigned.delete(call.callId)
    this.#live.prune(this.#deps.clock.now())
    // Known before it is durable: an event that comes at once is queued behind this very write.
    const record = this.#live.add(call.callId, row)
    if (invite) record.nextSeq += 1
    const logger = this.#deps.logger.child({ callId: call.callId })
    await durableSoon(this.#insert(row, invite), 'the record of a call', logger)
  }

  /** The record of a call that an earlier run began, and that goes on. @param events all there are of it */
  adopt(
    row: CallRow,
    events: readonly { readonly seq: number; readonly event: CallEvent }[],
  ): void {
    const record = this.#live.add(row.call_id as CallId, row)
    for (const { seq, event } of events) {
      record.nextSeq = Math.max(record.nextSeq, seq + 1)
      record.dataLength += JSON.stringify(event.data).length
      record.spoken.add(event)
    }
  }

  /** What no event tells of a call, such as its agent: before or after its record is open. */
  assign(callId: CallId, columns: CallUpdate): void {
    const record = this.#live.find(callId)
    if (record) {
      this.#inBackground(record, this.#change(record, columns, []))
      return
    }
    this.#assigned.set(callId, { ...this.#assigned.get(callId), ...columns })
    if (this.#assigned.size <= MAX_ASSIGNED) return
    const oldest = this.#assigned.keys().next()
    if (!oldest.done) this.#assigned.delete(oldest.value)
  }

  /** No record of this call will be opened. */
  forgetAssigned(callId: CallId): void {
    this.#assigned.delete(callId)
  }

  /**
   * Adds what is no news of the bus; resolves when it is durable. False when there is no such call.
   * @throws AppError `DATABASE_UNAVAILABLE`: it may be written later yet
   */
  async append(event: CallEvent): Promise<boolean> {
    const record = this.#live.find(event.callId)
    if (!record) return appendLate(this.#deps, boundEvent(event))
    await this.#add(record, boundEvent(event))
    if (record.unsaved.length > 0) throw databaseUnavailable('it does not take the call’s events')
    return true
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

  /** @throws AppError `DATABASE_UNAVAILABLE`: not everything is written; the next start closes those records. */
  async #close(): Promise<void> {
    this.#unsubscribe()
    await this.drain(CLOSE_TIMEOUT)
    clearInterval(this.#repair)
    if (!this.#settled()) throw databaseUnavailable('it did not take the last records')
  }

  async #insert(row: CallRow, invite: InviteIdentity | undefined): Promise<void> {
    const { database, consequences } = this.#deps
    const following = consequences.of({ row, event: undefined })
    try {
      await database.write([
        this.#writes.insertCall(row),
        ...(invite ? [this.#writes.insertEvent(preparedEvent(row, invite))] : []),
        ...following,
      ])
      consequences.announce(following)
    } catch (error) {
      this.#live.forget(row.call_id as CallId)
      throw (await this.#isTaken(row.call_id)) ? alreadyThere() : error
    }
  }

  /** Why an insert failed, where the database only says that it did. */
  async #isTaken(callId: string): Promise<boolean> {
    const { query } = this.#deps.database
    const asked = query.selectFrom('calls').select('call_id').where('call_id', '=', callId)
    // A database that is away cannot tell: then its own error says what matters.
    return (await asked.executeTakeFirst().catch(() => undefined)) !== undefined
  }

  #settled(): boolean {
    return this.#writing.size === 0 && this.#live.unsaved().length === 0
  }

  #take(published: CallEvent): void {
    const event = boundEvent(published)
    const record = this.#live.find(event.callId)
    if (!record) {
      this.#takeStray(event)
      return
    }
    this.#inBackground(record, this.#add(record, event))
  }

  #add(record: LiveRecord, event: CallEvent): Promise<void> {
    const update = foldCall(record.row, event)
    if (event.type === 'call.ended') record.endedAt ??= event.at
    // What is told after the end (the agent's socket closes behind the BYE) makes another transcript.
    if (record.spoken.add(event) && record.endedAt !== null) record.isTranscriptDue = true
    return this.#change(record, update, this.#admit(record, event))
  }

  /** The call was refused before its record was opened, or its record could not be opened, or it ended long ago. */
  #takeStray(event: CallEvent): void {
    const { callId, type } = event
    const line = { callId, type }
    const { logger } = this.#deps
    if (isRecordingEvent(event)) this.#writeLate(event)
    else if (type === 'agent.attempted' || type === 'agent.opened') {
      logger.error(line, 'an agent session of a call without an open record')
    } else logger.debug(line, 'event of no open record')
  }

  /** Recordings outlive their calls: the next start may find one. */
  #writeLate(event: CallEvent): void {
    const { callId, type } = event
    const logger = this.#deps.logger.child({ callId, type })
    const written = appendLate(this.#deps, event)
      .then((known) => {
        if (!known) logger.warn('a recording of no known call')
      })
      .finally(() => this.#writing.delete(written))
    this.#writing.add(written)
    inBackground(written, logger, 'writing a late event of a call')
  }

  /** The event with its place in the record; beyond the limit only what the ledger and the ending need. */
  #admit(record: LiveRecord, event: CallEvent): UnsavedEvent[] {
    record.dataLength += JSON.stringify(event.data).length
    const isFull = record.nextSeq >= MAX_EVENTS || record.dataLength > MAX_DATA
    if (!isFull || isAlwaysKept(event.type)) {
      return [{ event, seq: record.nextSeq++ }]
    }
    if (record.full) return []
    record.full = true
    const { callId, at } = event
    this.#deps.logger.warn(
      { callId, maxEvents: MAX_EVENTS },
      'a call record is full: further events are left out',
    )
    const data = { maxEvents: MAX_EVENTS }
    return [{ event: { type: 'call.record_limited', callId, at, data }, seq: record.nextSeq++ }]
  }

  /** Folds and writes. After a failed write the whole row goes again, with the events that were lost. */
  #change(record: LiveRecord, update: CallUpdate, fresh: readonly UnsavedEvent[]): Promise<void> {
    record.row = { ...record.row, ...update }
    const mending = record.unsaved.length > 0
    const events = [...record.unsaved, ...fresh]
    record.unsaved = []
    const columns = mending ? rewritable(record.row) : update
    const written = this.#write(record, { columns, events, isMended: mending }).finally(() =>
      this.#writing.delete(written),
    )
    this.#writing.add(written)
    return written
  }

  async #write(record: LiveRecord, { columns, events, isMended }: Change): Promise<void> {
    const { consequences } = this.#deps
    const { query } = this.#deps.database
    const { row } = record
    const callId = row.call_id
    const inserts = events.map(({ event, seq }) =>
      this.#writes.insertEvent({
        call_id: callId,
        seq,
        at: event.at,
        type: event.type,
        data: JSON.stringify(event.data),
      }),
    )
    const updates =
      Object.keys(columns).length === 0 ? [] : [this.#writes.updateCall(callId, columns)]
    const transcript = record.isTranscriptDue
      ? transcriptWrites(query, callId, record.spoken.all())
      : []
    record.isTranscriptDue = false
    if (inserts.length + updates.length === 0) return
    // First of all: whether an event is there already, from a write whose answer was lost, is seen before it is written.
    const told = (isRepeated: boolean): readonly Compilable[] =>
      events.flatMap(({ event, seq }) => consequences.of({ row, event }, isRepeated ? seq : null))
    let following: readonly Compilable[] = []
    try {
      await writeEnds(
        { ...this.#deps, about: { callId } },
        (isRepeated) => {
          following = told(isRepeated || isMended)
          return [...following, ...inserts, ...updates]
        },
        transcript,
      )
      consequences.announce(following)
    } catch (error) {
      record.isTranscriptDue ||= transcript.length > 0
      this.#keep(record, events, error)
      return
    }
    record.failing = false
    for (const { event } of events) for (const listener of this.#recorded) listener(event)
  }

  #inBackground({ row }: LiveRecord, written: Promise<void>): void {
    const about = { callId: row.call_id }
    inBackground(written, this.#deps.logger, 'writing a call record', about)
  }

  #keep(record: LiveRecord, events: readonly UnsavedEvent[], error: unknown): void {
    const logger = this.#deps.logger.child({ callId: record.row.call_id })
    // One line when it begins to fail, not one an event or attempt.
    if (!record.failing) logger.error({ err: error }, 'a call record was not written')
    record.failing = true
    const room = Math.max(0, MAX_UNSAVED - record.unsaved.length)
    if (events.length > room) logger.error({ lost: events.length - room }, 'call events are lost')
    record.unsaved = [...record.unsaved, ...events.slice(0, room)]
  }

  #mend(): void {
    for (const record of this.#live.unsaved())
      this.#inBackground(record, this.#change(record, {}, []))
  }
}

const alreadyThere = (): AppError =>
  new AppError('STATE_CONFLICT', 'There is a call of this id already.')

const preparedEvent = (row: CallRow, invite: InviteIdentity) => ({
  call_id: row.call_id,
  seq: 0,
  at: row.created_at,
  type: 'sip.invite_prepared' satisfies CallEventType,
  data: JSON.stringify(invite),
})
