// What the vendor keeps of a conversation when it is over, and what it says of it meanwhile: status, transcript,
// analysis, charge (GET /v1/convai/conversations/{id}, read autumn 2026). Pure.
import type { EpochMs } from '#core/contracts'
import type { AgentSessionRecord, ConversationTurn } from './records.ts'

/** How the vendor treats a conversation after its end. */
export interface PostCall {
  /** From the end until it is done with it. Default 300. */
  readonly processingMs?: number
  /** Default `done`. */
  readonly outcome?: 'done' | 'failed'
  /** From the end on it knows no such conversation for this long; Infinity: it keeps none. Default 0. */
  readonly unknownMs?: number
  /** Answers of GET and DELETE of a conversation before they work, in order: an HTTP status each. */
  readonly failures?: readonly number[]
  /** Keeps the sound. Default true. */
  readonly audio?: boolean
  /** Default 800. */
  readonly creditsPerMinute?: number
  /** US dollars; null: it tells none, as of conversations from before it did. Default 0.1. */
  readonly usdPerMinute?: number | null
  /** What is sent of it, when the simulator knows where to. Default `once`. */
  readonly webhook?: 'none' | 'once' | 'twice' | 'late' | 'forged' | 'stale'
  /** The sound too, in a webhook of its own. Default false. */
  readonly audioWebhook?: boolean
}

export type CompletePostCall = Required<PostCall>

export const POST_CALL_DEFAULTS: CompletePostCall = {
  processingMs: 300,
  outcome: 'done',
  unknownMs: 0,
  failures: [],
  audio: true,
  creditsPerMinute: 800,
  usdPerMinute: 0.1,
  webhook: 'once',
  audioWebhook: false,
}

export type ConversationStatus = 'initiated' | 'in-progress' | 'processing' | 'done' | 'failed'

export function statusOf(
  session: AgentSessionRecord,
  { processingMs, outcome }: CompletePostCall,
  now: EpochMs,
): ConversationStatus {
  if (session.closedAt === null) return session.metadataAt === null ? 'initiated' : 'in-progress'
  return now < session.closedAt + processingMs ? 'processing' : outcome
}

export const isSettled = (status: ConversationStatus): boolean =>
  status === 'done' || status === 'failed'

export const secondsOf = ({ upgradeAt, closedAt }: AgentSessionRecord, now: EpochMs): number =>
  Math.round(((closedAt ?? now) - upgradeAt) / 1000)

const SUMMARY = 'The caller was greeted and asked a question, which the agent answered.'

export function describeConversation(
  session: AgentSessionRecord,
  postCall: CompletePostCall,
  now: EpochMs,
): Readonly<Record<string, unknown>> {
  const status = statusOf(session, postCall, now)
  const hasAudio = status === 'done' && postCall.audio
  return {
    agent_id: session.agentId,
    agent_name: session.agentId,
    conversation_id: session.conversationId,
    status,
    user_id: null,
    branch_id: null,
    version_id: null,
    environment: 'production',
    transcript: isSettled(status) ? session.turns.map((turn) => describeTurn(session, turn)) : [],
    metadata: describeMetadata(session, postCall, now),
    ...(status === 'done' ? { analysis: ANALYSIS } : {}),
    conversation_initiation_client_data: session.initiation ?? {},
    visited_agents: [],
    tag_ids: [],
    has_audio: hasAudio,
    has_user_audio: hasAudio,
    has_response_audio: hasAudio,
    has_auxiliary_audio: false,
  }
}

const ANALYSIS = {
  call_successful: 'success',
  call_success_score: 1,
  transcript_summary: SUMMARY,
  call_summary_title: 'A question, answered',
  evaluation_criteria_results: {},
  evaluation_criteria_results_list: [],
  data_collection_results: {},
  data_collection_results_list: [],
} as const

function describeTurn(session: AgentSessionRecord, turn: ConversationTurn): unknown {
  return {
    role: turn.role,
    message: turn.message,
    original_message: turn.originalMessage ?? null,
    multivoice_message: null,
    time_in_call_secs: Math.max(0, Math.round((turn.at - session.upgradeAt) / 1000)),
    interrupted: turn.originalMessage !== undefined,
    tool_calls: [],
    tool_results: [],
    feedback: null,
    llm_override: null,
    conversation_turn_metrics: null,
    rag_retrieval_info: null,
    llm_usage: null,
    source_medium: 'audio',
  }
}

function describeMetadata(
  session: AgentSessionRecord,
  postCall: CompletePostCall,
  now: EpochMs,
): unknown {
  const seconds = secondsOf(session, now)
  const isOver = isSettled(statusOf(session, postCall, now))
  const { creditsPerMinute, usdPerMinute } = postCall
  const credits = Math.round((seconds / 60) * creditsPerMinute)
  const usd = usdPerMinute === null ? null : Number(((seconds / 60) * usdPerMinute).toFixed(6))
  const began = Math.floor(session.upgradeAt / 1000)
  return {
    start_time_unix_secs: began,
    accepted_time_unix_secs: began,
    call_duration_secs: seconds,
    queue_wait_secs: 0,
    cost: isOver ? credits : null,
    cost_fiat: isOver ? usd : null,
    termination_reason: isOver ? endOf(session) : '',
    error: postCall.outcome === 'failed' && isOver ? { code: 1011, reason: 'internal' } : null,
    warnings: [],
    main_language: 'en',
    text_only: false,
    authorization_method: session.signed ? 'signed_url' : 'public',
    deletion_settings: { deletion_time_unix_secs: null },
    feedback: { overall_score: null, likes: 0, dislikes: 0 },
    features_usage: {},
    phone_call: null,
    batch_call: null,
    conversation_initiation_source: 'unknown',
    charging: isOver
      ? {
          dev_discount: false,
          is_burst: false,
          tier: 'creator',
          llm_usage: { irreversible_generation: { model_usage: {} } },
          llm_price: usd,
          llm_charge: 0,
          call_charge: credits,
          free_minutes_consumed: 0,
          free_llm_dollars_consumed: 0,
        }
      : null,
  }
}

function endOf({ closedBy, closeCode }: AgentSessionRecord): string {
  if (closedBy === 'client') return 'Call ended by remote party'
  if (closedBy === 'agent' && closeCode === 1000) return 'Call ended by agent'
  return 'Connection lost'
}

/** An item of GET /v1/convai/conversations. */
export function summarizeConversation(
  session: AgentSessionRecord,
  postCall: CompletePostCall,
  now: EpochMs,
): Readonly<Record<string, unknown>> {
  const status = statusOf(session, postCall, now)
  return {
    agent_id: session.agentId,
    agent_name: session.agentId,
    branch_id: null,
    version_id: null,
    conversation_id: session.conversationId,
    start_time_unix_secs: Math.floor(session.upgradeAt / 1000),
    call_duration_secs: secondsOf(session, now),
    message_count: session.turns.length,
    status,
    termination_reason: isSettled(status) ? endOf(session) : null,
    call_successful: status === 'done' ? ANALYSIS.call_successful : 'unknown',
    call_success_score: null,
    transcript_summary: status === 'done' ? SUMMARY : null,
    call_summary_title: status === 'done' ? ANALYSIS.call_summary_title : null,
    main_language: 'en',
    conversation_initiation_source: 'unknown',
    tool_names: session.toolCalls.map(({ name }) => name),
    direction: null,
    rating: null,
    tag_ids: [],
  }
}
