// Jobs in a database: any that is opened for it.
import type { Test } from 'tap'
import { epochMs, ms, type Milliseconds } from '../../core/contracts/index.ts'
import { createLogger, createMetrics, type Metrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import type { Database } from '../../control-api/db/database.ts'
import { SqlJobQueue } from '../../control-api/jobs/sql-job-queue.ts'
import type { JobStore } from './job-queue.ts'

export interface SqlJobStore extends JobStore {
  readonly metrics: Metrics
  queue(pollEvery?: Milliseconds): SqlJobQueue
}

export function sqlJobStore(t: Test, database: Pick<Database, 'query' | 'write'>): SqlJobStore {
  const clock = createClock()
  const metrics = createMetrics()
  let offset = 0
  const now = () => epochMs(clock.now() + offset)
  const queues: SqlJobQueue[] = []
  t.teardown(() => Promise.all(queues.map((queue) => queue.close())))
  return {
    metrics,
    now,
    setClock: (byMs) => void (offset += byMs),
    queue(pollEvery = ms(50)) {
      const queue = new SqlJobQueue(
        { database, clock: { now }, logger: createLogger('silent'), metrics },
        { pollEvery, backOff: { firstMs: 10, maxMs: 20 }, closeTimeout: ms(50) },
      )
      queues.push(queue)
      return queue
    },
  }
}
