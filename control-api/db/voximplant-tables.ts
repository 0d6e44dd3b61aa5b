// The tables of Voximplant, typed: accounts, applications, what is known of its calls, synchronisations.
import type { SyncKind, SyncOrigin, SyncState } from '../voximplant/sync/sync.ts'

export interface VoximplantAccountsTable {
  /** `vac_…`, ours. */
  account_id: string
  account_name: string
  /** Theirs: digits. */
  vendor_account_id: string
  credential_kind: 'api_key' | 'service_account'
  /** Encrypted: the API key, or the JSON of the service account. */
  credential: string
  /** 0: nothing is asked of it, and no call is placed by it. */
  is_active: number
  /** As the vendor told last. */
  vendor_name: string | null
  balance: number | null
  currency: string | null
  /** JSON of accounts/permissions.ts: what the key may do. */
  permissions: string | null
  tested_at: number | null
  /** Whose key added it. */
  created_by: string
  created_at: number
  updated_at: number
}

export interface VoximplantApplicationsTable {
  /** `vap_…`, ours. */
  application_id: string
  account_id: string
  application_name: string
  /** Theirs; null: it is not linked yet, so that nothing can be pushed or read. */
  vendor_application_id: string | null
  vendor_application_name: string | null
  rule_id: string | null
  rule_name: string | null
  scenario_id: string | null
  /** E.164: shown to whom is called, and called. */
  phone_number: string | null
  elevenlabs_agent_id: string
  /** Encrypted; null: the key of this node. */
  elevenlabs_api_key: string | null
  /** Encrypted: what its scenario signs with. */
  signing_key: string
  /** JSON of applications/scenario-options.ts. */
  options: string
  /** Of the scenario that was pushed last, lower-case hexadecimal. */
  pushed_sha256: string | null
  pushed_at: number | null
  /** Up to here the history was read by sweeps. */
  swept_until: number | null
  created_by: string
  created_at: number
  updated_at: number
}

/** What is known of a call beside its record (voximplant/calls/call-store.ts). */
export interface VoximplantCallsTable {
  call_id: string
  /** Theirs. */
  vendor_account_id: string
  /** Ours. */
  application_id: string
  /** `call_session_history_id`; null while nobody knows whether the vendor has it. */
  session_id: string | null
  /** `asked`: StartScenarios is under way; `unknown`: it got no answer; `live`; `over`. */
  state: 'asked' | 'unknown' | 'live' | 'over'
  /** JSON of calls/call-plan.ts: of calls that we place; null of others, and when it was over or erased. */
  plan: string | null
  /** The scenario has fetched what it is to do. */
  exchanged_at: number | null
  /** JSON of calls/snapshot.ts: all that the scenario has told; null when it was over or erased. */
  snapshot: string | null
  /** JSON of Termination: how it ends, decided by us before it did. */
  ending: string | null
  /** Where the live session is told to hang up; whoever has it must sign, too. */
  control_url: string | null
  /** At the vendor; null: none is known, or it was erased. */
  recording_url: string | null
  /** The vendor's, for deleting it there. */
  record_id: string | null
  /** Of what the history told last; null: it has not. */
  history_hash: string | null
  /** 1: its transcript or its audio can be had, and is not here. */
  is_pending: number
  created_at: number
  updated_at: number
  ended_at: number | null
}

export interface VoximplantSyncsTable {
  /** `vsy_…` */
  sync_id: string
  application_id: string
  kind: SyncKind
  origin: SyncOrigin
  state: SyncState
  /** Inclusive; null of a sync of what is pending. */
  from_at: number | null
  /** Exclusive. */
  to_at: number | null
  /** Up to here it is done. */
  done_until: number | null
  /** Sessions the history has in the range; what was pending. */
  total: number | null
  count: number
  new_calls: number
  updated_calls: number
  transcripts_synced: number
  audios_synced: number
  failed: number
  /** In words for an operator. */
  error: string | null
  /** Whose key; null of a sweep. */
  created_by: string | null
  created_at: number
  updated_at: number
  finished_at: number | null
}
