// What happens on a call as lines of the log, at `debug`: SIP, agent, recording and ending under one call id, beside what
// each part says of itself.
import type { CallEvents } from '../contracts/index.ts'
import type { RootLogger } from './logger.ts'

/** Returns the function that ends it. */
export const logCallEvents = (
  events: Pick<CallEvents, 'subscribe'>,
  logger: RootLogger,
): (() => void) =>
  events.subscribe(({ type, callId, data }) => {
    if (logger.threshold.level !== 'debug') return
    logger.debug({ callId, event: type, ...figuresOf(data) }, 'an event of a call')
  })

/** Statuses, durations and counts. Texts are left to the timeline: they may be numbers, words or addresses of somebody. */
const figuresOf = (data: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(data).filter(([, value]) => ['number', 'boolean'].includes(typeof value)),
  )
