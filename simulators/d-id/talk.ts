// A talk: what was asked for, beside the job that renders it.
import type { StudioJob } from '#simulators/animation-studio'
import type { TalkRequest } from './talk-request.ts'

export interface Talk {
  readonly id: string
  readonly asked: TalkRequest
  readonly job: StudioJob
}
