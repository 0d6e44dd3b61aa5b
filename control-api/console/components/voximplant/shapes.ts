// What the API tells of Voximplant (docs/openapi.json, tag voximplant), as the pages see it.

/** The vendor's command → what the key may do with it. */
export type Permissions = Readonly<Record<string, 'allowed' | 'forbidden' | 'unknown'>>

export interface Account {
  readonly account_id: string
  readonly account_name: string
  readonly vendor_account_id: string
  readonly credential: 'api_key' | 'service_account'
  readonly is_active: boolean
  readonly vendor_name: string | null
  readonly balance: number | null
  readonly currency: string | null
  readonly permissions: Permissions | null
  readonly tested_at: string | null
  /** How many. */
  readonly applications: number
  readonly created_by: string | null
  readonly created_at: string
  readonly updated_at: string
}

export interface RehearsalAccount {
  readonly account_id: string
  readonly api_key: string
  readonly phone_number: string
}

export interface Accounts {
  readonly items: readonly Account[]
  /** Of the simulated vendor; null where calls are real. */
  readonly rehearsal_account: RehearsalAccount | null
}

/** As it is typed: one of both. */
export type CredentialBody =
  | { readonly api_key: string }
  | { readonly service_account_key: Readonly<Record<string, unknown>> }

export type AccountTrial = { readonly account_id: string } & CredentialBody
export type NewAccount = AccountTrial & { readonly account_name: string }
export type AccountPatch = Partial<
  Pick<Account, 'account_name' | 'is_active'> & {
    readonly api_key: string
    readonly service_account_key: Readonly<Record<string, unknown>>
  }
>

export interface Tested {
  readonly vendor_name: string
  readonly email: string | null
  readonly is_active: boolean
  readonly is_frozen: boolean
  readonly balance: number | null
  readonly currency: string | null
  readonly permissions: Permissions
}

export interface VendorApplication {
  readonly voximplant_application_id: string
  readonly name: string
  readonly has_secure_records: boolean
}

export interface VendorRule {
  readonly rule_id: string
  readonly name: string
  readonly pattern: string
  readonly scenarios: readonly { readonly scenario_id: string; readonly name: string }[]
}

export interface VendorNumber {
  readonly number: string
  readonly voximplant_application_id: string | null
  readonly rule_id: string | null
  readonly is_usable: boolean
}

export const RECORDING_CHOICES = ['off', 'announced', 'consent'] as const
export const SCENARIO_LANGUAGES = ['de', 'en', 'ru'] as const

export interface ScenarioOptions {
  readonly language: (typeof SCENARIO_LANGUAGES)[number]
  readonly recording: (typeof RECORDING_CHOICES)[number]
  readonly answering_machine_model: string | null
  readonly max_duration_seconds: number
  readonly announcement: string | null
}

export interface Application {
  readonly application_id: string
  /** Ours. */
  readonly account: string
  readonly account_name: string
  readonly application_name: string
  readonly voximplant_application_id: string | null
  readonly voximplant_application_name: string | null
  readonly rule_id: string | null
  readonly rule_name: string | null
  readonly scenario_id: string | null
  readonly phone_number: string | null
  readonly elevenlabs_agent_id: string
  readonly has_elevenlabs_api_key: boolean
  readonly options: ScenarioOptions
  readonly pushed_at: string | null
  /** Null: it was never pushed. */
  readonly is_pushed_current: boolean | null
  readonly swept_until: string | null
  readonly webhook_url: string
  readonly created_by: string | null
  readonly created_at: string
  readonly updated_at: string
}

export interface ApplicationPatch {
  readonly application_name: string
  readonly voximplant_application_id?: string | null
  readonly rule_id?: string | null
  /** Absent: as it is; null: the key of this node. */
  readonly elevenlabs_api_key?: string | null
  readonly elevenlabs_agent_id: string
  readonly phone_number?: string | null
  readonly options: ScenarioOptions
}
export type NewApplication = ApplicationPatch & { readonly account: string }

export interface Scenario {
  readonly name: string
  readonly code: string
  readonly sha256: string
  readonly secrets: readonly { readonly name: string; readonly what: string }[]
  readonly webhook_url: string
}

type PushStepName = 'scenario' | 'rule' | 'binding' | 'secrets'
type PushAction = 'create' | 'update' | 'none'

export interface PushPreview {
  readonly problems: readonly { readonly field: string; readonly problem: string }[]
  readonly steps: readonly {
    readonly step: PushStepName
    readonly action: PushAction
    readonly what: string
  }[]
  readonly current: {
    readonly scenario_id: string
    readonly name: string
    readonly code: string
    readonly sha256: string
  } | null
  readonly wanted: { readonly name: string; readonly code: string; readonly sha256: string }
  readonly is_same: boolean
}

export interface PushResult {
  readonly steps: readonly {
    readonly step: PushStepName
    readonly action: PushAction
    readonly ok: boolean
    readonly detail: string | null
  }[]
  readonly application: Application
}

export interface Sync {
  readonly sync_id: string
  readonly application_id: string
  readonly kind: 'history' | 'pending'
  readonly origin: 'asked' | 'sweep'
  readonly state: 'running' | 'done' | 'failed' | 'canceled'
  readonly from_date: string | null
  readonly to_date: string | null
  /** Of 1; null: nobody knows yet. */
  readonly progress: number | null
  readonly total: number | null
  readonly count: number
  readonly new_calls: number
  readonly updated_calls: number
  readonly total_processed: number
  readonly transcripts_synced: number
  readonly audios_synced: number
  readonly failed: number
  readonly error: string | null
  readonly created_at: string
  readonly updated_at: string
  readonly finished_at: string | null
}

export interface Syncs {
  readonly items: readonly Sync[]
  readonly next_cursor: string | null
}

export interface Fetched {
  readonly result: 'stored' | 'held' | 'not-yet' | 'none' | 'failed'
  readonly detail: string | null
}

export interface FetchedParts {
  readonly transcript: Fetched | null
  readonly audio: Fetched | null
}

export interface Counts {
  readonly calls: number
  readonly answered: number
  readonly no_answer: number
  readonly busy: number
  readonly failed: number
  readonly canceled: number
  readonly declined: number
  readonly machine: number
  readonly live: number
  readonly inbound: number
  readonly outbound: number
  readonly talk_seconds: number
  readonly costs: readonly { readonly currency: string; readonly amount_minor: number }[]
  readonly with_transcript: number
  readonly with_recording: number
}

export type DayCounts = Counts & {
  readonly key: string
  readonly starts_at: string
  readonly ends_at: string
}
export type ApplicationCounts = Counts & {
  readonly application_id: string | null
  readonly application_name: string | null
}

export interface Statistics {
  readonly from: string
  readonly before: string
  readonly time_zone: string
  readonly totals: Counts
  readonly items: readonly DayCounts[]
  readonly applications: readonly ApplicationCounts[]
}
