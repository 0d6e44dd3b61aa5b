// A talk as D-ID shows it: GET /talks/{id}, in lists, and as the body of its webhook.
import type { JobFailure, JobFaultKind, StudioJob } from '#simulators/animation-studio'
import type { Talk } from './talk.ts'

export const USER_ID = 'google-oauth2|simulated'
const SECONDS_DIGITS = 2

export interface TalkViewOptions {
  readonly link: (job: StudioJob, meetsFaults: boolean) => string
  /** Only who asks for this very talk meets what goes wrong with it. */
  readonly meetsFaults: boolean
  readonly showsError: boolean
  readonly showsUserData: boolean
}

export function talkView({ id, asked, job }: Talk, options: TalkViewOptions): object {
  const { script, userData, name, webhook, config, sourceUrl } = asked
  const { createdAt, startedAt, endedAt } = job
  return {
    id,
    object: 'talk',
    user_id: USER_ID,
    created_by: USER_ID,
    created_at: dateOf(createdAt),
    ...(startedAt === null ? {} : { started_at: dateOf(startedAt) }),
    modified_at: dateOf(endedAt ?? startedAt ?? createdAt),
    source_url: sourceUrl,
    driver_url: 'bank://lively/driver-05',
    audio_url: script.type === 'audio' ? script.audioUrl : `s3://d-id-audios-prod/${id}/speech.wav`,
    config: { stitch: false, align_driver: true, result_format: 'mp4', ...config },
    ...(webhook === null ? {} : { webhook }),
    ...(options.showsUserData && userData !== null ? { user_data: userData } : {}),
    ...(options.showsUserData && name !== null ? { name } : {}),
    ...endView(job, options),
  }
}

const dateOf = (at: number): string => new Date(at).toISOString()

function endView(job: StudioJob, { link, showsError, meetsFaults }: TalkViewOptions): object {
  const { state, faults, failure, shot, video, id } = job
  const meets = (kind: JobFaultKind): boolean => meetsFaults && faults.take(kind) !== undefined
  if (meets('unknown-status')) return { status: 'postponed' }
  switch (state) {
    case 'waiting':
      return { status: 'created' }
    case 'running':
      return { status: 'started', pending_url: `s3://d-id-talks-prod/${id}/video.mp4` }
    case 'failed':
      return {
        status: failure?.kind === 'rejected' ? 'rejected' : 'error',
        ...(showsError ? { error: errorOf(failure) } : {}),
      }
    case 'done':
      return {
        status: 'done',
        metadata: {
          driver_url: 'bank://lively/driver-05/original',
          num_faces: 1,
          num_frames: Math.round(shot.seconds * 25),
          resolution: [shot.width, shot.height],
          size_kib: Number(((video?.length ?? 0) / 1024).toFixed(SECONDS_DIGITS)),
        },
        duration: shot.seconds,
        ...(meets('no-result-url') ? {} : { result_url: link(job, meetsFaults) }),
      }
    default:
      return state satisfies never
  }
}

/** Their kinds; UnknownError is the last of them. */
const KINDS = {
  rejected: 'ImageModerationError',
  'render-error': 'DriverError',
  'no-video': 'UnknownError',
  'bad-face': 'FaceError',
} as const satisfies Readonly<Record<JobFailure['kind'], string>>

const errorOf = (failure: JobFailure | null): object => ({
  kind: KINDS[failure?.kind ?? 'no-video'],
  description: failure?.message ?? 'unknown',
})
