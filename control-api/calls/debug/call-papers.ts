// What else the database knows of a call: who was told of it, what is still to be done, what the agent's vendor says.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339, type CallId } from '#core/contracts'
import { maskedText } from '#core/telemetry'
import type { Database } from '../../db/database.ts'
import type { ConversationsTable, JobsTable } from '../../db/schema.ts'
import { deliveriesOf } from '../../webhooks/deliveries.ts'
import { nullable, viewTime } from '../../view-parts.ts'

const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time' })

/** Of each kind: a call has some dozen. */
const MOST = 200

const deliverySchema = Type.Object(
  {
    delivery_id: Type.String(),
    endpoint_id: Type.String(),
    event_id: Type.String(),
    type: Type.String(),
    call_id: nullable(Type.String()),
    state: Type.Enum(['waiting', 'delivered', 'dead']),
    attempts: Type.Integer(),
    next_attempt_at: nullable(time),
    last_status: nullable(Type.Integer()),
    last_error: nullable(Type.String()),
    created_at: time,
    delivered_at: nullable(time),
  },
  strict,
)

const jobSchema = Type.Object(
  {
    job_id: Type.String(),
    kind: Type.String(),
    state: Type.Enum(['waiting', 'running', 'parked']),
    run_at: time,
    attempts: Type.Integer(),
    last_error: nullable(Type.String()),
    created_at: time,
    updated_at: time,
  },
  strict,
)

const conversationSchema = Type.Object(
  {
    conversation_id: Type.String(),
    vendor: Type.String(),
    agent_id: nullable(Type.String()),
    state: Type.String(),
    vendor_status: nullable(Type.String()),
    started_at: nullable(time),
    duration_seconds: nullable(Type.Number()),
    cost_credits: nullable(Type.Number()),
    cost_usd: nullable(Type.Number()),
    termination_reason: nullable(Type.String()),
    successful: nullable(Type.String()),
    has_transcript: Type.Boolean(),
    has_audio: Type.Boolean(),
    fetched_at: nullable(time),
    updated_at: time,
  },
  strict,
)

export const papersSchema = {
  webhook_deliveries: Type.Array(deliverySchema),
  jobs: Type.Array(jobSchema, { description: 'Done ones are not kept' }),
  conversations: Type.Array(conversationSchema, {
    description: 'As the vendor of the agent has them',
  }),
}

export interface CallPapers {
  readonly webhook_deliveries: Static<typeof deliverySchema>[]
  readonly jobs: Static<typeof jobSchema>[]
  readonly conversations: Static<typeof conversationSchema>[]
}

export async function readPapers(query: Database['query'], callId: CallId): Promise<CallPapers> {
  const [deliveries, jobs, conversations] = await Promise.all([
    deliveriesOf({ query }, callId, MOST),
    // Done jobs are deleted, so the table is short; the ids in their data are our own.
    query
      .selectFrom('jobs')
      .selectAll()
      .where('data', 'like', `%"${callId}"%`)
      .orderBy('created_at')
      .limit(MOST)
      .execute(),
    query
      .selectFrom('conversations')
      .selectAll()
      .where('call_id', '=', callId)
      .limit(MOST)
      .execute(),
  ])
  return {
    webhook_deliveries: deliveries.map((one) => ({ ...one, last_error: masked(one.last_error) })),
    jobs: jobs.map(viewJob),
    conversations: conversations.map(viewConversation),
  }
}

const written = (at: number): string => rfc3339(epochMs(at))
/** What a far end said: it may say anything. */
const masked = (text: string | null): string | null => (text === null ? null : maskedText(text))

const viewJob = (row: JobsTable): CallPapers['jobs'][number] => ({
  job_id: row.job_id,
  kind: row.kind,
  state: row.state,
  run_at: written(row.run_at),
  attempts: row.attempts,
  last_error: masked(row.last_error),
  created_at: written(row.created_at),
  updated_at: written(row.updated_at),
})

const viewConversation = (row: ConversationsTable): CallPapers['conversations'][number] => ({
  conversation_id: row.conversation_id,
  vendor: row.vendor,
  agent_id: row.agent_id,
  state: row.state,
  vendor_status: row.vendor_status,
  started_at: viewTime(row.started_at),
  duration_seconds: row.duration_seconds,
  cost_credits: row.cost_credits,
  cost_usd: row.cost_usd,
  termination_reason: row.termination_reason,
  successful: row.successful,
  has_transcript: row.transcript !== null,
  has_audio: row.audio_key !== null,
  fetched_at: viewTime(row.fetched_at),
  updated_at: written(row.updated_at),
})
