// What we keep of the vendor's conversations: written once, by whoever hears of it first, the job or a webhook.
import type { Compilable } from 'kysely'
import type { CallId, StoredMedia } from '#core/contracts'
import { createTurns } from '#core/lifecycle'
import type { Clock } from '#core/time'
import { turnWrites } from '../calls/transcript/kept-transcript.ts'
import { turnsOfVendor } from '../calls/transcript/vendor-turns.ts'
import type { CallRow, ConversationsTable } from '../db/schema.ts'
import type { Database } from '../db/database.ts'
import type { Feed } from '../feed/feed.ts'
import type { Turn } from '../calls/transcript/turn.ts'
import type { VendorConversation } from './decode-conversation.ts'

export type ConversationRow = ConversationsTable

/** What the vendor came to. */
export type Settled =
  | { readonly state: 'done' | 'failed'; readonly told: VendorConversation }
  /** It knows none. */
  | { readonly state: 'missing' }

export interface ConversationStore {
  ofCall(callId: string): Promise<readonly ConversationRow[]>
  find(conversationId: string): Promise<ConversationRow | undefined>
  /** False when there is nothing to settle: it is unknown here, was settled before, or erased. */
  settle(conversationId: string, settled: Settled): Promise<boolean>
  /** False when it was erased meanwhile, or there is none. */
  keepAudio(conversationId: string, stored: StoredMedia): Promise<boolean>
  /**
   * Whether the vendor's audio may be kept. RECORD_CALLS decides what is kept of a call, whoever recorded it: so only
   * where our own recording was begun and could not be kept, and never where it was paused, for the vendor does not pause.
   */
  isAudioWanted(row: ConversationRow, call: CallRow): Promise<boolean>
}

export interface ConversationStoreDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly feed: Feed
  readonly clock: Clock
}

export function createConversationStore(deps: ConversationStoreDeps): ConversationStore {
  const { query } = deps.database
  // One at a time: it is looked at before it is written, and the job and a webhook may come together.
  const settling = createTurns()
  const find = (id: string): Promise<ConversationRow | undefined> =>
    query
      .selectFrom('conversations')
      .selectAll()
      .where('conversation_id', '=', id)
      .executeTakeFirst()
  const ofCall = (callId: string): Promise<ConversationRow[]> =>
    query
      .selectFrom('conversations')
      .selectAll()
      .where('call_id', '=', callId)
      .orderBy('updated_at')
      .limit(MAX_OF_A_CALL)
      .execute()
  return {
    find,
    ofCall,
    settle: (id, settled) => settling.take(() => settle({ ...deps, find, ofCall }, id, settled)),
    async keepAudio(id, { key, bytes, sha256 }) {
      const audio = { audio_key: key, audio_bytes: bytes, audio_sha256: sha256 }
      const [changed] = await deps.database.write([
        query
          .updateTable('conversations')
          .set({ ...audio, updated_at: deps.clock.now() })
          .where('conversation_id', '=', id)
          .where('state', '!=', 'erased'),
      ])
      return changed?.changes === 1
    },
    async isAudioWanted(row, call) {
      const isMissing = call.recording_state === 'failed' && row.audio_key === null
      if (!isMissing || row.state === 'erased' || call.erased_at !== null) return false
      const paused = await query
        .selectFrom('call_events')
        .select('seq')
        .where('call_id', '=', call.call_id)
        .where('type', '=', 'recording.paused')
        .limit(1)
        .executeTakeFirst()
      return paused === undefined
    },
  }
}

/** Two attempts make two. */
const MAX_OF_A_CALL = 20

interface Settling extends ConversationStoreDeps, Pick<ConversationStore, 'find' | 'ofCall'> {}

