// The witness of the witnesses: notes when this process stood still, because then the simulators saw nothing either.
import type { Clock } from '#core/time'
import type { Stall } from './take.ts'

const EVERY_MS = 5
/** Later than this it was no timer's usual slackness. */
const LATE_MS = 10
const MAX_STALLS = 10_000

export interface StallWatch {
  readonly stalls: readonly Stall[]
  stop(): void
}

export function watchStalls(clock: Clock): StallWatch {
  const stalls: Stall[] = []
  let before = clock.now()
  const timer = setInterval(() => {
    const now = clock.now()
    if (now - before > EVERY_MS + LATE_MS && stalls.length < MAX_STALLS)
      stalls.push({ from: before, to: now })
    before = now
  }, EVERY_MS)
  return { stalls, stop: () => clearInterval(timer) }
}
