// What a run of everything that is missing tells of a fault: words that were written for operators, and no others.
import t, { type Test } from 'tap'
import { openDatabase } from '../../../control-api/db/database.ts'
import {
  createVendorCallStore,
  newVendorCall,
} from '../../../control-api/voximplant/calls/call-store.ts'
import {
  runPending,
  type PendingRunDeps,
} from '../../../control-api/voximplant/media/pending-run.ts'
import type { RunningSync } from '../../../control-api/voximplant/sync/sync-job.ts'
import { createSyncStore, newSync } from '../../../control-api/voximplant/sync/sync-store.ts'
import { AppError } from '../../../core/errors/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { freshDataDir } from '../../support/build-app.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

async function errorAfter(t: Test, fault: Error): Promise<string | null | undefined> {
  const database = await openDatabase(createLogger('silent'), { dataDir: await freshDataDir(t) })
  t.teardown(() => database.close())
  const store = createSyncStore(database)
  const of = {
    sync_id: 'vsy_1',
    application_id: 'vap_1',
    kind: 'pending',
    origin: 'asked',
  } as const
  const row = newSync({ ...of, created_at: NOW })
  const one = newVendorCall({
    ...{ call_id: 'call_1', vendor_account_id: '1', application_id: 'vap_1', state: 'over' },
    ...{ created_at: NOW - 5000, ended_at: NOW - 4000, is_pending: 1 },
  })
  await database.write([
    store.added(row),
    database.query.insertInto('voximplant_calls').values(one),
  ])
  const deps = {
    ...{ database, store, vendorCalls: createVendorCallStore(database) },
    calls: { find: () => Promise.resolve(undefined) },
    transcript: () => Promise.reject(fault),
    pending: { mark: () => Promise.resolve() },
    clock: { now: () => NOW },
    onProgress: () => undefined,
  }
  await runPending(
    deps as unknown as PendingRunDeps,
    {
      row,
      application: { application_id: 'vap_1', options: '{}' },
      signal: AbortSignal.timeout(10_000),
      extend: () => Promise.resolve(),
    } as unknown as RunningSync,
  )
  return (await store.find('vsy_1'))?.error
}

t.test('a fault of the system has no words for others, one of ours has', async (t) => {
  const path = '/srv/data/incoming-voximplant/x.mp3'
  const system = Object.assign(new Error(`ENOSPC: no space left, open '${path}'`), {
    code: 'ENOSPC',
  })
  t.equal(await errorAfter(t, system), 'It failed.')
  t.equal(await errorAfter(t, new AppError('VENDOR_FAILED', 'It is away.')), 'It is away.')
})