async function settle(deps: Settling, id: string, settled: Settled): Promise<boolean> {
  const { database, feed, clock } = deps
  const { query } = database
  const row = await deps.find(id)
  if (row?.state !== 'pending') return false
  const call = await query
    .selectFrom('calls')
    .select([...OF_TRANSCRIPT, 'erased_at'])
    .where('call_id', '=', row.call_id)
    .executeTakeFirst()
  const now = clock.now()
  const isErased = call !== undefined && call.erased_at !== null
  const columns = isErased ? { state: 'erased' as const } : columnsOf(settled)
  const others = (await deps.ofCall(row.call_id)).filter((one) => one.conversation_id !== id)
  const all = [...others, { ...row, ...columns }]
  const writes: Compilable[] = [
    query
      .updateTable('conversations')
      .set({ ...columns, fetched_at: now, updated_at: now })
      .where('conversation_id', '=', id)
      .where('state', '=', 'pending'),
  ]
  if (all.every(({ state }) => state !== 'pending'))
    writes.push(query.updateTable('calls').set(chargeOf(all)).where('call_id', '=', row.call_id))
  const isNews = settled.state !== 'missing' && !isErased
  if (isNews)
    writes.push(
      feed.appended('conversation.ready', now, row.call_id as CallId, newsOf(settled.told)),
    )
  const spoken = call && !isErased && isSpokenElsewhere(call) ? turnsOf(settled, call) : []
  if (spoken.length > 0)
    writes.push(
      ...turnWrites(query, row.call_id, spoken),
      query.updateTable('calls').set({ has_transcript: 1 }).where('call_id', '=', row.call_id),
      feed.appended('transcript.ready', now, row.call_id as CallId, {}),
    )
  await database.write(writes)
  if (isNews) feed.announce()
  return true
}

const OF_TRANSCRIPT = [
  'provider',
  'has_transcript',
  'transcript_deleted_at',
  'answered_at',
  'created_at',
] as const
type OfTranscript = Pick<CallRow, (typeof OF_TRANSCRIPT)[number]>

/** Its talk did not come by us: what the vendor tells is all there is of it. What we have, or had, stays as it is. */
const isSpokenElsewhere = (call: OfTranscript): boolean =>
  call.provider === 'voximplant' && call.has_transcript === 0 && call.transcript_deleted_at === null

function turnsOf(settled: Settled, call: OfTranscript): readonly Turn[] {
  if (settled.state === 'missing') return []
  const { transcript, startedAt } = settled.told
  return turnsOfVendor(transcript, startedAt ?? call.answered_at ?? call.created_at)
}

function columnsOf(settled: Settled): Partial<ConversationRow> & Pick<ConversationRow, 'state'> {
  if (settled.state === 'missing') return { state: 'missing' }
  const { told } = settled
  return {
    state: settled.state,
    vendor_status: told.status,
    agent_id: told.agentId,
    started_at: told.startedAt,
    duration_seconds: told.durationSeconds,
    cost_credits: told.costCredits,
    cost_usd: told.costUsd,
    termination_reason: told.terminationReason,
    successful: told.successful,
    summary: told.summary,
    analysis: told.analysis === null ? null : JSON.stringify(told.analysis),
    transcript: JSON.stringify(told.transcript),
    charging: told.charging === null ? null : JSON.stringify(told.charging),
  }
}

/** Without personal data: no words of the talk. */
const newsOf = (told: VendorConversation) => ({
  conversation_id: told.conversationId,
  vendor: 'elevenlabs',
  vendor_status: told.status,
  duration_seconds: told.durationSeconds,
  cost_credits: told.costCredits,
  cost_usd: told.costUsd,
  successful: told.successful,
})

/** Of all conversations of a call together; what the vendor does not know it does not charge. */
const chargeOf = (rows: readonly ConversationRow[]) => ({
  vendor_credits: sumOf(rows.map((row) => row.cost_credits)),
  vendor_usd: sumOf(rows.map((row) => row.cost_usd)),
})

function sumOf(amounts: readonly (number | null)[]): number | null {
  const known = amounts.filter((amount) => amount !== null)
  return known.length === 0 ? null : known.reduce((sum, amount) => sum + amount, 0)
}
