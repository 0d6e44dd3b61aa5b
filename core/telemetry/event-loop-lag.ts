// Event loop delay of one thread, the 99th percentile since it was last read.
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Half a frame; finer costs more than it tells. */
const SAMPLING_MS = 10

export interface EventLoopLag {
  /** Seconds; reading starts a new period. */
  read(): number
  close(): void
}

export function openEventLoopLag(): EventLoopLag {
  const histogram = monitorEventLoopDelay({ resolution: SAMPLING_MS })
  histogram.enable()
  return {
    read() {
      const milliseconds = histogram.count === 0 ? 0 : histogram.percentile(99) / 1e6
      histogram.reset()
      // Node's histogram holds the time between two samples; what is beyond their distance is the lag.
      return Math.max(0, milliseconds - SAMPLING_MS) / 1000
    },
    close: () => histogram.disable(),
  }
}
