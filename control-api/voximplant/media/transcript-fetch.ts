// The transcript of one call, asked for by hand or with others that are missing: from the agent's vendor, by the key of the
// call's application.
import type { Clock } from '#core/time'
import type { CallRepository } from '../../calls/repository.ts'
import type { Database } from '../../db/database.ts'
import type { CallRow } from '../../db/schema.ts'
import type { AgentVendor } from '../../elevenlabs/agent-vendor.ts'
import type { AgentVendors } from '../../elevenlabs/agent-vendors.ts'
import type { ConversationRow, ConversationStore } from '../../elevenlabs/conversation-store.ts'
import { isOver } from '../../elevenlabs/decode-conversation.ts'
import { newConversation } from '../sync/session-statements.ts'
import { fetched, type Fetched } from './fetched.ts'

export interface TranscriptFetchDeps {
  readonly database: Pick<Database, 'write' | 'query'>
  readonly calls: Pick<CallRepository, 'find'>
  readonly conversations: ConversationStore
  readonly agentVendors: Pick<AgentVendors, 'of'>
  readonly clock: Pick<Clock, 'now'>
}

/** The vendor knows a conversation at its end, and sometimes a while later. */
const MISSING_AFTER_MS = 600_000

const NO_KEY =
  'There is no key of ElevenLabs to ask with: neither of the application nor of the node.'

export async function fetchTranscript(
  deps: TranscriptFetchDeps,
  call: CallRow,
  signal?: AbortSignal,
): Promise<Fetched> {
  if (call.has_transcript === 1) return fetched('held')
  if (call.erased_at !== null || call.transcript_deleted_at !== null)
    return fetched('none', 'It was deleted.')
  const rows = await conversationsOf(deps, call)
  if (rows.length === 0) return fetched('none', 'Nobody has told of a conversation on this call.')
  const vendor = await deps.agentVendors.of(call)
  if (vendor === undefined) return fetched('failed', NO_KEY)
  let last = fetched('none', 'Nobody said anything.')
  for (const row of rows) last = await settleOne(deps, { vendor, row, call, signal })
  const now = await deps.calls.find(call.call_id as Parameters<CallRepository['find']>[0])
  return now?.has_transcript === 1 ? fetched('stored') : last
}

/** Also of a call that was too old to be asked about by itself. */
async function conversationsOf(
  { database, conversations, clock }: TranscriptFetchDeps,
  call: CallRow,
): Promise<readonly ConversationRow[]> {
  const rows = await conversations.ofCall(call.call_id)
  const { conversation_id: id } = call
  if (rows.length > 0 || id === null) return rows
  await database.write([
    database.query
      .insertInto('conversations')
      .values(newConversation(id, call, clock.now()))
      .onConflict((on) => on.doNothing()),
  ])
  return conversations.ofCall(call.call_id)
}

interface Asked {
  readonly vendor: AgentVendor
  readonly row: ConversationRow
  readonly call: CallRow
  readonly signal: AbortSignal | undefined
}

async function settleOne(
  { conversations, clock }: TranscriptFetchDeps,
  { vendor, row, call, signal }: Asked,
): Promise<Fetched> {
  const { conversation_id: id } = row
  if (row.state === 'missing') return fetched('none', 'ElevenLabs knows no such conversation.')
  if (row.state !== 'pending') return fetched('none', 'Nobody said anything.')
  const answer = await vendor.conversation(id, signal)
  switch (answer.kind) {
    case 'ok':
      if (!isOver(answer.value)) return fetched('not-yet', 'ElevenLabs is not done with it.')
      await conversations.settle(id, {
        state: answer.value.status === 'done' ? 'done' : 'failed',
        told: answer.value,
      })
      return fetched('none', 'Nobody said anything.')
    case 'unknown':
      if (clock.now() - (call.ended_at ?? clock.now()) < MISSING_AFTER_MS)
        return fetched('not-yet', 'ElevenLabs does not know the conversation yet.')
      await conversations.settle(id, { state: 'missing' })
      return fetched('none', 'ElevenLabs knows no such conversation.')
    case 'refused':
    case 'failed':
      return fetched('failed', `ElevenLabs: ${answer.why}.`)
    default:
      return answer satisfies never
  }
}
