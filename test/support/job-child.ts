// A process with a job that ends it: `ask` leaves one behind, `work` runs what is there until nothing is left.
import { openDatabase } from '../../control-api/db/database.ts'
import { SqlJobQueue } from '../../control-api/jobs/sql-job-queue.ts'
import { ms } from '../../core/contracts/index.ts'
import { waitUntil } from '../../core/lifecycle/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'

const [dataDir = '', what] = process.argv.slice(2)
const logger = createLogger('silent')
const database = await openDatabase(logger, { dataDir })
const queue = new SqlJobQueue({ database, clock: createClock(), logger, metrics: createMetrics() })
if (what === 'ask') await queue.enqueue({ kind: 'call.redial', data: {} })
else {
  queue.work('call.redial', { concurrency: 1, lease: ms(60_000), maxAttempts: 2 }, () => {
    process.kill(process.pid, 'SIGKILL')
    return new Promise(() => undefined)
  })
  queue.start()
  let parked = 0
  const look = setInterval(
    () => void queue.list('parked', null, 1).then((l) => (parked = l.length)),
    20,
  )
  await waitUntil(() => parked > 0, ms(5000), 10)
  clearInterval(look)
}
await queue.close()
await database.close()
