// What the API tells of media and animations (docs/openapi.json, tag media), as the page sees it.

export const MEDIA_KINDS = ['photo', 'video'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

export interface Transcode {
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  /** 0 to 1. */
  readonly progress: number | null
  readonly error: string | null
}

export interface Media {
  readonly media_id: string
  readonly memorial_id: string | null
  readonly kind: MediaKind
  readonly origin: 'upload' | 'link' | 'animation'
  /** The animation it came of. */
  readonly task_id: string | null
  readonly name: string | null
  readonly content_type: string
  readonly bytes: number
  readonly sha256: string
  readonly width: number
  readonly height: number
  readonly duration_seconds: number | null
  /** What else is known of the file, by name. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly url: string
  readonly preview_url: string | null
  /** Of a video that was made for browsers. */
  readonly web_url: string | null
  readonly is_web_safe: boolean
  readonly transcode: Transcode | null
  readonly created_by: string
  readonly created_at: string
}

export interface MediaPage {
  readonly items: readonly Media[]
  readonly next_cursor: string | null
}

export const PROVIDERS = ['d-id', 'heygen'] as const
export type ProviderName = (typeof PROVIDERS)[number]
/** Nobody translates a name. */
export const PROVIDER_NAMES = { 'd-id': 'D-ID', heygen: 'HeyGen' } as const

/** In the order in which an animation goes through them. */
export const WORK_STATES = [
  'queued',
  'submitting',
  'processing',
  'downloading',
  'validating',
  'storing',
  'done',
] as const
export type AnimationState = (typeof WORK_STATES)[number] | 'failed' | 'canceled'

export const STATUSES = ['pending', 'processing', 'done', 'failed', 'canceled'] as const
export type AnimationStatus = (typeof STATUSES)[number]

export interface AnimationError {
  readonly kind: string
  readonly code: string | null
  readonly message: string
}

export interface Animation {
  readonly task_id: string
  readonly provider: ProviderName
  readonly status: AnimationStatus
  readonly state: AnimationState
  /** The photo; null until it was fetched. */
  readonly media_id: string | null
  readonly memorial_id: string | null
  readonly prompt: string
  readonly voice_id: string | null
  readonly speech: Speech
  /** Each may have cost money. */
  readonly submissions: number
  readonly provider_job_id: string | null
  readonly provider_status: string | null
  readonly result_media_id: string | null
  readonly video_url: string | null
  readonly preview_url: string | null
  readonly error: AnimationError | null
  readonly may_retry: boolean
  readonly may_cancel: boolean
  readonly deadline_at: string | null
  readonly created_by: string
  readonly created_at: string
  readonly submitted_at: string | null
  readonly finished_at: string | null
  readonly updated_at: string
}

export interface AnimationStep {
  readonly position: number
  readonly at: string
  readonly step: string
  readonly detail: unknown
}

export interface WholeAnimation extends Animation {
  readonly steps: readonly AnimationStep[]
}

export interface AnimationPage {
  readonly items: readonly Animation[]
  readonly next_cursor: string | null
}

export type Speech = 'provider' | 'elevenlabs'

export interface AnimateBody {
  readonly media_id?: string
  readonly image_url?: string
  readonly prompt: string
  readonly voice_id?: string
  readonly provider?: ProviderName
  readonly speech?: Speech
  readonly memorial_id?: string
}

export interface AskedAnimation {
  readonly task_id: string
  readonly status: AnimationStatus
  readonly provider: ProviderName
  readonly message: string
}

export interface PromptLimits {
  readonly min_prompt_chars: number
  readonly max_prompt_chars: number
}

export interface Provider {
  readonly provider: ProviderName
  readonly is_configured: boolean
  readonly is_default: boolean
  readonly is_simulated: boolean
  /** Null: it is not configured. */
  readonly max_jobs: number | null
  readonly active_jobs: number
  readonly default_voice_id: string | null
  readonly limits: PromptLimits | null
}

export interface Providers {
  readonly items: readonly Provider[]
  readonly can_speak_by_elevenlabs: boolean
  /** Whether ffmpeg is there. */
  readonly video_tools: boolean
  /** Largest photo or video that is taken; absent: the server does not say. */
  readonly max_upload_bytes: number
}

export interface Balance {
  readonly remaining: number | null
  readonly unit: string
}
