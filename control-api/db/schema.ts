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
import type { Role } from '../http-server.ts'
import type { HeardExtent, TurnRole } from '../calls/transcript/turn.ts'
import type {
  ConsentsTable,
  FlowCallsTable,
  FlowStepsTable,
  OrderHistoryTable,
  OrdersTable,
} from './order-tables.ts'
import type {
  AnimationMessagesTable,
  AnimationsTable,
  AnimationStepsTable,
  AnimationWebhooksTable,
  MediaItemsTable,
} from './media-tables.ts'
import type { ProviderCallsTable } from './provider-call-table.ts'
import type {
  VoximplantAccountsTable,
  VoximplantApplicationsTable,
  VoximplantCallsTable,
  VoximplantSyncsTable,
} from './voximplant-tables.ts'

export type * from './order-tables.ts'
export type * from './provider-call-table.ts'
export type * from './media-tables.ts'
export type * from './voximplant-tables.ts'

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
  agent_close_reason: AgentCloseReason | null
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
  /** From 1; more for a call that tries an earlier one again. */
  attempt: number
  /** The first call of the attempts, of a later one. */
  retry_of: string | null
  /** JSON of dialling/retry-policy.ts; null: it is never tried again. */
  retry_policy: string | null
  /** When it is tried again; null when it is not, or was. */
  next_attempt_at: number | null
  /** Whose key placed it. */
  key_id: string | null
  consent_given: number | null
  consent_at: number | null
  consent_prompt_version: string | null
  consent_language: string | null
  machine_verdict: string | null
  machine_at: number | null
  /** What the vendor charges for all conversations of the call; null until it has told, and where it does not. */
  vendor_credits: number | null
  vendor_usd: number | null
  /** What the telephony vendor charges, in its own currency; null until it has told, and where it does not. */
  telephony_cost: number | null
  /** ISO 4217, as the vendor writes it. */
  telephony_currency: string | null
  /** Since then there is no transcript any more, though there was one: its time was over, or somebody erased it. */
  transcript_deleted_at: number | null
  /** The same of the timeline. */
  events_deleted_at: number | null
  /** Since then the row has no numbers and no metadata. */
  erased_at: number | null
}

/** What was asked for, of calls that may have to be dialled again; deleted when that is over. */
export interface CallRequestsTable {
  /** Of the first attempt. */
  call_id: string
  /** JSON of dialling/call-requests.ts, the callee's number in it. */
  request: string
  created_at: number
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
  role: Role
  /** What it is for, in its maker's words. */
  name: string | null
  /** SHA-256 in hex. The secret is 256 random bits, so a slow hash would add nothing. */
  secret_hash: string
  /** JSON of the dial budget; null: the limits of the whole node alone. */
  budget: string | null
  created_at: number
  last_used_at: number | null
  expires_at: number | null
  revoked_at: number | null
}

export interface SessionsTable {
  /** SHA-256 in hex of what the cookie says. */
  id_hash: string
  key_id: string
  created_at: number
  expires_at: number
  last_seen_at: number
}

/** Every change, and who made it. */
export interface AuditLogTable {
  /** Microseconds since 1970, made unique: its place in the list. */
  position: number
  at: number
  key_id: string
  action: string
  target: string | null
  /** JSON object; no secret and no number stands in it. */
  detail: string
}

export interface DialUsageTable {
  key_id: string
  /** UTC, `2026-11-21`. */
  day: string
  calls: number
}

/** `parked`: given up until somebody retries it. Done jobs are deleted. */
export type JobState = 'waiting' | 'running' | 'parked'

export interface JobsTable {
  job_id: string
  kind: string
  /** JSON object: ids, no personal data. */
  data: string
  /** One job with it at a time. */
  dedupe_key: string | null
  state: JobState
  run_at: number
  /** Runs begun. */
  attempts: number
  lease_token: string | null
  lease_until: number | null
  last_error: string | null
  created_at: number
  updated_at: number
}

