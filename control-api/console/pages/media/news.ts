// What the live feed says of an animation, or of a video that is being made over, put into what is shown. Pure.
import { WORK_STATES, STATUSES, type Animation, type AnimationState, type Media } from './shapes.ts'

type News = Readonly<Record<string, unknown>>

const STATES: readonly AnimationState[] = [...WORK_STATES, 'failed', 'canceled']

/** The same object when the news is of another one, or says nothing new. */
export function animationWithNews(known: Animation, news: News): Animation {
  if (news['task_id'] !== known.task_id) return known
  const state = STATES.find((one) => one === news['state']) ?? known.state
  const status = STATUSES.find((one) => one === news['status']) ?? known.status
  return state === known.state && status === known.status ? known : { ...known, state, status }
}

/** Progress alone: whatever else changed has to be read. */
export function mediaWithNews(known: Media, news: News): Media {
  const { transcode } = known
  const progress = news['transcode_progress']
  if (news['media_id'] !== known.media_id || transcode === null) return known
  if (transcode.state !== 'running' || news['transcode_state'] !== 'running') return known
  if (typeof progress !== 'number' || progress === transcode.progress) return known
  return { ...known, transcode: { ...transcode, progress } }
}
