// A number that was erased stays so at Voximplant and here, whatever later synchronisations tell; and what was brought from
// the old panel is the same call in the history.
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { openVault } from '../../../control-api/secrets/vault.ts'
import { openDatabase } from '../../../control-api/db/database.ts'
import { importPanel } from '../../../control-api/voximplant/old-panel/import-panel.ts'
import { createRecordErasure } from '../../../control-api/voximplant/erase-records.ts'
import { createAccountStore } from '../../../control-api/voximplant/accounts/account-store.ts'
import { ms } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { buildApp, freshDataDir, json } from '../../support/build-app.ts'
import { DAY_MS, pastSession, syncRange, utc } from './past-sessions.ts'
import { anApplication, askerOf, aStage, type Shown } from './stage.ts'
import { askedFor, aVendor } from './vendor-stage.ts'

const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS
const day = (at: number): string => utc(at).slice(0, 10)
const RANGE = { from_date: day(TODAY - 3 * DAY_MS), to_date: day(TODAY - DAY_MS) }
const JOB = { settle: ms(0), waitForCalls: ms(50), vendorBackOff: { firstMs: 50, maxMs: 50 } }
/** Of session 1. */
const NUMBER = '+493023120001'

t.test('recordings are deleted there, and no later sync brings the number back', async (t) => {
  const stage = await aStage(t, { config: { erasureJob: JOB } })
  const { id, vendorId } = await anApplication(stage)
  const at = TODAY - 2 * DAY_MS
  stage.vendor.addHistory([
    pastSession({ id: 1, applicationId: vendorId, at, talkSeconds: 9, recordId: 7 }),
    pastSession({ id: 2, applicationId: vendorId, at: at + 1000, talkSeconds: 9, recordId: 8 }),
  ])
  await syncRange(stage, id, RANGE)
  const asked = await stage.app.request('/api/erasures', json({ number: NUMBER }))
  const { erasure_id: erasure } = (await asked.json()) as { erasure_id: string }
  const read = async () => (await stage.app.request(`/api/erasures/${erasure}`)).json()
  for (let look = 0; look < 600; look += 1) {
    if (((await read()) as Shown).finished_at !== null) break
    await delay(50)
  }
  t.match(await read(), { state: 'done', telephony: { erased: 1, unknown: 0, left: [] } })
  t.equal(askedFor(stage.vendor, 'DeleteRecord'), 1)
  const deleted = stage.vendor.requests.find(({ command }) => command === 'DeleteRecord')
  t.ok(deleted)

  // A recording that comes late changes what the history says of the session.
  stage.vendor.addRecord(1, { record_id: 99, start_time: utc(at), duration: 9, cost: 0.5 })
  t.match(await syncRange(stage, id, RANGE), { state: 'done', count: 2, new_calls: 0 })
  const listed = await stage.app.request(`/api/calls?application_id=${id}`)
  const { items } = (await listed.json()) as Shown
  t.match(
    items.map(({ from, to }: { from: unknown; to: unknown }) => ({ from, to })),
    [{ to: '+493023120002' }, { from: null, to: 'erased' }],
  )
})

t.test('an address of elsewhere that no history shows is not deleted there', async (t) => {
  const asked: string[] = []
  const fetched = (url: string, shown: readonly string[]) => {
    const records = shown.map((one) => ({ url: one }))
    const rest = {
      history: () => Promise.resolve({ kind: 'ok', value: { sessions: [{ records }] } }),
      deleteRecord: (one: string) => Promise.resolve({ kind: 'ok', value: asked.push(one) }),
      isOfVendor: (one: string) => one.startsWith('https://storage.vendor.test/'),
    }
    const accounts = { list: () => Promise.resolve([{ vendor_account_id: '5' }]) }
    const erasure = createRecordErasure({ accounts, clients: { of: () => rest } } as never)
    const copy = { vendorAccountId: '5', sessionId: '1', recordingUrl: url }
    return erasure.erase(copy as never, new AbortController().signal)
  }
  const [ours, theirs] = ['https://storage.vendor.test/1.mp3', 'https://elsewhere.test/1.mp3']
  t.match(await fetched(theirs, []), { kind: 'unknown' })
  t.same(asked, [])
  t.match(await fetched(ours, []), { kind: 'erased' })
  t.match(await fetched(theirs, [theirs]), { kind: 'erased' }, 'an account’s own storage')
  t.same(asked, [ours, theirs])
})

t.test('a call of the old panel is the same call when the history tells of it', async (t) => {
  const vendor = await aVendor(t, { accountId: 4711001 })
  const dataDir = await freshDataDir(t)
  const keys = [{ id: 'k1', key: Buffer.alloc(32, 7) }]
  const file = join(import.meta.dirname, '../../fixtures/old-panel/camel-case.sql')
  const logger = createLogger('silent')
  const quiet = { onFound: () => undefined, onProgress: () => undefined, logger }
  await importPanel({ file, target: { dataDir }, secrets: { keys }, isDryRun: false, ...quiet })
  // The key of the dump is none of this vendor's.
  const database = await openDatabase(logger, { dataDir })
  const accounts = createAccountStore(database, await openVault(database, { keys }))
  const [account] = await accounts.list()
  const { apiKey } = vendor
  const { application_id: applicationId } = vendor.addApplication({ name: 'old' })
  const linked = String(applicationId)
  await database.write([
    accounts.changed(account?.account_id ?? '', {}, { kind: 'api_key', apiKey }),
    database.query.updateTable('voximplant_accounts').set({ currency: 'EUR' }),
    // Numbers of the vendor are the simulator's own.
    database.query
      .updateTable('voximplant_applications')
      .set({ vendor_application_id: linked })
      .where('vendor_application_id', '=', '900'),
  ])
  await database.close()
  const at = 1767225614000
  vendor.addHistory([
    pastSession({ id: 6760000002, applicationId, at, talkSeconds: 207 }),
    pastSession({ id: 6760000500, applicationId, at: at + 1000, talkSeconds: 9 }),
  ])
  const retentionDays = { audio: 9999, transcripts: 9999, events: 9999 }
  const voximplant = { baseUrl: vendor.baseUrl }
  const app = await buildApp(t, {
    dataDir,
    config: { voximplant, secretsKeys: keys, retentionDays },
  })
  const ask = askerOf(app)
  const { body } = await ask('GET', '/applications')
  const application = body.items.find(
    (one: { voximplant_application_id: string }) => one.voximplant_application_id === linked,
  )
  const range = { from_date: day(at), to_date: day(at) }
  t.match(await syncRange({ ask }, application.application_id, range), {
    state: 'done',
    count: 2,
    new_calls: 1,
    updated_calls: 1,
  })
  const searched = await app.request('/api/calls?number=%2B491500000002')
  const found = (await searched.json()) as Shown
  t.match(found.items, [
    {
      created_at: new Date(at).toISOString(),
      agent: { conversation_id: 'conv_00000002' },
      cost: { parts: [{ kind: 'telephony', currency: 'EUR' }] },
    },
  ])
  t.equal(found.items.length, 1)
  const spoken = await app.request(`/api/calls/${String(found.items[0].call_id)}/transcript`)
  const words = (await spoken.json()) as Shown
  t.ok(words.items.length > 3, 'its words are still there')
})
