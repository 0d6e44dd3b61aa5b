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
  const offsetMs = anchor.wallMs - Number(anchor.monotonicNs) / 1e6
  return { anchor, now: () => epochMs(monotonicMs() + offsetMs) }
}

/** Milliseconds of the monotonic clock that all threads share, with a fraction. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
