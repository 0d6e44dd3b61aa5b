// What is written of sessions: many new calls by few statements, each change of a known one by its own; and the jobs that
// fetch what was said and heard.
import type { Compilable } from 'kysely'
import { epochMs, type EpochMs } from '#core/contracts'
import type { Database } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import { audioJob, transcriptJob } from '../media/media-jobs.ts'
import { createBulkInsert } from './bulk-insert.ts'
import type { HistoryContext } from './history-writer.ts'
import {
  CALL_COLUMNS,
  CONVERSATION_COLUMNS,
  EVENT_COLUMNS,
  VENDOR_CALL_COLUMNS,
} from './insert-columns.ts'
import type { KnownCallChange } from './known-call-change.ts'
import type { SessionRows } from './session-rows.ts'

export interface SessionStatements {
  forgotten(callIds: readonly string[]): readonly Compilable[]
  inserted(sessions: readonly SessionRows[], context: HistoryContext): readonly Compilable[]
  changed(
    changes: readonly KnownCallChange[],
    context: HistoryContext,
    now: EpochMs,
  ): readonly Compilable[]
}

export function createSessionStatements(
  query: Database['query'],
  jobs: Pick<JobQueue, 'enqueued'>,
): SessionStatements {
  const calls = createBulkInsert(query, { table: 'calls', columns: CALL_COLUMNS })
  const vendorCalls = createBulkInsert(query, {
    table: 'voximplant_calls',
    columns: VENDOR_CALL_COLUMNS,
  })
  const events = createBulkInsert(query, { table: 'call_events', columns: EVENT_COLUMNS })
  const conversations = createBulkInsert(query, {
    table: 'conversations',
    columns: CONVERSATION_COLUMNS,
    orStays: true,
  })
  return {
    forgotten: (callIds) =>
      callIds.length === 0
        ? []
        : [query.deleteFrom('voximplant_calls').where('call_id', 'in', callIds)],
    inserted(sessions, context) {
      const told = sessions.map((rows) => ({ ...rows, ...fetchedOf(rows, context) }))
      return [
        ...calls.of(sessions.map(({ call }) => call)),
        ...vendorCalls.of(
          told.map(({ vendorCall, hasWords, hasAudio }) => ({
            ...vendorCall,
            is_pending: hasWords || hasAudio ? 1 : 0,
          })),
        ),
        ...events.of(sessions.flatMap(eventRows)),
        ...conversations.of(told.flatMap((rows) => (rows.hasWords ? conversationRow(rows) : []))),
        ...told.flatMap(({ call, hasWords, hasAudio }) => [
          ...(hasWords ? [jobs.enqueued(transcriptJob(call.call_id))] : []),
          ...(hasAudio ? [jobs.enqueued(audioJob(call.call_id))] : []),
        ]),
      ]
    },
    changed: (changes, context, now) =>
      changes.flatMap((change) => changeStatements({ query, jobs }, change, { context, now })),
  }
}

/** Whether there is something to fetch of a call that is new here. */
function fetchedOf({ call, vendorCall, conversationId }: SessionRows, context: HistoryContext) {
  const hasConversation = conversationId !== null
  const byAgent = hasConversation && !context.isConsentNeeded
  const hasAudio = byAgent || vendorCall.recording_url !== null
  return {
    hasWords: hasConversation && context.isKept('words', call.created_at),
    hasAudio: hasAudio && context.isAudioWanted && context.isKept('audio', call.created_at),
  }
}

const eventRows = ({ call, events }: SessionRows) =>
  events.map(({ at, type, data }, seq) => ({
    call_id: call.call_id,
    seq,
    at,
    type,
    data: JSON.stringify(data),
  }))

const conversationRow = ({ call, vendorCall, conversationId }: SessionRows) =>
  conversationId === null
    ? []
    : [newConversation(conversationId, call, epochMs(vendorCall.created_at))]

/** As agent.metadata begins it (elevenlabs/conversation-follow-up.ts). */
export const newConversation = (
  conversationId: string,
  call: { readonly call_id: string; readonly agent_id: string | null },
  now: EpochMs,
) => ({
  conversation_id: conversationId,
  call_id: call.call_id,
  vendor: 'elevenlabs',
  agent_id: call.agent_id,
  state: 'pending' as const,
  updated_at: now,
})

interface Changing {
  readonly context: HistoryContext
  readonly now: EpochMs
}

function changeStatements(
  { query, jobs }: { readonly query: Database['query']; readonly jobs: Pick<JobQueue, 'enqueued'> },
  change: KnownCallChange,
  { context, now }: Changing,
): readonly Compilable[] {
  const { callId, conversationId } = change
  const hasAudio = change.canHaveAudio && context.isAudioWanted
  const isPending = hasAudio || conversationId !== null
  const { elevenlabs_agent_id: agentId } = context.application
  return [
    query.updateTable('calls').set(change.call).where('call_id', '=', callId),
    query
      .updateTable('voximplant_calls')
      .set({ ...change.vendorCall, ...(isPending ? { is_pending: 1 } : {}), updated_at: now })
      .where('call_id', '=', callId),
    ...(conversationId === null
      ? []
      : [
          query
            .insertInto('conversations')
            .values(newConversation(conversationId, { call_id: callId, agent_id: agentId }, now))
            .onConflict((on) => on.doNothing()),
          jobs.enqueued(transcriptJob(callId)),
        ]),
    ...(hasAudio ? [jobs.enqueued(audioJob(callId))] : []),
  ]
}
