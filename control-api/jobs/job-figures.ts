// What waits in the queue, for the metrics: asked when somebody scrapes.
import type { Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import { countJobs, NO_JOBS } from './job-rows.ts'

export interface JobFiguresDeps {
  readonly database: Pick<Database, 'query'>
  readonly clock: Pick<Clock, 'now'>
  readonly metrics: Pick<Metrics, 'set' | 'onScrape'>
}

interface Worker {
  readonly kind: string
  readonly running: number
}

/** @param workers those there are then */
export function exposeJobs(deps: JobFiguresDeps, workers: () => Iterable<Worker>): void {
  const { database, clock, metrics } = deps
  /** A kind that was on the page stays on it: none waiting is a figure, too. */
  const kinds = new Set<string>()
  metrics.onScrape('jobs', async () => {
    const counts = await countJobs(database.query)
    const running = new Map([...workers()].map((worker) => [worker.kind, worker.running]))
    for (const kind of [...counts.keys(), ...running.keys()]) kinds.add(kind)
    const now = clock.now()
    for (const kind of kinds) {
      const { waiting, parked, firstAt } = counts.get(kind) ?? NO_JOBS
      metrics.set('jobs_waiting', waiting + (running.get(kind) ?? 0), { kind })
      metrics.set('jobs_parked', parked, { kind })
      const overdueMs = firstAt === null ? 0 : Math.max(0, now - firstAt)
      metrics.set('jobs_oldest_seconds', overdueMs / 1000, { kind })
    }
  })
}
