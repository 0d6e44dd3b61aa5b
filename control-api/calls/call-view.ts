// The record of a call as REST shows it: schema and rendering side by side, so that neither drifts.
import { Type, type Static, type TSchema } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339, TERMINATION_REASONS, TERMINATION_RESULTS } from '#core/contracts'
import type { CallRow } from '../db/schema.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const words = <const T extends readonly string[]>(values: T) =>
  Type.Enum(values as readonly string[]) as unknown as Type.TEnum<[...T]>
const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time', description: 'RFC 3339 UTC with milliseconds' })

export const directionSchema = words(['inbound', 'outbound'])
export const statusSchema = words([
  'queued',
  'dialing',
  'ringing',
  'early_media',
  'answered',
  'ended',
])
export const outcomeSchema = words([
  'answered',
  'no-answer',
  'busy',
  'canceled',
  'declined',
  'machine',
  'failed',
])

export const reviewStatusSchema = words(['processing', 'processed', 'completed', 'problem'])

const terminationSchema = Type.Object(
  {
    result: words(TERMINATION_RESULTS),
    reason: words(TERMINATION_REASONS),
    by: words(['caller', 'callee', 'agent', 'api', 'gateway', 'carrier']),
    sip_status: nullable(Type.Integer()),
  },
  strict,
)

const agentSchema = Type.Object(
  {
    agent_id: nullable(Type.String()),
    conversation_id: nullable(Type.String()),
    opened_at: nullable(time),
    closed_at: nullable(time),
    close_reason: nullable(
      words([
        'call-ended',
        'no-ack',
        'agent-ended',
        'refused',
        'dropped',
        'silent',
        'transferred',
        'worker-lost',
        'gateway-crashed',
      ]),
    ),
    sessions: Type.Integer(),
    open_ms_after_answer: nullable(Type.Number()),
  },
  strict,
)

const costSchema = Type.Object(
  {
    amount_minor: Type.Integer({ description: 'Whole cents; the parts are exact' }),
    currency: Type.Literal('USD'),
    parts: Type.Array(
      Type.Object(
        {
          kind: Type.Literal('agent'),
          seconds: Type.Number(),
          price_per_minute: Type.Number({ description: 'US dollars' }),
          amount_minor: Type.Number(),
        },
        strict,
      ),
    ),
  },
  strict,
)

export const callSchema = Type.Object(
  {
    call_id: Type.String(),
    provider: Type.String(),
    direction: directionSchema,
    from: nullable(Type.String()),
    to: Type.String(),
    trunk: Type.String(),
    application_id: nullable(Type.String()),
    status: statusSchema,
    outcome: nullable(outcomeSchema),
    review_status: nullable(reviewStatusSchema),
    termination: nullable(terminationSchema),
    created_at: time,
    invited_at: nullable(time),
    ringing_at: nullable(time),
    answered_at: nullable(time),
    ended_at: nullable(time),
    duration_seconds: nullable(
      Type.Number({ description: '200 OK to the end; 0 when never answered, null while live' }),
    ),
    agent: agentSchema,
    machine: Type.Null(),
    consent: Type.Null(),
    cost: nullable(costSchema),
    language: nullable(Type.String()),
    has_recording: Type.Boolean(),
    has_transcript: Type.Boolean(),
    metadata: Type.Record(Type.String(), Type.Unknown()),
  },
  strict,
)

export type CallView = Static<typeof callSchema>

export function viewCall(row: CallRow): CallView {
  return {
    call_id: row.call_id,
    provider: row.provider,
    direction: row.direction,
    from: row.from_number,
    to: row.to_number,
    trunk: row.trunk,
    application_id: row.application_id,
    status: row.status,
    outcome: row.outcome,
    review_status: row.review_status,
    termination: viewTermination(row),
    created_at: rfc3339(epochMs(row.created_at)),
    invited_at: viewTime(row.invited_at),
    ringing_at: viewTime(row.ringing_at),
    answered_at: viewTime(row.answered_at),
    ended_at: viewTime(row.ended_at),
    duration_seconds: viewDuration(row),
    agent: viewAgent(row),
    machine: null,
    consent: null,
    cost: viewCost(row),
    language: row.language,
    has_recording: row.recording_state === 'stored',
    has_transcript: row.has_transcript === 1,
    metadata: JSON.parse(row.metadata) as Record<string, unknown>,
  }
}

export const viewTime = (at: number | null): string | null =>
  at === null ? null : rfc3339(epochMs(at))

function viewTermination(row: CallRow): CallView['termination'] {
  const { termination_result: result, termination_reason: reason, termination_by: by } = row
  if (result === null || reason === null || by === null) return null
  return { result, reason, by, sip_status: row.termination_sip_status }
}

function viewDuration(row: CallRow): number | null {
  if (row.ended_at === null) return null
  if (row.answered_at === null) return 0
  return roundTo3(Math.max(0, row.ended_at - row.answered_at) / 1000)
}

const viewAgent = (row: CallRow): CallView['agent'] => ({
  agent_id: row.agent_id,
  conversation_id: row.conversation_id,
  opened_at: viewTime(row.agent_opened_at),
  closed_at: viewTime(row.agent_closed_at),
  close_reason: row.agent_close_reason,
  sessions: row.agent_sessions,
  open_ms_after_answer: row.open_ms_after_answer,
})

/** Known when the call has ended; a call that opened no agent cost nothing. */
function viewCost(row: CallRow): CallView['cost'] {
  if (row.status !== 'ended') return null
  const seconds = roundTo3(row.agent_seconds)
  if (seconds === 0) return { amount_minor: 0, currency: 'USD', parts: [] }
  const price = row.agent_price_per_minute
  const exact = roundTo3((seconds / 60) * price * 100)
  return {
    amount_minor: Math.round(exact),
    currency: 'USD',
    parts: [{ kind: 'agent', seconds, price_per_minute: price, amount_minor: exact }],
  }
}

const roundTo3 = (value: number): number => Math.round(value * 1000) / 1000