/** What others are told of, in the order it was committed: webhooks and live events are made of it. */
export interface FeedTable {
  /** Microseconds since 1970, made unique and growing: the event's id. */
  position: number
  at: number
  type: string
  call_id: string | null
  /** JSON object, snake_case, without personal data: whoever delivers it adds the call as it stands. */
  data: string
}

export interface WebhookEndpointsTable {
  endpoint_id: string
  url: string
  /** JSON array of event types; `*` for all. */
  types: string
  description: string | null
  /** Encrypted (secrets/vault.ts). */
  secret: string
  /** Still signed with until `former_until`, after a rotation. Encrypted. */
  former_secret: string | null
  former_until: number | null
  /** `disabled` by hand, `failing` by us after too many failures. */
  state: 'enabled' | 'disabled' | 'failing'
  /** In a row. */
  failures: number
  /** Of these the first. */
  failed_since: number | null
  /** Up to here of the feed deliveries were made. */
  feed_position: number
  created_at: number
  updated_at: number
}

export interface WebhookDeliveriesTable {
  delivery_id: string
  endpoint_id: string
  feed_position: number
  type: string
  call_id: string | null
  state: 'waiting' | 'delivered' | 'dead'
  attempts: number
  next_at: number
  /** An attempt that fails later than this was the last. */
  give_up_at: number
  last_status: number | null
  last_error: string | null
  created_at: number
  delivered_at: number | null
}

/** What the agent's vendor says of a conversation. */
export interface ConversationsTable {
  conversation_id: string
  call_id: string
  vendor: string
  agent_id: string | null
  /** `pending`: the vendor is not done with it. `missing`: it knows none. */
  state: 'pending' | 'done' | 'failed' | 'missing' | 'erased'
  vendor_status: string | null
  started_at: number | null
  duration_seconds: number | null
  cost_credits: number | null
  cost_usd: number | null
  termination_reason: string | null
  successful: string | null
  summary: string | null
  /** JSON as the vendor sent it. */
  analysis: string | null
  /** JSON array as the vendor sent it. */
  transcript: string | null
  /** JSON object as the vendor sent it: what its charge is made of. */
  charging: string | null
  audio_key: string | null
  audio_bytes: number | null
  audio_sha256: string | null
  fetched_at: number | null
  updated_at: number
}

export interface ErasuresTable {
  erasure_id: string
  /** HMAC of the number. */
  number_hash: string
  /** Until it is done. */
  number: string | null
  key_id: string
  state: 'waiting' | 'running' | 'done' | 'incomplete'
  /** JSON. */
  receipt: string | null
  created_at: number
  finished_at: number | null
}

export interface IdempotencyTable {
  key: string
  /** SHA-256 of the canonical request. */
  body_hash: string
  state: 'running' | 'done'
  status: number | null
  response: string | null
  /** Of the call that the request places, decided before it is placed, or that it is about; null of all others. */
  call_id: string | null
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
  call_requests: CallRequestsTable
  sessions: SessionsTable
  audit_log: AuditLogTable
  dial_usage: DialUsageTable
  jobs: JobsTable
  feed: FeedTable
  webhook_endpoints: WebhookEndpointsTable
  webhook_deliveries: WebhookDeliveriesTable
  conversations: ConversationsTable
  erasures: ErasuresTable
  flow_calls: FlowCallsTable
  flow_steps: FlowStepsTable
  consents: ConsentsTable
  orders: OrdersTable
  order_history: OrderHistoryTable
  provider_calls: ProviderCallsTable
  voximplant_accounts: VoximplantAccountsTable
  voximplant_applications: VoximplantApplicationsTable
  voximplant_calls: VoximplantCallsTable
  voximplant_syncs: VoximplantSyncsTable
  media_items: MediaItemsTable
  animations: AnimationsTable
  animation_steps: AnimationStepsTable
  animation_messages: AnimationMessagesTable
  animation_webhooks: AnimationWebhooksTable
}

export type CallRow = Selectable<CallsTable>
/** Columns of a call that change; none is ever set to undefined. */
export type CallUpdate = { [C in keyof CallsTable]?: CallsTable[C] }
export type CallTurnRow = Selectable<CallTurnsTable>
export type CallEventRow = Selectable<CallEventsTable>
