// The tables of media jobs, typed: media of memorials, animations of photos and their steps, the webhooks of their vendors.
import type { AnimationProviderName, AnimationState } from '../media-jobs/animation/animation.ts'

/** A photo or a video that is kept. */
export interface MediaItemsTable {
  /** `med_…` */
  media_id: string
  /** Whose it is: an opaque key of the caller; null: nobody's, such as a photo that was fetched to be animated. */
  memorial_id: string | null
  kind: 'photo' | 'video'
  origin: 'upload' | 'link' | 'animation'
  /** The animation it came of. */
  task_id: string | null
  /** `deleting`: its files may be gone already; a sweep finishes what a crash left. */
  state: 'ready' | 'deleting'
  /** The last segment of the name it was uploaded by, shortened; shown, never used as a path. */
  original_name: string | null
  content_type: string
  /** In the media store. */
  key: string
  bytes: number
  sha256: string
  /** As displayed: rotation is applied. */
  width: number
  height: number
  /** Null for a photo. */
  duration_ms: number | null
  /** JSON of video/video-facts.ts, or of photo/photo-facts.ts. */
  facts: string
  /** A JPEG in the media store. */
  preview_key: string | null
  /** Of a web-safe MP4 made of it. */
  web_key: string | null
  web_bytes: number | null
  web_sha256: string | null
  transcode_state: 'waiting' | 'running' | 'done' | 'failed' | null
  /** 0 to 1. */
  transcode_progress: number | null
  transcode_error: string | null
  created_by: string
  created_at: number
  updated_at: number
}

/** A photo that is made to speak: one row a job, the truth about it. */
export interface AnimationsTable {
  /** `ani_…` */
  task_id: string
  provider: AnimationProviderName
  state: AnimationState
  memorial_id: string | null
  /** The photo; null until `image_url` was fetched. */
  media_id: string | null
  /** Null once it was fetched. */
  image_url: string | null
  prompt: string
  /** Of the provider, or of ElevenLabs; null: the configured one. */
  voice_id: string | null
  speech: 'provider' | 'elevenlabs'
  /** Submissions begun in all, each of which may cost money. */
  submissions: number
  /** As many as there may be, since somebody retried; null: three. */
  submissions_allowed: number | null
  /** Of the present step; back to 0 with the next one. */
  tries: number
  /** What the provider calls the uploaded photo and speech, and until when it keeps them. */
  source_ref: string | null
  audio_ref: string | null
  refs_until: number | null
  /** What the submission is known by to the provider: its Idempotency-Key, or its user data. */
  client_ref: string | null
  /** The intent: written before the request that costs money is sent; null when its answer is known. */
  submitting_since: number | null
  /** How often a submission of unknown outcome was looked for. */
  looks: number
  /** Theirs. */
  provider_job_id: string | null
  /** Their last word about it. */
  provider_status: string | null
  /** JSON of the validated file: sha256, bytes, facts. */
  result: string | null
  result_media_id: string | null
  /** JSON of animation/animation-error.ts. */
  error: string | null
  /** It fails when the provider has nothing by then. */
  deadline_at: number | null
  /** Failed by its deadline, but a result is still taken until then. */
  watched_until: number | null
  /** Somebody told that something may have changed. */
  woken_at: number | null
  cancel_asked_at: number | null
  created_by: string
  created_at: number
  submitted_at: number | null
  finished_at: number | null
  updated_at: number
}

/** What was done for an animation, in order: intents before, results after. Never changed. */
export interface AnimationStepsTable {
  task_id: string
  /** From 1. */
  position: number
  at: number
  /** Such as `submitting.intended`. */
  step: string
  /** JSON; without secrets and vendor addresses. */
  detail: string
}

/** Messages of the providers, each taken once. */
export interface AnimationMessagesTable {
  provider: AnimationProviderName
  /** Their id of it, or the SHA-256 of its body. */
  message_id: string
  received_at: number
}

/** Where a provider was told to send its webhooks. */
export interface AnimationWebhooksTable {
  provider: AnimationProviderName
  endpoint_id: string
  url: string
  /** Encrypted: what it signs with. */
  secret: string
  created_at: number
}
