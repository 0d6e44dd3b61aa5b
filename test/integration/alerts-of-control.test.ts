// Alerts about what a node does beside calls: recordings, webhooks, jobs, the database, each away or left alone in a live
// product; the shipped rules with a patience of seconds, in a real Prometheus. In each story these alerts fire and no others.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { story } from '../support/dashboards/call-stories.ts'
import { firesOnly } from '../support/dashboards/firing.ts'
import { SCRAPED_MS, startWatched } from '../support/dashboards/watched-product.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/process.ts'
import { prometheusOptions } from '../support/prometheus.ts'

// Real processes take real time.
t.setTimeout(240_000)
// They mostly wait.
t.jobs = 3
const beside = { buffered: true, ...prometheusOptions }

const HOUR_MS = 3_600_000

/** Where a rehearsal keeps what it writes. */
const folderOf = (dataDir: string): string => join(dataDir, 'rehearsal')

void t.test('recordings that cannot be kept', beside, async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  const watched = await startWatched(t, { isImpatient: true, settings: { DATA_DIR: dataDir } })
  const { product, prometheus } = watched
  await prometheus.until('up{job="voicegate"} == 1', 40_000)
  await sleep(SCRAPED_MS)
  const recordings = join(folderOf(dataDir), 'media/recordings')
  rmSync(recordings, { recursive: true, force: true })
  writeFileSync(recordings, 'no folder')
  await product.view.ended(await product.view.place('+493012345671'))
  await firesOnly(t, prometheus, ['RecordingsFailed ticket'])
})

/** What waits in its database has waited for an hour longer. */
function makeOld(dataDir: string, ...statements: readonly string[]): void {
  const database = new DatabaseSync(join(dataDir, 'voicegate.sqlite'))
  database.exec('PRAGMA busy_timeout = 5000')
  for (const statement of statements) database.exec(statement)
  database.close()
}

const JOB = (id: string, kind: string, state: string, runAt: number): string => {
  const values = [`'${id}'`, `'${kind}'`, `'{}'`, 'NULL', `'${state}'`, runAt, 9, 'NULL', 'NULL']
  return `INSERT INTO jobs VALUES (${[...values, `'it failed'`, runAt, runAt].join(', ')})`
}

void t.test('webhooks that nobody takes, jobs that were left', beside, async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  const watched = await startWatched(t, { isImpatient: true, settings: { DATA_DIR: dataDir } })
  const { product, prometheus, receiver } = watched
  receiver.answer = () => 500
  await product.view.ended(await product.view.place('+493012345686'))
  await prometheus.until('voicegate_webhook_deliveries_waiting == 1', 40_000)
  await firesOnly(t, prometheus, [])
  makeOld(
    folderOf(dataDir),
    `UPDATE webhook_deliveries SET created_at = created_at - ${HOUR_MS}, give_up_at = give_up_at - ${HOUR_MS}`,
    // Of a kind that no worker takes: nobody begins it.
    JOB('job_stuck', 'left-behind', 'waiting', Date.now() - HOUR_MS),
    JOB('job_parked', 'recording-upload', 'parked', Date.now()),
  )
  await firesOnly(t, prometheus, ['OutboxStuck ticket', 'JobsStuck ticket', 'JobsParked ticket'])
})

story('a receiver that is gone for good', {}, async (t, { product, prometheus, receiver }) => {
  receiver.answer = () => 410
  await product.view.ended(await product.view.place('+493012345686'))
  await firesOnly(t, prometheus, ['WebhooksDead ticket'])
})

void t.test('a database that is away', { ...beside, ...needsPostgres }, async (t) => {
  const server = await startPostgres(t)
  const DATABASE_URL = await server.createDatabase('voicegate')
  // With a database of one's own it is no rehearsal any more.
  const options = { isImpatient: true, requireKey: false, settings: { DATABASE_URL } }
  const watched = await startWatched(t, options)
  const { product, prometheus } = watched
  const ask = () => product.view.request('/api/calls')
  await ask()
  await prometheus.until('up{job="voicegate"} == 1', 40_000)
  await server.stop('immediate')
  // What was not there at the last scrape is not seen to grow.
  await ask()
  await sleep(SCRAPED_MS)
  for (let asked = 0; asked < 15; asked += 1) t.ok((await ask()).status >= 500)
  await firesOnly(t, prometheus, ['ComponentDown page', 'ApiErrors ticket'])
  await server.start()
})
