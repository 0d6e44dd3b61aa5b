// Event loop delay of one thread, the 99th percentile since it was last read.
import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface EventLoopLag {
  /** Seconds; reading starts a new period. */
  read(): number
  close(): void
}

export function openEventLoopLag(): EventLoopLag {
  // 10 ms sampling: half a frame; finer costs more than it tells.
  const histogram = monitorEventLoopDelay({ resolution: 10 })
  histogram.enable()
  return {
    read() {
      const seconds = histogram.count === 0 ? 0 : histogram.percentile(99) / 1e9
      histogram.reset()
      return seconds
    },
    close: () => histogram.disable(),
  }
}
