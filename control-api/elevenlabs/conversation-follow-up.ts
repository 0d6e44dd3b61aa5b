// What follows of a call's conversations, written with the events that tell of them: that there is one, and at the end
// of the call the job that asks the vendor what became of it. A second attempt makes a second conversation.
import type { Consequence } from '../calls/consequences.ts'
import type { Database } from '../db/database.ts'
import { isVendorId } from './decode-conversation.ts'

export const conversationFollowUp =
  (query: Database['query']): Consequence =>
  ({ row, event }, jobs) => {
    const ask = () => {
      const { call_id: callId } = row
      const job = { kind: 'conversation.sync', data: { call_id: callId } } as const
      return jobs.enqueued({ ...job, dedupeKey: `conversation.sync ${callId}` })
    }
    if (event?.type === 'call.ended') return row.conversation_id === null ? [] : [ask()]
    if (event?.type !== 'agent.metadata' || !isVendorId(event.data.conversationId)) return []
    const begun = query
      .insertInto('conversations')
      .values({
        conversation_id: event.data.conversationId,
        call_id: row.call_id,
        vendor: 'elevenlabs',
        agent_id: row.agent_id,
        state: 'pending',
        updated_at: event.at,
      })
      .onConflict((conflict) => conflict.doNothing())
    // Told behind the end of the call: nobody asks otherwise.
    return row.status === 'ended' ? [begun, ask()] : [begun]
  }
