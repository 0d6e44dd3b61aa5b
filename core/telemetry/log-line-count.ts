// How many lines of the log somebody should read. Counted where they leave: what threads of media say comes by there too,
// and what the level keeps back its threshold has counted.
import type { LineDestination } from './call-logs.ts'
import { WARNING_LEVELS, type LogThreshold } from './log-threshold.ts'
import type { Metrics } from './metrics.ts'

/** How the logger begins each of its lines. */
const BEGINNINGS = WARNING_LEVELS.map((level) => ({ level, beginning: `{"level":"${level}"` }))

export interface LogLineCount {
  /** The same destination, with what passes it counted. */
  before(destination: LineDestination): LineDestination
  /** The log begins before there are metrics: what was counted until now is in them from the next scrape on. */
  expose(
    metrics: Pick<Metrics, 'add' | 'onScrape'>,
    threshold: Pick<LogThreshold, 'takeKeptBack'>,
  ): void
}

export function createLogLineCount(): LogLineCount {
  const counts = { warn: 0, error: 0, fatal: 0 }
  return {
    before: (destination) => ({
      write(line) {
        const found = BEGINNINGS.find(({ beginning }) => line.startsWith(beginning))
        if (found) counts[found.level] += 1
        destination.write(line)
      },
    }),
    expose(metrics, threshold) {
      metrics.onScrape('lines of the log', () => {
        for (const level of WARNING_LEVELS) {
          metrics.add('log_lines_total', counts[level] + threshold.takeKeptBack(level), { level })
          counts[level] = 0
        }
      })
    },
  }
}
