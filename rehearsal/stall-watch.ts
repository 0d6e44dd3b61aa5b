// The witness of the witnesses: notes when this machine kept us from working, because a gap of such a moment is neither
// the product's doing nor seen rightly. Two signs: our own timer came late (the simulators live in this thread), and, on
// Linux, a thread of this process stood in the run queue (proc(5), /proc/PID/task/TID/schedstat).
import { readdirSync, readFileSync } from 'node:fs'
import type { Clock } from '#core/time'
import type { Stall } from './take.ts'

const EVERY_MS = 10
/** A timer this late, or a thread this long without a processor, can make a gap of 20 ms beyond the rhythm of 20 ms. */
const LATE_MS = 10
const MAX_STALLS = 10_000
const TASKS = '/proc/self/task'

export interface StallWatch {
  readonly stalls: readonly Stall[]
  stop(): void
}

export function watchStalls(clock: Clock): StallWatch {
  const stalls: Stall[] = []
  const queued = watchRunQueue()
  let before = clock.now()
  const timer = setInterval(() => {
    const longestMs = queued()
    const now = clock.now()
    const isLate = now - before > EVERY_MS + LATE_MS
    if ((isLate || longestMs > LATE_MS) && stalls.length < MAX_STALLS) {
      // What is counted when a thread gets its processor was waited for before.
      stalls.push({ from: Math.min(before, now - longestMs), to: now })
    }
    before = now
  }, EVERY_MS)
  return { stalls, stop: () => clearInterval(timer) }
}

/** Asks for the longest time any thread waited for a processor since the last asking; 0 where the system does not say. */
function watchRunQueue(): () => number {
  const before = new Map<string, number>()
  return () => {
    let longestNs = 0
    for (const thread of threads()) {
      const waitedNs = waitedBy(thread)
      longestNs = Math.max(longestNs, waitedNs - (before.get(thread) ?? waitedNs))
      before.set(thread, waitedNs)
    }
    return longestNs / 1e6
  }
}

function threads(): readonly string[] {
  try {
    return readdirSync(TASKS)
  } catch {
    return [] // Not Linux: the late timer is the only sign.
  }
}

function waitedBy(thread: string): number {
  try {
    return Number(readFileSync(`${TASKS}/${thread}/schedstat`, 'latin1').split(' ')[1])
  } catch {
    return 0 // The thread ended meanwhile, or the kernel does not count.
  }
}
