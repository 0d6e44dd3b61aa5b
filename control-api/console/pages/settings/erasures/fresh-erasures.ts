// Keeps erasures fresh by the live feed: an erasure is a job.
import { refresh } from '../../../api/queries.ts'
import type { LiveMessage } from '../../../live/live-feed.ts'
import { createSeldom } from '../../../live/seldom.ts'

export const refreshErasures = (): Promise<void> => refresh('getErasures', 'getErasure')

const reading = createSeldom(refreshErasures, { afterMs: 200, everyMs: 1000 })

/** For useLive. */
export function hearErasures({ type }: LiveMessage): void {
  if (type === 'job.changed') reading.soon()
}
