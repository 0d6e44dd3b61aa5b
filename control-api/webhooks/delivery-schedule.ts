// When a webhook that was not taken is tried again, and when it is given up: soon at first, for three days in all.
import { epochMs, ms, type EpochMs, type Milliseconds } from '#core/contracts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** After the first failure, the second …; the last one repeats. */
const DELAYS_MS = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
] as const
/** A fifth more or less, so that what failed together does not come back together. */
const JITTER = 0.2

export interface DeliverySchedule {
  /** @param attempts made so far, from 1 */
  delayAfter(attempts: number): Milliseconds
  /** Of an event whose delivery begins now. */
  giveUpAt(now: EpochMs): EpochMs
  /** An endpoint that failed every attempt for so long is failing: it is only probed from then on. */
  readonly failingAfter: Milliseconds
  readonly probeEvery: Milliseconds
}

export const DELIVERY_SCHEDULE: DeliverySchedule = {
  delayAfter(attempts) {
    const whole = DELAYS_MS[Math.min(attempts, DELAYS_MS.length) - 1] ?? DELAYS_MS[0]
    return ms(Math.round(whole * (1 - JITTER + 2 * JITTER * Math.random())))
  },
  giveUpAt: (now) => epochMs(now + 72 * HOUR),
  failingAfter: ms(12 * HOUR),
  probeEvery: ms(10 * MINUTE),
}
