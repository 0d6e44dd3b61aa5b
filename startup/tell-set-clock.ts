// Says when the machine's clock was set, or the machine slept: ours goes on as it began, so that no call lasts an hour
// too long, and the times it tells are wrong from then on.
import { ms, type Milliseconds } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import { createClock, wallClock, type Clock } from '#core/time'

const EVERY = ms(30_000)
/** Less than who judges a signature allows, more than one corrects without setting it. */
const UNNOTICED_MS = 5000

export interface SetClockOptions {
  readonly clock?: Pick<Clock, 'now'>
  readonly wall?: Pick<Clock, 'now'>
  readonly every?: Milliseconds
}

/** Once each time it is set, not as long as it differs. @returns ends it */
export function tellSetClock(
  logger: Logger,
  { clock = createClock(), wall = wallClock, every = EVERY }: SetClockOptions = {},
): () => void {
  let toldMs = 0
  const timer = setInterval(() => {
    const aheadMs = wall.now() - clock.now()
    if (Math.abs(aheadMs - toldMs) < UNNOTICED_MS) return
    toldMs = aheadMs
    const aheadSeconds = Math.round(aheadMs / 1000)
    if (Math.abs(aheadMs) < UNNOTICED_MS)
      logger.info('the clock of this machine agrees with that of the start again')
    else
      logger.warn(
        { aheadSeconds },
        'the clock of this machine was set: times are told by that of the start until the next one',
      )
  }, every).unref()
  return () => clearInterval(timer)
}
