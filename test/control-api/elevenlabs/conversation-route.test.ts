// GET /api/calls/{id}/conversation while the vendor's answer is being written.
import fastify from 'fastify'
import t from 'tap'
import { newCallRow } from '../../../control-api/calls/call-row.ts'
import type { CallRepository } from '../../../control-api/calls/repository.ts'
import type {
  ConversationRow,
  ConversationStore,
} from '../../../control-api/elevenlabs/conversation-store.ts'
import { problemSchema } from '../../../control-api/plugins/problem-details.ts'
import { conversationRoutes } from '../../../control-api/routes/conversations/conversation-routes.ts'
import { epochMs, newCallId, type MediaStore } from '../../../core/contracts/index.ts'

const callId = newCallId()
const CONVERSATION: Omit<ConversationRow, 'state'> = {
  ...{ conversation_id: 'conv_1', call_id: callId, vendor: 'elevenlabs', agent_id: null },
  ...{ vendor_status: null, started_at: null, duration_seconds: null, termination_reason: null },
  ...{ cost_credits: null, cost_usd: null, charging: null, successful: null, summary: null },
  ...{ analysis: null, transcript: null, fetched_at: null, updated_at: 0 },
  ...{ audio_key: null, audio_bytes: null, audio_sha256: null },
}

t.test('a conversation that is shown as fetched has its charge in our cost', async (t) => {
  const identity = { callId, direction: 'inbound', from: null, to: '+4930555100' } as const
  const begun = { trunk: 'exolve', createdAt: epochMs(0), metadata: {} }
  const ended = { ...newCallRow({ ...identity, ...begun }, 0.08), status: 'ended' as const }
  let isSettled = false
  // Its charge is written between the two reads, whichever comes first.
  const settling = <T>(read: () => T): Promise<T> => {
    const value = read()
    isSettled = true
    return Promise.resolve(value)
  }
  const calls = {
    find: () => settling(() => ({ ...ended, vendor_usd: isSettled ? 1 : null })),
  } as unknown as CallRepository
  const store = {
    ofCall: () => settling(() => [{ ...CONVERSATION, state: isSettled ? 'done' : 'pending' }]),
  } as unknown as ConversationStore
  const app = fastify()
  t.teardown(() => app.close())
  app.addSchema(problemSchema)
  conversationRoutes(app, { calls, store, mediaStore: {} as MediaStore })
  const { statusCode, body } = await app.inject(`/api/calls/${callId}/conversation`)
  const shown = JSON.parse(body) as {
    readonly ours: { readonly cost: { readonly amount_minor: number } }
    readonly items: readonly { readonly state: string }[]
  }
  t.equal(statusCode, 200)
  const isDone = shown.items[0]?.state === 'done'
  t.ok(!isDone || shown.ours.cost.amount_minor === 100, 'not one without the other', shown)
})
