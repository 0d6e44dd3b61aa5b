// The CPU of this process by thread: tells JavaScript from garbage collector and one worker from another.
import { readdirSync, readFileSync } from 'node:fs'
import { TICK_MS } from '../report/machine.ts'

export interface ThreadTimes {
  readonly name: string
  readonly userMs: number
  readonly systemMs: number
  /** Times it gave up the processor by itself: wake-ups. */
  readonly switches: number
}

/** By thread id; empty where there is no /proc. */
export function readThreads(): ReadonlyMap<string, ThreadTimes> {
  const threads = new Map<string, ThreadTimes>()
  try {
    for (const id of readdirSync('/proc/self/task')) threads.set(id, readThread(id))
  } catch {
    // Not Linux, or a thread ended just now: the split is left out.
  }
  return threads
}

function readThread(id: string): ThreadTimes {
  const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8')
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
  // Behind the name: utime and stime are fields 14 and 15 of the whole line.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = readFileSync(`/proc/self/task/${id}/status`, 'utf8')
  const switches = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]
  return {
    name,
    userMs: Number(fields[11]) * TICK_MS,
    systemMs: Number(fields[12]) * TICK_MS,
    switches: Number(switches),
  }
}

/** What each did since, the busy ones first; those that did nothing are left out. */
export function threadsSince(before: ReadonlyMap<string, ThreadTimes>): readonly ThreadTimes[] {
  return [...readThreads()]
    .map(([id, now]) => {
      const then = before.get(id)
      return {
        name: now.name,
        userMs: now.userMs - (then?.userMs ?? 0),
        systemMs: now.systemMs - (then?.systemMs ?? 0),
        switches: now.switches - (then?.switches ?? 0),
      }
    })
    .filter(({ userMs, systemMs }) => userMs + systemMs > 0)
    .toSorted((a, b) => b.userMs + b.systemMs - a.userMs - a.systemMs)
}
