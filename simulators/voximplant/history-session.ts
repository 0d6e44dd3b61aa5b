// A finished session as GetCallHistory shows it, its dates in UTC: how it is kept, and how tests give old ones.

export interface HistoryCall {
  readonly call_id: number
  readonly start_time: string
  readonly duration?: number | null | undefined
  /** Digits, without a plus sign. */
  readonly local_number: string
  readonly remote_number: string
  readonly remote_number_type?: string | undefined
  readonly incoming: boolean
  readonly successful: boolean
  readonly transaction_id?: number | undefined
  readonly record_url?: string | null | undefined
  readonly media_server_address?: string | undefined
  readonly cost?: number | null | undefined
  readonly custom_data?: string | null | undefined
  readonly end_reason?: string | null | undefined
  readonly diversion_number?: string | null | undefined
}

export interface HistoryRecord {
  readonly record_id: number
  readonly start_time: string
  readonly record_name?: string | undefined
  readonly cost?: number | null | undefined
  readonly duration?: number | null | undefined
  /** Default: where the simulator serves it. */
  readonly record_url?: string | null | undefined
  readonly transaction_id?: number | undefined
  readonly file_size?: number | undefined
  readonly transcription_url?: string | null | undefined
  readonly transcription_status?: string | undefined
}

export interface HistoryResource {
  readonly resource_usage_id: number
  readonly resource_type: string
  readonly cost?: number | null | undefined
  readonly description?: string | undefined
  readonly used_at: string
  readonly transaction_id?: number | undefined
  readonly resource_quantity?: number | undefined
  readonly unit?: string | undefined
  readonly ref_call_id?: number | undefined
}

export interface HistorySession {
  readonly call_session_history_id: number
  /** `YYYY-MM-DD HH:mm:ss`, UTC. */
  readonly start_date: string
  /** Default: the account's. */
  readonly account_id?: number | undefined
  readonly application_id?: number | undefined
  readonly application_name?: string | undefined
  readonly user_id?: number | undefined
  readonly rule_name?: string | undefined
  readonly duration?: number | null | undefined
  readonly initiator_address?: string | undefined
  readonly media_server_address?: string | undefined
  readonly log_file_url?: string | undefined
  readonly finish_reason?: string | undefined
  readonly custom_data?: string | null | undefined
  readonly audio_quality?: string | undefined
  readonly calls?: readonly HistoryCall[] | undefined
  readonly records?: readonly HistoryRecord[] | undefined
  readonly other_resource_usage?: readonly HistoryResource[] | undefined
}
