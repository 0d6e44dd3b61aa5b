// The transcripts of the old panel into the database: as the agent's vendor sent them, and as turns that are found by their
// words. Who has a transcript already keeps it, and what was deleted here stays deleted.
import type { Compilable } from 'kysely'
import type { CallId } from '#core/contracts'
import { turnWrites } from '../../calls/transcript/kept-transcript.ts'
import { turnsOfVendor } from '../../calls/transcript/vendor-turns.ts'
import type { Database } from '../../db/database.ts'
import type { CallRow, ConversationsTable } from '../../db/schema.ts'
import type { OldRow } from './old-tables.ts'
import { decodeTranscript, type OldTranscript } from './old-transcript.ts'
import { conversationOf, digitsOf } from './old-words.ts'

export interface TranscriptCounts {
  found: number
  fresh: number
  /** Here before, or deleted since. */
  held: number
  /** Of no call that is here. */
  orphans: number
  /** No transcript, or one without a word. */
  unreadable: number
}

export interface BringTranscriptsDeps {
  /** Undefined: nothing is written. */
  readonly database: Database | undefined
  /** Ours by the panel’s ids. */
  readonly callIds: ReadonlyMap<string, CallId>
  readonly now: number
}

const COLUMNS = [
  'call_id',
  'created_at',
  'answered_at',
  'conversation_id',
  'has_transcript',
  'transcript_deleted_at',
  'erased_at',
] as const
type KnownCall = Pick<CallRow, (typeof COLUMNS)[number]>

export class BringTranscripts {
  readonly counts: TranscriptCounts = { found: 0, fresh: 0, held: 0, orphans: 0, unreadable: 0 }
  readonly #deps: BringTranscriptsDeps

  constructor(deps: BringTranscriptsDeps) {
    this.#deps = deps
  }

  async bring(rows: readonly OldRow<'transcripts'>[]): Promise<void> {
    const writes: Compilable[] = []
    const once = new Set<string>()
    for (const row of rows) {
      this.counts.found += 1
      const old = decodeTranscript(row.data)
      const callId = await this.#callIdOf(row)
      if (old === undefined) this.counts.unreadable += 1
      else if (callId === undefined) this.counts.orphans += 1
      else if (once.has(callId)) this.counts.held += 1
      else {
        once.add(callId)
        writes.push(...(await this.#bringOne(callId, row, old)))
      }
    }
    if (writes.length > 0) await this.#deps.database?.write(writes)
  }

  async #callIdOf(row: OldRow<'transcripts'>): Promise<CallId | undefined> {
    const known = row.call === null ? undefined : this.#deps.callIds.get(row.call)
    const { database } = this.#deps
    if (known !== undefined || !database) return known
    return (
      (await callOfSession(database.query, digitsOf(row.call))) ??
      callOfConversation(database.query, conversationOf(row.conversation))
    )
  }

  async #bringOne(
    callId: CallId,
    row: OldRow<'transcripts'>,
    old: OldTranscript,
  ): Promise<readonly Compilable[]> {
    const { database, now } = this.#deps
    if (!database) {
      this.counts.fresh += 1
      return []
    }
    const call = await findCall(database.query, callId)
    if (!call || isSettled(call)) {
      this.counts[call ? 'held' : 'orphans'] += 1
      return []
    }
    const conversationId = conversationOf(row.conversation) ?? call.conversation_id
    const kept = await keptConversation(database.query, conversationId)
    if (kept && (kept.call_id !== callId || kept.state === 'done' || kept.state === 'erased')) {
      this.counts.held += 1
      return []
    }
    const turns = turnsOfVendor(old.transcript, call.answered_at ?? call.created_at)
    this.counts[turns.length === 0 ? 'unreadable' : 'fresh'] += 1
    return [
      ...turnWrites(database.query, callId, turns),
      ...callWrites(database.query, {
        callId,
        conversationId,
        hasTurns: turns.length > 0,
        now,
      }),
      ...(conversationId === null
        ? []
        : [conversationWrite(database.query, { ...old, conversationId, call, now })]),
    ]
  }
}

/** There is a transcript, there was one, or nothing of the call may come back. */
const isSettled = (call: KnownCall): boolean =>
  call.has_transcript === 1 || call.transcript_deleted_at !== null || call.erased_at !== null

const findCall = (query: Database['query'], callId: CallId): Promise<KnownCall | undefined> =>
  query.selectFrom('calls').select(COLUMNS).where('call_id', '=', callId).executeTakeFirst()

async function callOfSession(
  query: Database['query'],
  session: string | null,
): Promise<CallId | undefined> {
  if (session === null) return undefined
  const found = await query
    .selectFrom('voximplant_calls')
    .select('call_id')
    .where('session_id', '=', session)
    .executeTakeFirst()
  return found?.call_id as CallId | undefined
}

async function callOfConversation(
  query: Database['query'],
  conversationId: string | null,
): Promise<CallId | undefined> {
  return (await keptConversation(query, conversationId))?.call_id as CallId | undefined
}

async function keptConversation(
  query: Database['query'],
  conversationId: string | null,
): Promise<Pick<ConversationsTable, 'call_id' | 'state'> | undefined> {
  if (conversationId === null) return undefined
  return query
    .selectFrom('conversations')
    .select(['call_id', 'state'])
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst()
}

interface Settled {
  readonly callId: CallId
  readonly conversationId: string | null
  readonly hasTurns: boolean
  readonly now: number
}

const callWrites = (
  query: Database['query'],
  { callId, conversationId, hasTurns, now }: Settled,
): Compilable[] => [
  query
    .updateTable('calls')
    .set({
      ...(hasTurns ? { has_transcript: 1 } : {}),
      ...(conversationId === null ? {} : { conversation_id: conversationId }),
    })
    .where('call_id', '=', callId),
  query
    .updateTable('voximplant_calls')
    .set({ is_pending: 0, updated_at: now })
    .where('call_id', '=', callId),
]

interface OldConversation extends OldTranscript {
  readonly conversationId: string
  readonly call: KnownCall
  readonly now: number
}

function conversationWrite(
  query: Database['query'],
  { conversationId, call, transcript, told, now }: OldConversation,
): Compilable {
  const columns = {
    state: 'done' as const,
    ...told,
    started_at: told.started_at ?? call.created_at,
    transcript: JSON.stringify(transcript),
    fetched_at: now,
    updated_at: now,
  }
  return query
    .insertInto('conversations')
    .values({
      conversation_id: conversationId,
      call_id: call.call_id,
      vendor: 'elevenlabs',
      ...columns,
    })
    .onConflict((conflict) => conflict.column('conversation_id').doUpdateSet(columns))
}
