// A video: what was asked for, beside the job that renders it.
import type { StudioJob } from '#simulators/animation-studio'
import type { VideoRequest } from './video-request.ts'

export interface Video {
  readonly id: string
  readonly asked: VideoRequest
  readonly job: StudioJob
}
