// The tables, typed. Portable column types only (text, integer, double precision, bigint); times are epoch
// milliseconds, yes and no are 1 and 0.
import type { Selectable } from 'kysely'
import type {
  AgentCloseReason,
  CallDirection,
  CallOutcome,
  CallStatus,
  EndedBy,
  ReviewStatus,
  TerminationReason,
  TerminationResult,
} from '#core/contracts'
import type { HeardExtent, TurnRole } from '../calls/transcript/turn.ts'

/** `deleted`: it was kept, and erased since. */
export type RecordingState = 'recording' | 'stored' | 'failed' | 'deleted'

/** One row a call, folded from its events. */
export interface CallsTable {
  call_id: string
  /** Its place in every list: `created_at` in microseconds, later by some when another call has that one already. */
  position: number
  provider: string
  direction: CallDirection
  from_number: string | null
  to_number: string
  /** The digits of both from the last to the first, so that the end of a number is looked up by index; null of a name. */
  from_reversed: string | null
  to_reversed: string | null
  trunk: string
  application_id: string | null
  status: CallStatus
  outcome: CallOutcome | null
  review_status: ReviewStatus | null
  termination_result: TerminationResult | null
  termination_reason: TerminationReason | null
  termination_by: EndedBy | null
  termination_sip_status: number | null
  created_at: number
  invited_at: number | null
  ringing_at: number | null
  answered_at: number | null
  ended_at: number | null
  agent_id: string | null
  conversation_id: string | null
  agent_opened_at: number | null
  agent_closed_at: number | null
  /** `gateway-crashed`: found open by the next start; when it really closed is not known. */
  agent_close_reason: AgentCloseReason | 'gateway-crashed' | null
  agent_sessions: number
  agent_seconds: number
  /** US dollars, as configured when the call began, so that a new price does not rewrite history. */
  agent_price_per_minute: number
  open_ms_after_answer: number | null
  language: string | null
  /** Null: nothing was recorded. */
  recording_state: RecordingState | null
  /** Its name in the media store; this and the rest only once it is stored. */
  recording_key: string | null
  recording_bytes: number | null
  /** Lower-case hexadecimal. */
  recording_sha256: string | null
  recording_duration_ms: number | null
  /** Somebody said something: the agent's ears heard words, or words of the agent or of ours were sent. */
  has_transcript: number
  /** JSON object. */
  metadata: string
}

/** The transcript of an ended call: calls/turn.ts says what each column means. */
export interface CallTurnsTable {
  call_id: string
  /** From 0, in the order in which they began. */
  seq: number
  role: TurnRole
  at: number
  ended_at: number | null
  text: string | null
  tentative: number
  interrupted: number
  heard: HeardExtent | null
  heard_text: string | null
  heard_text_by: 'audio' | 'agent' | null
  heard_ms: number | null
  spoken_ms: number | null
  prompt_id: string | null
}

/** What the words of a transcript are found by (calls/word-search.ts). */
export interface CallWordsTable {
  /** `calls.position`. */
  rowid: number
  words: string
}

/** Made once, by the first start that needs it. */
export interface SigningKeysTable {
  name: string
  /** 256 random bits in hex. */
  secret: string
  created_at: number
}

/** Everything that happened, in order: the timeline and the ledger. */
export interface CallEventsTable {
  call_id: string
  /** From 0, without gaps. */
  seq: number
  at: number
  type: string
  /** JSON object, camelCase as in core. */
  data: string
}

export interface ApiKeysTable {
  id: string
  role: 'administrator'
  /** SHA-256 in hex. The key is 256 random bits, so a slow hash would add nothing. */
  secret_hash: string
  created_at: number
  revoked_at: number | null
}

export interface IdempotencyTable {
  key: string
  /** SHA-256 of the canonical request. */
  body_hash: string
  state: 'running' | 'done'
  status: number | null
  response: string | null
  created_at: number
}

export interface DatabaseSchema {
  calls: CallsTable
  call_events: CallEventsTable
  call_turns: CallTurnsTable
  call_words: CallWordsTable
  api_keys: ApiKeysTable
  idempotency: IdempotencyTable
  signing_keys: SigningKeysTable
}

export type CallRow = Selectable<CallsTable>
/** Columns of a call that change; none is ever set to undefined. */
export type CallUpdate = { [C in keyof CallsTable]?: CallsTable[C] }
export type CallTurnRow = Selectable<CallTurnsTable>
export type CallEventRow = Selectable<CallEventsTable>
