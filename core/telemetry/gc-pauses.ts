// How long garbage collections hold up one thread: each pause, as V8 tells it.
import { PerformanceObserver } from 'node:perf_hooks'

export interface GcPauses {
  close(): void
}

/** Calls `observe` with the seconds of each collection of this thread, some time after it. */
export function watchGcPauses(observe: (seconds: number) => void): GcPauses {
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) observe(duration / 1000)
  })
  observer.observe({ entryTypes: ['gc'] })
  return { close: () => observer.disconnect() }
}
