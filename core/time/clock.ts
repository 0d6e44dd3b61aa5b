// One clock for all threads of the process: wall time read once, then carried by the monotonic clock, so that events
// of different threads can be ordered and a wall clock that is set back never makes a call end before it began.
import { epochMs, type EpochMs } from '../contracts/index.ts'

/** Passed to worker threads so that their clocks agree with the main thread's to the microsecond. */
export interface ClockAnchor {
  readonly wallMs: number
  readonly monotonicNs: bigint
}

export interface Clock {
  now(): EpochMs
  readonly anchor: ClockAnchor
}

const readAnchor = (): ClockAnchor => ({
  wallMs: Date.now(),
  monotonicNs: process.hrtime.bigint(),
})

/** A clock on the given anchor; the process's first clock makes its own. */
export function createClock(anchor: ClockAnchor = readAnchor()): Clock {
  return { anchor, now: () => epochOf(monotonicMs(), anchor) }
}

/**
 * The machine's own, as somebody may set it at any moment: for dates that others judge by theirs (signatures, tokens),
 * never for how long anything took.
 */
export const wallClock: Pick<Clock, 'now'> = { now: () => epochMs(Date.now()) }

/** What a clock on this anchor would have said then. */
export const epochOf = (monotonic: number, { wallMs, monotonicNs }: ClockAnchor): EpochMs =>
  epochMs(monotonic + (wallMs - Number(monotonicNs) / 1e6))

/** Milliseconds of the monotonic clock that all threads share, with a fraction. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
