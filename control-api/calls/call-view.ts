// The record of a call as REST shows it: schema and rendering side by side, so that neither drifts.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339, TERMINATION_REASONS, TERMINATION_RESULTS } from '#core/contracts'
import type { CallRow } from '../db/schema.ts'
import { nullable, roundTo3, viewTime, words } from '../view-parts.ts'

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

const machineSchema = Type.Object(
  { verdict: Type.String({ description: 'Who picked up: a person or a machine' }), at: time },
  strict,
)

const consentSchema = Type.Object(
  {
    given: Type.Boolean({ description: 'False: it was refused' }),
    at: time,
    prompt_version: nullable(Type.String({ description: 'Of the words that asked for it' })),
    language: nullable(Type.String()),
  },
  strict,
)

const costSchema = Type.Object(
  {
    amount_minor: Type.Integer({
      description:
        'Whole cents: what the vendor charges once it has told, until then what we count; the parts are exact',
    }),
    currency: Type.Literal('USD'),
    parts: Type.Array(
      Type.Union([
        Type.Object(
          {
            kind: Type.Literal('agent', { description: 'Counted by us: seconds by price' }),
            seconds: Type.Number(),
            price_per_minute: Type.Number({ description: 'US dollars' }),
            amount_minor: Type.Number(),
          },
          strict,
        ),
        Type.Object(
          {
            kind: Type.Literal('vendor', {
              description: 'The same talk as its vendor charges it: beside ours, not on top of it',
            }),
            credits: nullable(Type.Number()),
            usd: nullable(Type.Number()),
            amount_minor: nullable(Type.Number()),
          },
          strict,
        ),
        Type.Object(
          {
            kind: Type.Literal('telephony', {
              description:
                'What the telephony vendor charges, in its own currency: not in the amount of the whole',
            }),
            currency: Type.String({ description: 'ISO 4217, as the vendor writes it' }),
            amount_minor: Type.Number(),
          },
          strict,
        ),
      ]),
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
    machine: nullable(machineSchema),
    consent: nullable(consentSchema),
    cost: nullable(costSchema),
    language: nullable(Type.String()),
    attempt: Type.Integer({ description: 'From 1; more when it tries an earlier call again' }),
    retry_of: nullable(Type.String({ description: 'The first call of the attempts' })),
    next_attempt_at: nullable(time),
    placed_by: nullable(
      Type.String({ description: 'The id of the key that placed it; null: it came in' }),
    ),
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
    machine: viewMachine(row),
    consent: viewConsent(row),
    cost: viewCost(row),
    language: row.language,
    attempt: row.attempt,
    retry_of: row.retry_of,
    next_attempt_at: viewTime(row.next_attempt_at),
    placed_by: row.key_id,
    has_recording: row.recording_state === 'stored',
    has_transcript: row.has_transcript === 1,
    metadata: JSON.parse(row.metadata) as Record<string, unknown>,
  }
}

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

function viewMachine(row: CallRow): CallView['machine'] {
  const { machine_verdict: verdict, machine_at: at } = row
  return verdict === null || at === null ? null : { verdict, at: rfc3339(epochMs(at)) }
}

function viewConsent(row: CallRow): CallView['consent'] {
  const { consent_given: given, consent_at: at } = row
  if (given === null || at === null) return null
  return {
    given: given === 1,
    at: rfc3339(epochMs(at)),
    prompt_version: row.consent_prompt_version,
    language: row.consent_language,
  }
}

/** Known when the call has ended; a call that opened no agent cost nothing. */
function viewCost(row: CallRow): CallView['cost'] {
  if (row.status !== 'ended') return null
  const seconds = roundTo3(row.agent_seconds)
  const { vendor_credits: credits, vendor_usd: usd, agent_price_per_minute: price } = row
  const exact = roundTo3((seconds / 60) * price * 100)
  const charged = usd === null ? null : roundTo3(usd * 100)
  const ours = { kind: 'agent', seconds, price_per_minute: price, amount_minor: exact } as const
  const vendors = { kind: 'vendor', credits, usd, amount_minor: charged } as const
  return {
    amount_minor: Math.round(charged ?? exact),
    currency: 'USD',
    parts: [
      ...(seconds === 0 ? [] : [ours]),
      ...(credits === null && usd === null ? [] : [vendors]),
      ...telephonyPart(row),
    ],
  }
}

const telephonyPart = ({ telephony_cost: cost, telephony_currency: currency }: CallRow) =>
  cost === null || currency === null
    ? []
    : [{ kind: 'telephony', currency, amount_minor: roundTo3(cost * 100) } as const]
