// The calls of the old panel into the database, some at a time. What the scenario or the history told of already stays as
// it is; only what is missing of it is filled in.
import type { Compilable } from 'kysely'
import type { CallEventType, CallId } from '#core/contracts'
import { insertCall } from '../../calls/call-position.ts'
import type { Database } from '../../db/database.ts'
import type { CallRow } from '../../db/schema.ts'
import type { BroughtApplication } from './old-accounts.ts'
import { oldCall, type OldCall } from './old-call.ts'
import type { OldRecordings } from './old-recordings.ts'
import type { OldRow } from './old-tables.ts'

export interface CallCounts {
  found: number
  fresh: number
  /** Known before, and something of them was missing. */
  filled: number
  /** Of no application that the dump has. */
  orphans: number
  withoutTime: number
  recordings: number
  /** Told of, and their files are not there. */
  missingRecordings: number
}

export interface BringCallsDeps {
  /** Undefined: nothing is written. */
  readonly database: Database | undefined
  readonly applications: ReadonlyMap<string, BroughtApplication>
  /** Undefined: none are asked for. */
  readonly recordings: OldRecordings | undefined
  readonly now: number
}

const COLUMNS = [
  'calls.call_id',
  'calls.conversation_id',
  'calls.recording_state',
  'calls.erased_at',
  'calls.ended_at',
] as const
type KnownCall = Pick<
  CallRow,
  'call_id' | 'conversation_id' | 'recording_state' | 'erased_at' | 'ended_at'
>

export class BringCalls {
  readonly counts: CallCounts = {
    found: 0,
    fresh: 0,
    filled: 0,
    orphans: 0,
    withoutTime: 0,
    recordings: 0,
    missingRecordings: 0,
  }
  readonly unknownStatuses = new Set<string>()
  hasAssumedCurrency = false
  /** When the oldest of the fresh ones ended. */
  oldestAt: number | null = null
  /** Ours by their old ids. */
  readonly callIds = new Map<string, CallId>()
  readonly #deps: BringCallsDeps

  constructor(deps: BringCallsDeps) {
    this.#deps = deps
  }

  async bring(rows: readonly OldRow<'calls'>[]): Promise<void> {
    const calls = rows.flatMap((row) => this.#read(row) ?? [])
    const known = await this.#known(calls.map(({ old }) => old))
    const writes: Compilable[] = []
    const once = new Set<string>()
    for (const { old, id } of calls) {
      const there = known.get(keyOf(old)) ?? known.get(old.call.call_id)
      if (id !== null) this.callIds.set(id, (there?.call_id ?? old.call.call_id) as CallId)
      if (once.has(old.call.call_id)) continue
      once.add(old.call.call_id)
      writes.push(...(there ? await this.#fill(old, there) : await this.#add(old)))
    }
    if (writes.length > 0) await this.#deps.database?.write(writes)
  }

  #read(row: OldRow<'calls'>): { readonly old: OldCall; readonly id: string | null } | undefined {
    this.counts.found += 1
    const application = this.#deps.applications.get(row.application ?? '')
    if (!application) {
      this.counts.orphans += 1
      return undefined
    }
    const old = oldCall(row, application, this.#deps.now)
    if (!old) this.counts.withoutTime += 1
    return old && { old, id: row.id }
  }

  /** By their sessions, and by our ids. */
  async #known(calls: readonly OldCall[]): Promise<ReadonlyMap<string, KnownCall>> {
    const found = new Map<string, KnownCall>()
    const { database } = this.#deps
    if (!database || calls.length === 0) return found
    const accounts = new Set(calls.map(({ vendor }) => vendor.vendor_account_id))
    const sessionIds = calls.flatMap(({ vendor }) => vendor.session_id ?? [])
    const bySession = database.query
      .selectFrom('voximplant_calls')
      .innerJoin('calls', 'calls.call_id', 'voximplant_calls.call_id')
      .select([...COLUMNS, 'vendor_account_id', 'session_id'])
      .where('vendor_account_id', 'in', [...accounts])
    const sessions =
      sessionIds.length === 0 ? [] : await bySession.where('session_id', 'in', sessionIds).execute()
    const ids = await database.query
      .selectFrom('calls')
      .select(COLUMNS)
      .where(
        'call_id',
        'in',
        calls.map(({ call }) => call.call_id),
      )
      .execute()
    for (const row of ids) found.set(row.call_id, row)
    for (const row of sessions) found.set(`${row.vendor_account_id} ${row.session_id}`, row)
    return found
  }

  async #add(old: OldCall): Promise<Compilable[]> {
    const { call, vendor } = old
    this.counts.fresh += 1
    if (old.unknownStatus !== undefined) this.unknownStatuses.add(old.unknownStatus)
    this.hasAssumedCurrency ||= old.hasAssumedCurrency
    const endedAt = call.ended_at ?? call.created_at
    this.oldestAt = Math.min(this.oldestAt ?? endedAt, endedAt)
    const recorded = await this.#recorded(old, call)
    const query = this.#deps.database?.query
    if (!query) return []
    return [
      insertCall(query, call),
      query.insertInto('voximplant_calls').values(vendor),
      ...this.#conversation(query, call),
      ...recorded,
    ]
  }

  /** Nothing of what was erased comes back. */
  async #fill(old: OldCall, there: KnownCall): Promise<Compilable[]> {
    const query = this.#deps.database?.query
    if (!query || there.erased_at !== null) return []
    const recorded = there.recording_state === null ? await this.#recorded(old, there) : []
    const { conversation_id: conversationId, agent_id: agentId } = old.call
    const isNew = there.conversation_id === null && conversationId !== null
    if (isNew || recorded.length > 0) this.counts.filled += 1
    if (!isNew) return recorded
    return [
      ...recorded,
      query
        .updateTable('calls')
        .set({ conversation_id: conversationId })
        .where('call_id', '=', there.call_id),
      query
        .updateTable('voximplant_calls')
        .set({ is_pending: 1, updated_at: this.#deps.now })
        .where('call_id', '=', there.call_id),
      ...this.#conversation(query, {
        ...old.call,
        call_id: there.call_id,
        conversation_id: conversationId,
        agent_id: agentId,
      }),
    ]
  }

