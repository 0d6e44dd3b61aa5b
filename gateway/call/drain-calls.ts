// Lets calls finish: waits until none is left or the time is over, and says at first and every 5 s how many there are.
import { ms } from '#core/contracts'
import { waitUntil } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import type { CallRegistry } from './call-registry.ts'

const REPORT_EVERY_MS = 5000
const LOOK_EVERY_MS = 50
/** Enough to look some up; a busy node has hundreds. */
const SAMPLE = 5

export interface DrainDeps {
  readonly registry: Pick<CallRegistry, 'size' | 'list'>
  readonly logger: Logger
  readonly now: () => number
}

export interface DrainOptions {
  /** When it is over, on the same clock as `now`: it may be moved forward meanwhile. */
  readonly until: () => number
  readonly reportEveryMs?: number
}

export async function drainCalls(deps: DrainDeps, options: DrainOptions): Promise<void> {
  const { registry, logger, now } = deps
  const { until, reportEveryMs = REPORT_EVERY_MS } = options
  const leftMs = (): number => Math.max(0, Math.round(until() - now()))
  const report = (): void => {
    const callIds = registry.list().slice(0, SAMPLE)
    logger.info(
      { calls: registry.size, leftMs: leftMs(), callIds: callIds.map(({ callId }) => callId) },
      'draining: calls may finish',
    )
  }
  if (registry.size === 0) return
  report()
  const reporting = setInterval(report, reportEveryMs)
  const isOver = (): boolean => registry.size === 0 || leftMs() === 0
  try {
    // The deadline is the condition's: it may have moved by the time it is reached.
    while (!isOver()) await waitUntil(isOver, ms(Math.max(leftMs(), 1)), LOOK_EVERY_MS)
  } finally {
    clearInterval(reporting)
  }
  logger.info({ calls: registry.size }, 'drained')
}
