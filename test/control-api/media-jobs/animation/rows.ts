// Rows of animations, and what the state machine looks at, for tests.
import type { AnimationRow } from '../../../../control-api/media-jobs/animation/animation-row.ts'
import type { StepContext } from '../../../../control-api/media-jobs/animation/machine/next.ts'
import { MEDIA_TIMING } from '../../../../control-api/media-jobs/media-timing.ts'

export const NOW = 1_800_000_000_000
export const TASK = `ani_${'a'.repeat(24)}`
export const MINUTE = 60_000

export const aRow = (of: Partial<AnimationRow> = {}): AnimationRow => ({
  task_id: TASK,
  provider: 'd-id',
  state: 'queued',
  memorial_id: null,
  media_id: 'med_1',
  image_url: null,
  prompt: 'Hello there.',
  voice_id: null,
  speech: 'provider',
  submissions: 0,
  submissions_allowed: null,
  tries: 0,
  source_ref: null,
  audio_ref: null,
  refs_until: null,
  client_ref: null,
  submitting_since: null,
  looks: 0,
  provider_job_id: null,
  provider_status: null,
  result: null,
  result_media_id: null,
  error: null,
  deadline_at: null,
  watched_until: null,
  woken_at: null,
  cancel_asked_at: null,
  created_by: 'rehearsal',
  created_at: NOW - MINUTE,
  submitted_at: null,
  finished_at: null,
  updated_at: NOW - 1000,
  ...of,
})

export const SENT = { source_ref: 's3://photo', refs_until: NOW + 24 * 60 * MINUTE } as const
export const INTENDED = {
  ...SENT,
  state: 'submitting',
  submissions: 1,
  client_ref: `${TASK}-1`,
  submitting_since: NOW - 5000,
} as const
export const RENDERING = {
  ...SENT,
  state: 'processing',
  submissions: 1,
  client_ref: `${TASK}-1`,
  provider_job_id: 'tlk_1',
  provider_status: 'started',
  submitted_at: NOW - MINUTE,
  deadline_at: NOW + 9 * MINUTE,
} as const
export const FINISHED = { ...RENDERING, deadline_at: null, provider_status: 'done' } as const
export const FACTS = {
  container: 'mp4',
  bytes: 1000,
  durationMs: 2000,
  videoCodec: 'h264',
  pixelFormat: 'yuv420p',
  audioCodec: 'aac',
  width: 512,
  height: 512,
  rotationDegrees: 0,
  framesPerSecond: 25,
  bitsPerSecond: 4000,
  isWebSafe: true,
} as const

/** No jitter; D-ID unless told. */
export const aContext = (of: Partial<StepContext> = {}): StepContext => ({
  now: NOW,
  provider: { title: 'D-ID', repeatableForMs: 0, deadlineMs: 10 * MINUTE },
  timing: MEDIA_TIMING,
  random: () => 0.5,
  ...of,
})

export const HEYGEN = {
  title: 'HeyGen',
  repeatableForMs: 24 * 60 * MINUTE,
  deadlineMs: 45 * MINUTE,
}
