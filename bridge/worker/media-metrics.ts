// The metrics of the bridge as the main thread keeps them: what workers report, and what agent events mean.
import type { MediaEvent } from '#core/contracts'
import type { CounterName, HistogramName, Metrics } from '#core/telemetry'
import type { TallyReport } from './tally.ts'

type Labels = Readonly<Record<string, string>>
/** What a worker reports: its labels were checked against their metric where it made the cell. */
interface Reported {
  add(name: CounterName, value: number, labels: Labels): void
  observe(name: HistogramName, value: number, labels: Labels): void
}

/** How a worker was lost: its thread ended, or it no longer did anything. */
export type WorkerLoss = 'died' | 'stalled'

export class MediaMetrics {
  readonly #metrics: Metrics
  readonly #portsInUse = new Map<string, number>()
  /** The worst second of each thread since the last scrape. */
  readonly #lag = new Map<string, number>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    metrics.onScrape('media workers', () => this.#beforeScrape())
  }

  apply(thread: string, report: TallyReport): void {
    const metrics = this.#metrics as Reported
    for (const { name, labels, added } of report.counters) metrics.add(name, added, labels)
    for (const { name, labels, values } of report.observations) {
      for (const value of values) metrics.observe(name, value, labels)
    }
    for (const seconds of report.gcPauses)
      this.#metrics.observe('gc_pause_seconds', seconds, { thread })
    this.#portsInUse.set(thread, report.gauges.portsInUse)
    this.#lag.set(thread, Math.max(this.#lag.get(thread) ?? 0, report.gauges.eventLoopLagSeconds))
  }

  threadLost(thread: string, reason: WorkerLoss): void {
    this.#metrics.add('media_workers_lost_total', 1, { reason })
    this.#portsInUse.delete(thread)
  }

  #beforeScrape(): void {
    let ports = 0
    for (const count of this.#portsInUse.values()) ports += count
    this.#metrics.set('rtp_ports_in_use', ports)
    for (const [thread, seconds] of this.#lag)
      this.#metrics.set('event_loop_lag_seconds', seconds, { thread })
    this.#lag.clear()
  }
}

/**
 * Counts one session's agent. Returns what to call with each of its events. Its delays are measured call by call. What
 * the vendor refused to open costs nothing, however long it took to refuse.
 */
export function countAgentSession(metrics: Metrics): (event: MediaEvent) => void {
  let attempted = false
  let isOpen = false
  const closed = (seconds: number): void => {
    metrics.add('agent_seconds_total', seconds)
    metrics.add('agent_sessions_active', -1)
  }
  return (event) => {
    if (event.type === 'agent.attempted') {
      attempted = true
    } else if (event.type === 'agent.attempt_failed') {
      if (isOpen) closed(event.data.seconds)
      isOpen = false
    } else if (event.type === 'agent.opened') {
      isOpen = true
      metrics.add('agent_sessions_active', 1)
    } else if (event.type === 'agent.closed') {
      // A worker also dies under calls that never came to an agent.
      if (event.data.reason === 'worker-lost' && !attempted) return
      metrics.add('agent_sessions_total', 1, { result: event.data.reason })
      if (isOpen) closed(event.data.seconds)
    }
  }
}
