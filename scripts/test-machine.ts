// Whether this machine lets us run: one that is shared stands still at times, and what measures time or sound by the frame
// then says nothing of the product.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

/** A frame of sound: who is late by one has missed one. */
export const STANDSTILL_MS = 20
const LOOK_EVERY_MS = 5
const CALM_MS = 1000
/** Spells of standstills last longer; whoever waits for their end goes on after this. */
const PATIENCE_MS = 10_000

/** @returns what the work gave, and the longest that this process, which does next to nothing, was late meanwhile */
export async function watched<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly lateMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS })
  delay.enable()
  try {
    const result = await work()
    return { result, lateMs: Math.max(0, Math.round(delay.max / 1e6) - LOOK_EVERY_MS) }
  } finally {
    delay.disable()
  }
}

/** Waits for a second in which nothing stands still; not for ever. */
export async function calmMoment(): Promise<void> {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until;) {
    const { lateMs } = await watched(() => sleep(CALM_MS))
    if (lateMs <= STANDSTILL_MS) return
  }
}
