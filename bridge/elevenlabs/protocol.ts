// Every message of the agent socket (/v1/convai/conversation), as on the wire: text frames, one JSON object each.
// Vendor: Agents Platform "Client events", "Client to server events" (read autumn 2026). The wrapper keys are
// irregular on purpose: that is how the vendor writes them. Ids may arrive as strings; decode-message.ts makes
// numbers of them.

import type { Alignment } from '../audio/utterance.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/* ---- What we send ------------------------------------------------------------------------------------------- */

export type ClientMessage =
  | UserAudioChunk
  | ConversationInitiationClientData
  | { readonly type: 'pong'; readonly event_id: number }
  | ClientToolResult
  | { readonly type: 'contextual_update'; readonly text: string; readonly context_id?: string }
  | { readonly type: 'user_message'; readonly text: string; readonly rich_content_id?: string }
  | { readonly type: 'user_activity' }
  | {
      readonly type: 'feedback'
      readonly event_id: number
      readonly score: 'like' | 'dislike' | null
    }
  | McpToolApprovalResult
  | MultimodalMessage

/** The only message without a type: base64 of the caller's audio. */
export interface UserAudioChunk {
  readonly type?: never
  readonly user_audio_chunk: string
}

/** First message after the upgrade. A field the agent does not allow ends the session with 1008. */
export interface ConversationInitiationClientData {
  readonly type: 'conversation_initiation_client_data'
  readonly conversation_config_override?: {
    readonly agent?: { readonly first_message?: string; readonly language?: string }
  }
  readonly dynamic_variables?: Readonly<Record<string, string | number | boolean>>
  readonly user_id?: string
  readonly source_info?: { readonly source: string; readonly version: string }
}

/** `result` is always text; anything else may end the session. */
export interface ClientToolResult {
  readonly type: 'client_tool_result'
  readonly tool_call_id: string
  readonly result: string
  readonly is_error: boolean
}

export interface McpToolApprovalResult {
  readonly type: 'mcp_tool_approval_result'
  readonly tool_call_id: string
  readonly is_approved: boolean
}

export interface MultimodalMessage {
  readonly type: 'multimodal_message'
  readonly text?: { readonly type: 'user_message'; readonly text: string }
  readonly files?: readonly { readonly type: 'file_input'; readonly file_id: string }[]
}

/* ---- What we receive ---------------------------------------------------------------------------------------- */

/** The payload of each server message, beside its `type`. */
interface ServerPayloads {
  conversation_initiation_metadata: {
    readonly conversation_initiation_metadata_event: {
      readonly conversation_id: string
      readonly agent_output_audio_format: string
      readonly user_input_audio_format: string
    }
  }
  ping: { readonly ping_event: { readonly event_id: number; readonly ping_ms?: number } }
  /** Empty audio is possible (a final mark). */
  audio: {
    readonly audio_event: {
      readonly audio_base_64: string
      readonly event_id?: number
      readonly is_final?: boolean
      readonly alignment?: Alignment
    }
  }
  interruption: {
    readonly interruption_event: { readonly event_id?: number; readonly reason?: string }
  }
  user_transcript: { readonly user_transcription_event: UserTranscription }
  tentative_user_transcript: { readonly tentative_user_transcription_event: UserTranscription }
  agent_response: {
    readonly agent_response_event: { readonly agent_response: string; readonly event_id?: number }
  }
  agent_response_correction: {
    readonly agent_response_correction_event: {
      readonly original_agent_response?: string
      readonly corrected_agent_response: string
      readonly event_id?: number
    }
  }
  agent_chat_response_part: {
    readonly text_response_part: { readonly text: string; readonly type?: string }
  }
  agent_reasoning_response_part: {
    readonly reasoning_response_part: { readonly text: string; readonly type?: string }
  }
  agent_response_complete: {
    readonly agent_response_complete_event: { readonly event_id?: number }
  }
  agent_response_metadata: { readonly agent_response_metadata_event: JsonObject }
  client_tool_call: {
    readonly client_tool_call: {
      readonly tool_name: string
      readonly tool_call_id: string
      readonly parameters: JsonObject
      readonly event_id?: number
      readonly expects_response?: boolean
    }
  }
  agent_tool_request: { readonly agent_tool_request: AgentTool }
  agent_tool_response: { readonly agent_tool_response: AgentToolOutcome }
  agent_tool_response_full_payload: { readonly agent_tool_response_full_payload: AgentToolOutcome }
  mcp_tool_call: {
    readonly mcp_tool_call: {
      readonly tool_call_id: string
      readonly tool_name: string
      readonly state: string
    }
  }
  mcp_connection_status: { readonly mcp_connection_status: JsonObject }
  vad_score: { readonly vad_score_event: { readonly vad_score: number } }
  context_usage: { readonly context_usage_event: JsonObject }
  asr_initiation_metadata: { readonly asr_initiation_metadata_event: JsonObject }
  guardrail_triggered: { readonly guardrail_triggered_event: JsonObject }
  queue_status: { readonly queue_status_event: { readonly status: string } }
  /** Followed by the close frame. */
  error: { readonly error_event: ErrorEvent }
  client_error: { readonly error_event: ErrorEvent }
  agent_typing: { readonly agent_typing_event: JsonObject }
  external_agent_connected: { readonly external_agent_connected_event: JsonObject }
  external_agent_disconnected: { readonly external_agent_disconnected_event: JsonObject }
  rich_content: { readonly rich_content: JsonObject }
  internal_turn_probability: { readonly turn_probability_internal_event: JsonObject }
  internal_tentative_agent_response: {
    readonly tentative_agent_response_internal_event: JsonObject
  }
  /** Named in the vendor's enum, its payload is undocumented. */
  dtmf_request: { readonly dtmf_request: JsonObject }
}

export type ServerMessageType = keyof ServerPayloads
export type ServerMessage = {
  [T in ServerMessageType]: { readonly type: T } & ServerPayloads[T]
}[ServerMessageType]
export type ServerMessageOf<T extends ServerMessageType> = Extract<
  ServerMessage,
  { readonly type: T }
>

export interface UserTranscription {
  readonly user_transcript: string
  readonly event_id?: number
}

export interface AgentTool {
  readonly tool_name: string
  readonly tool_call_id?: string
  readonly tool_type?: string
  readonly event_id?: number
}

export interface AgentToolOutcome extends AgentTool {
  readonly is_error?: boolean
  readonly is_called?: boolean
}

export interface ErrorEvent {
  readonly code?: number
  readonly error_type?: string
  readonly message?: string
  readonly reason?: string
}
