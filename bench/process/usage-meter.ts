// What this process used between two moments: never a lifetime average, as ps shows it.
import { openEventLoopLag } from '../../core/telemetry/index.ts'
import { readThreads, threadsSince, type ThreadTimes } from './thread-times.ts'

export interface Usage {
  readonly wallMs: number
  /** User and system time of all threads. */
  readonly cpuMs: number
  /** Resident set at the end. */
  readonly rssBytes: number
  /** 99th percentile of the event loop's delay by core/telemetry; milliseconds. */
  readonly loopLagMs: number
  readonly threads: readonly ThreadTimes[]
}

export interface UsageMeter {
  begin(): void
  end(): Usage
}

export function createUsageMeter(): UsageMeter {
  const lag = openEventLoopLag()
  let cpu = process.cpuUsage()
  let startedAt = performance.now()
  let threads = readThreads()
  return {
    begin() {
      lag.read()
      threads = readThreads()
      cpu = process.cpuUsage()
      startedAt = performance.now()
    },
    end() {
      const used = process.cpuUsage(cpu)
      return {
        wallMs: performance.now() - startedAt,
        cpuMs: (used.user + used.system) / 1000,
        rssBytes: process.memoryUsage.rss(),
        loopLagMs: lag.read() * 1000,
        threads: threadsSince(threads),
      }
    },
  }
}
