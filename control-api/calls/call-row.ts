// The row of a call nothing has happened on yet.
import type { CallIdentity } from '#core/contracts'
import type { CallRow } from '../db/schema.ts'
import { wantedPosition } from './call-position.ts'
import { boundText } from './event-bounds.ts'
import { reversedDigits } from './number-search.ts'

export interface AssignedAgent {
  readonly agentId: string
  /** ISO 639-1, when it was asked for. */
  readonly language?: string
}

export function newCallRow(call: CallIdentity, agentPricePerMinute: number): CallRow {
  return {
    call_id: call.callId,
    position: wantedPosition(call.createdAt),
    provider: call.provider ?? 'sip',
    direction: call.direction,
    ...callerColumns(call.from),
    to_number: boundText(call.to),
    to_reversed: reversedDigits(call.to),
    trunk: call.trunk,
    application_id: null,
    status: 'queued',
    outcome: null,
    review_status: null,
    termination_result: null,
    termination_reason: null,
    termination_by: null,
    termination_sip_status: null,
    created_at: call.createdAt,
    invited_at: null,
    ringing_at: null,
    answered_at: null,
    ended_at: null,
    agent_id: null,
    conversation_id: null,
    agent_opened_at: null,
    agent_closed_at: null,
    agent_close_reason: null,
    agent_sessions: 0,
    agent_seconds: 0,
    agent_price_per_minute: agentPricePerMinute,
    open_ms_after_answer: null,
    language: null,
    recording_state: null,
    recording_key: null,
    recording_bytes: null,
    recording_sha256: null,
    recording_duration_ms: null,
    has_transcript: 0,
    metadata: JSON.stringify(call.metadata),
    attempt: call.retry?.attempt ?? 1,
    retry_of: call.retry?.of ?? null,
    retry_policy: null,
    next_attempt_at: null,
    key_id: call.placedBy ?? null,
    consent_given: null,
    consent_at: null,
    consent_prompt_version: null,
    consent_language: null,
    machine_verdict: null,
    machine_at: null,
    vendor_credits: null,
    vendor_usd: null,
    telephony_cost: null,
    telephony_currency: null,
    transcript_deleted_at: null,
    events_deleted_at: null,
    erased_at: null,
  }
}

/** The columns that say who calls. */
export const callerColumns = (
  from: string | null,
): Pick<CallRow, 'from_number' | 'from_reversed'> => ({
  from_number: from === null ? null : boundText(from),
  from_reversed: from === null ? null : reversedDigits(from),
})

/** The columns that name the agent. */
export function agentColumns(
  agent: AssignedAgent,
): Pick<CallRow, 'agent_id'> | Pick<CallRow, 'agent_id' | 'language'> {
  return agent.language === undefined
    ? { agent_id: agent.agentId }
    : { agent_id: agent.agentId, language: agent.language }
}