  /** What the vendor can be asked about, until the transcript of the panel settles it. */
  #conversation(
    query: Database['query'],
    call: Pick<CallRow, 'call_id' | 'conversation_id' | 'agent_id' | 'created_at'>,
  ): Compilable[] {
    if (call.conversation_id === null) return []
    return [
      query
        .insertInto('conversations')
        .values({
          conversation_id: call.conversation_id,
          call_id: call.call_id,
          vendor: 'elevenlabs',
          agent_id: call.agent_id,
          state: 'pending',
          started_at: call.created_at,
          updated_at: this.#deps.now,
        })
        .onConflict((conflict) => conflict.doNothing()),
    ]
  }

  async #recorded(
    { recording, call: old }: OldCall,
    call: Pick<CallRow, 'call_id' | 'ended_at'>,
  ): Promise<Compilable[]> {
    const { recordings, database } = this.#deps
    if (!recordings || recording === null) return []
    const callId = call.call_id as CallId
    const stored = database ? await recordings.keep(callId, recording) : undefined
    const isThere = database ? stored !== undefined : await recordings.has(recording)
    this.counts[isThere ? 'recordings' : 'missingRecordings'] += 1
    if (!database || !stored) return []
    const { key, bytes, sha256 } = stored
    const talkedMs = (old.ended_at ?? 0) - (old.answered_at ?? old.ended_at ?? 0)
    return recordingWrites(database.query, {
      callId,
      seq: await nextSeq(database.query, callId),
      at: call.ended_at ?? old.created_at,
      data: { key, bytes, sha256, durationMs: stored.durationMs ?? talkedMs },
    })
  }
}

/** Nobody else writes events meanwhile. */
async function nextSeq(query: Database['query'], callId: CallId): Promise<number> {
  const last = await query
    .selectFrom('call_events')
    .select('seq')
    .where('call_id', '=', callId)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return (last?.seq ?? -1) + 1
}

interface StoredRecording {
  readonly callId: CallId
  readonly seq: number
  readonly at: number
  readonly data: {
    readonly key: string
    readonly bytes: number
    readonly sha256: string
    /** Of the talk, where the sound does not say how long it is. */
    readonly durationMs: number
  }
}

/** As `recording.stored` is folded (calls/fold-recording.ts), with the event itself. */
function recordingWrites(
  query: Database['query'],
  { callId, seq, at, data }: StoredRecording,
): Compilable[] {
  return [
    query
      .updateTable('calls')
      .set({
        recording_state: 'stored',
        recording_key: data.key,
        recording_bytes: data.bytes,
        recording_sha256: data.sha256,
        recording_duration_ms: data.durationMs,
      })
      .where('call_id', '=', callId),
    query.insertInto('call_events').values({
      call_id: callId,
      seq,
      at,
      type: 'recording.stored' satisfies CallEventType,
      data: JSON.stringify(data),
    }),
  ]
}

const keyOf = ({ vendor }: OldCall): string =>
  `${vendor.vendor_account_id} ${vendor.session_id ?? ''}`
