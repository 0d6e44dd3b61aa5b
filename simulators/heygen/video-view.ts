// A video as HeyGen shows it: GET /v3/videos/{id}, in lists, and in events.
import type { JobFailure, JobFaultKind, StudioJob } from '#simulators/animation-studio'
import type { Video } from './video.ts'

export interface VideoViewOptions {
  readonly link: (job: StudioJob, meetsFaults: boolean) => string
  /** Only who asks for this very video meets what goes wrong with it. */
  readonly meetsFaults: boolean
}

const STATUSES = {
  waiting: 'pending',
  running: 'processing',
  done: 'completed',
  failed: 'failed',
} as const satisfies Readonly<Record<StudioJob['state'], string>>

/** Not known of the vendor, but for download_failed. */
const FAILURE_CODES = {
  rejected: 'content_moderation_failed',
  'render-error': 'rendering_failed',
  'no-video': 'internal_error',
  'bad-face': 'face_not_detected',
} as const satisfies Readonly<Record<JobFailure['kind'], string>>

export const statusOf = ({ state }: StudioJob): string => STATUSES[state]

export function videoView({ id, asked, job }: Video, options: VideoViewOptions): object {
  const { faults, failure, endedAt, createdAt, shot } = job
  const meets = (kind: JobFaultKind): boolean =>
    options.meetsFaults && faults.take(kind) !== undefined
  const isKnown = !meets('unknown-status')
  const isDone = isKnown && job.state === 'done'
  const hasUrl = isDone && !meets('no-result-url')
  return {
    id,
    title: asked.title ?? 'Untitled',
    status: isKnown ? statusOf(job) : 'postponed',
    created_at: seconds(createdAt),
    completed_at: isDone && endedAt !== null ? seconds(endedAt) : null,
    duration: isDone ? shot.seconds : null,
    video_url: hasUrl ? options.link(job, options.meetsFaults) : null,
    captioned_video_url: null,
    subtitle_url: null,
    thumbnail_url: null,
    gif_url: null,
    video_page_url: isDone ? `https://app.heygen.com/videos/${id}` : null,
    folder_id: null,
    output_language: null,
    ...failureView(failure, job),
  }
}

/** Only when it is over. */
export const failureView = (failure: JobFailure | null, { state }: StudioJob): object =>
  failure !== null && state === 'failed'
    ? { failure_code: FAILURE_CODES[failure.kind], failure_message: failure.message }
    : { failure_code: null, failure_message: null }

const seconds = (at: number): number => Math.floor(at / 1000)
