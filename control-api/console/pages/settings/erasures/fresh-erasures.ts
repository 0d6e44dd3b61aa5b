// Keeps erasures fresh by the live feed: an erasure is a job.
import { refresh } from '../../../api/queries.ts'
import type { LiveMessage } from '../../../live/live-feed.ts'

export const refreshErasures = (): Promise<void> => refresh('getErasures', 'getErasure')

/** For useLive. The trunks come first on every connection: what was told before it is lost. */
export function hearErasures({ type }: LiveMessage): void {
  if (type === 'job.changed' || type === 'trunk.changed') void refreshErasures()
}
