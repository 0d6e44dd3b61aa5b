// The columns that a call of the history has: all others are null of it, and fewer parameters are written faster.

export const CALL_COLUMNS = [
  'call_id',
  'position',
  'provider',
  'direction',
  'from_number',
  'from_reversed',
  'to_number',
  'to_reversed',
  'trunk',
  'application_id',
  'status',
  'outcome',
  'termination_result',
  'termination_reason',
  'termination_by',
  'termination_sip_status',
  'created_at',
  'invited_at',
  'answered_at',
  'ended_at',
  'agent_id',
  'conversation_id',
  'agent_sessions',
  'agent_seconds',
  'agent_price_per_minute',
  'has_transcript',
  'metadata',
  'attempt',
  'telephony_cost',
  'telephony_currency',
] as const

export const VENDOR_CALL_COLUMNS = [
  'call_id',
  'vendor_account_id',
  'application_id',
  'session_id',
  'state',
  'recording_url',
  'record_id',
  'history_hash',
  'is_pending',
  'created_at',
  'updated_at',
  'ended_at',
] as const

export const EVENT_COLUMNS = ['call_id', 'seq', 'at', 'type', 'data'] as const

export const CONVERSATION_COLUMNS = [
  'conversation_id',
  'call_id',
  'vendor',
  'agent_id',
  'state',
  'updated_at',
] as const
