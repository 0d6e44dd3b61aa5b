// Alerts about what a node does beside calls: recordings, webhooks, jobs, the database, each away or left alone in a live
// product; the shipped rules with a patience of seconds, in a real Prometheus. These alerts fire and no others; what was
// told before is told still.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startStory } from '../support/dashboards/call-stories.ts'
import { firesOnly } from '../support/dashboards/firing.ts'
import { SCRAPED_MS, startWatched } from '../support/dashboards/watched-product.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/process.ts'
import { prometheusOptions } from '../support/prometheus.ts'

// Real processes take real time.
t.setTimeout(240_000)

const HOUR_MS = 3_600_000
const BUSY = '+493012345686'

const CERTIFICATE = ['CertificateExpires page', 'CertificateExpires ticket'] as const
const RECORDINGS = ['RecordingsFailed ticket'] as const
const JOBS = ['JobsStuck ticket', 'JobsParked ticket'] as const

/** Where a rehearsal keeps what it writes. */
const folderOf = (dataDir: string): string => join(dataDir, 'rehearsal')

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

t.test('what is left alone', prometheusOptions, async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  // Two days are the least that nobody is woken for; three are told in alerts-of-node.
  const options = { certificateDays: 1, settings: { DATA_DIR: dataDir } }
  const { product, prometheus, receiver } = await startStory(t, options)
  const { view } = product

  await t.test('a certificate for a day', async (t) => {
    await firesOnly(t, prometheus, CERTIFICATE)
  })

  await t.test('recordings that cannot be kept', async (t) => {
    const recordings = join(folderOf(dataDir), 'media/recordings')
    rmSync(recordings, { recursive: true, force: true })
    writeFileSync(recordings, 'no folder')
    await view.ended(await view.place('+493012345671'))
    await firesOnly(t, prometheus, [...CERTIFICATE, ...RECORDINGS])
  })

  await t.test('webhooks that nobody takes, jobs that were left', async (t) => {
    receiver.answer = () => 500
    await view.ended(await view.place(BUSY))
    await prometheus.until('voicegate_webhook_deliveries_waiting == 1', 40_000)
    await firesOnly(t, prometheus, [...CERTIFICATE, ...RECORDINGS])
    makeOld(
      folderOf(dataDir),
      `UPDATE webhook_deliveries SET created_at = created_at - ${HOUR_MS}, give_up_at = give_up_at - ${HOUR_MS}`,
      // Of a kind that no worker takes: nobody begins it.
      JOB('job_stuck', 'left-behind', 'waiting', Date.now() - HOUR_MS),
      JOB('job_parked', 'recording-upload', 'parked', Date.now()),
    )
    await firesOnly(t, prometheus, [...CERTIFICATE, ...RECORDINGS, ...JOBS, 'OutboxStuck ticket'])
  })

  await t.test('a receiver that is gone for good', async (t) => {
    makeOld(folderOf(dataDir), 'DELETE FROM webhook_deliveries')
    await prometheus.until('voicegate_webhook_deliveries_waiting == 0', 40_000)
    receiver.answer = () => 410
    await view.ended(await view.place(BUSY))
    await firesOnly(t, prometheus, [...CERTIFICATE, ...RECORDINGS, ...JOBS, 'WebhooksDead ticket'])
  })
})

const databaseOptions = { ...prometheusOptions, ...needsPostgres }

t.test('a database that is away', databaseOptions, async (t) => {
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
