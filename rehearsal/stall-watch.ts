// The witness of the witnesses: notes when this machine kept us from working, because a gap of such a moment is neither
// the product's doing nor seen rightly. Two signs: our own timer came late (the simulators live in this thread), and, on
// Linux, a thread of this process stood in the run queue (proc(5), /proc/PID/task/TID/schedstat).
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import type { Clock } from '#core/time'
import type { Stall } from './take.ts'

const EVERY_MS = 10
/** A timer this late, or a thread this long without a processor, can make a gap of 20 ms beyond the rhythm of 20 ms. */
const LATE_MS = 10
const MAX_STALLS = 10_000
const TASKS = '/proc/self/task'
/** What a thread that began meanwhile waits until it is looked for is not told: it played no part in a call yet. */
const THREADS_EVERY_MS = 500

export interface StallWatch {
  readonly stalls: readonly Stall[]
  stop(): void
}

export function watchStalls(clock: Clock): StallWatch {
  const stalls: Stall[] = []
  const queue = openRunQueue()
  let before = clock.now()
  const timer = setInterval(() => {
    const longestMs = queue.longestWaitMs()
    const now = clock.now()
    const isLate = now - before > EVERY_MS + LATE_MS
    if ((isLate || longestMs > LATE_MS) && stalls.length < MAX_STALLS) {
      // What is counted when a thread gets its processor was waited for before.
      stalls.push({ from: Math.min(before, now - longestMs), to: now })
    }
    before = now
  }, EVERY_MS)
  const stop = (): void => {
    clearInterval(timer)
    queue.close()
  }
  return { stalls, stop }
}

interface RunQueue {
  /** The longest that any thread waited for a processor since the last asking; 0 where the system does not say. */
  longestWaitMs(): number
  close(): void
}

interface WatchedThread {
  readonly fd: number
  waitedNs: number
}

/** Asked a hundred times a second: each thread's file stays open, and is read anew from its beginning. */
function openRunQueue(): RunQueue {
  const watched = new Map<string, WatchedThread>()
  let lookedAt = Number.NEGATIVE_INFINITY
  const forget = (thread: string, fd: number): void => {
    watched.delete(thread)
    closeSync(fd)
  }
  return {
    longestWaitMs() {
      if (performance.now() - lookedAt > THREADS_EVERY_MS) {
        lookedAt = performance.now()
        watchNew(watched)
      }
      let longestNs = 0
      for (const [thread, before] of watched) {
        const waitedNs = waitedBy(before.fd)
        if (waitedNs === undefined) forget(thread, before.fd)
        else {
          longestNs = Math.max(longestNs, waitedNs - before.waitedNs)
          before.waitedNs = waitedNs
        }
      }
      return longestNs / 1e6
    },
    close() {
      for (const [thread, { fd }] of watched) forget(thread, fd)
    },
  }
}

function watchNew(watched: Map<string, WatchedThread>): void {
  for (const thread of threads()) {
    if (watched.has(thread)) continue
    const fd = openCounters(thread)
    if (fd !== undefined) watched.set(thread, { fd, waitedNs: waitedBy(fd) ?? 0 })
  }
}

function threads(): readonly string[] {
  try {
    return readdirSync(TASKS)
  } catch {
    return [] // Not Linux: the late timer is the only sign.
  }
}

function openCounters(thread: string): number | undefined {
  try {
    return openSync(`${TASKS}/${thread}/schedstat`, 'r')
  } catch {
    return undefined // The thread ended meanwhile, or the kernel does not count.
  }
}

/** Three numbers of at most twenty digits. */
const counters = Buffer.alloc(64)

/** Undefined: the thread has ended. */
function waitedBy(fd: number): number | undefined {
  try {
    const length = readSync(fd, counters, 0, counters.length, 0)
    return Number(counters.toString('latin1', 0, length).split(' ')[1])
  } catch {
    return undefined
  }
}
