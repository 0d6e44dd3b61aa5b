// One suite for the record of calls and what it stands on, on both databases.
import t, { type Test } from 'tap'
import { openDatabase } from '../../control-api/db/database.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { buildApp, freshDataDir } from '../support/build-app.ts'
import { migratedDataDir } from '../support/data-folder.ts'
import { emptiedDatabase } from '../support/postgres-databases.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { databaseContract, type OpenOptions } from './database.ts'
import { jobQueueContract } from './job-queue.ts'
import { recordsContract } from './records.ts'
import { repositoryContract } from './repository.ts'
import { sqlJobStore } from './sql-job-store.ts'
import { webhooksContract } from './webhooks.ts'

async function open(t: Test, options: OpenOptions & { readonly url?: string } = {}) {
  const dataDir = await freshDataDir(t)
  const database = await openDatabase(createLogger('silent'), { ...options, dataDir })
  t.teardown(() => database.close())
  return database
}

t.test('on SQLite', async (t) => {
  databaseContract(t, open)
  repositoryContract(t, (one) => buildApp(one))
  recordsContract(t, (one) => buildApp(one))
  webhooksContract(t, async (one) => ({ dataDir: await migratedDataDir(one) }))
})

t.test('on PostgreSQL', needsPostgres, async (t) => {
  const another = await emptiedDatabase(t, await startPostgres(t))
  databaseContract(t, async (one, options) => open(one, { ...options, url: await another() }))
  repositoryContract(t, async (one) => buildApp(one, { config: { databaseUrl: await another() } }))
  recordsContract(t, async (one) => buildApp(one, { config: { databaseUrl: await another() } }))
  jobQueueContract(t, async (one) => sqlJobStore(one, await open(one, { url: await another() })))
  webhooksContract(t, async (one) => ({
    dataDir: await freshDataDir(one),
    databaseUrl: await another(),
  }))
})
