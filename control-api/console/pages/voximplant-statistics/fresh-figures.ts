// Counted anew as calls go on, but not all the time: they are counted over all of the period.
import { refresh } from '../../api/queries.ts'
import type { LiveMessage } from '../../live/live-feed.ts'
import { createSeldom } from '../../live/seldom.ts'

const counting = createSeldom(() => refresh('getVoximplantStatistics'), {
  afterMs: 1000,
  everyMs: 10_000,
})

/** For useLive. */
export function hearCalls({ call_id: callId }: LiveMessage): void {
  if (callId !== null) counting.soon()
}
