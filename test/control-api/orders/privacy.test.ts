// What is forgotten of the menu: a number that is erased, entries whose time is over; the company's orders stay.
import t, { type Test } from 'tap'
import { ms, type CallId, type EpochMs } from '../../../core/contracts/index.ts'
import { eventually, freshDataDir, json, type BuiltApp } from '../../support/build-app.ts'
import { emptiedDatabase } from '../../support/postgres-databases.ts'
import { needsPostgres, startPostgres } from '../../support/postgres.ts'
import { DAY_MS, filesWith, NUMBER } from '../privacy/support.ts'
import { begin, buildMenu, end, get, lead } from './support.ts'

/** What nobody else types. */
const ENTRY = '771133559922'
const JOB = {
  settle: ms(0),
  waitForCalls: ms(50),
  vendorBackOff: { firstMs: 50, maxMs: 50 },
  vendorRounds: 1,
}

const kept = (days: number) => ({ audio: days, transcripts: days, events: days })

async function named(app: BuiltApp, from: string, number: string, daysAgo = 0): Promise<CallId> {
  const createdAt = (app.clock.now() - daysAgo * DAY_MS) as EpochMs
  const call = await begin(app, { from, createdAt })
  await lead(app, call, '1', number, '1')
  const termination = {
    result: 'success',
    reason: 'hangup',
    by: 'caller',
    sipStatus: null,
  } as const
  if (daysAgo === 0) await end(app, call.callId)
  else {
    app.emit('call.ended', call.callId, { termination }, (createdAt + 1000) as EpochMs)
    app.control.live.delete(call.callId)
    await eventually('the end', async () => {
      return (await get(app, `/api/calls/${call.callId}`))['status'] === 'ended'
    })
  }
  return call.callId
}

async function erase(app: BuiltApp): Promise<Record<string, unknown>> {
  const asked = await app.request('/api/erasures', json({ number: NUMBER, reason: 'a letter' }))
  const { erasure_id: id } = (await asked.json()) as { erasure_id: string }
  await eventually('the erasure', async () => {
    return (await get(app, `/api/erasures/${id}`))['finished_at'] !== null
  })
  return get(app, `/api/erasures/${id}`)
}

function suite(
  t: Test,
  build: (t: Test, config: object) => Promise<{ app: BuiltApp; dataDir: string; isFile: boolean }>,
): void {
  t.test('a number is erased: entries and links go, order and proof stay', async (t) => {
    const { app, dataDir, isFile } = await build(t, { erasureJob: JOB })
    const callId = await named(app, NUMBER, ENTRY)
    const other = await named(app, '+4930111222333', '4444')
    const { items } = (await get(app, '/api/orders')) as {
      items?: { order_id: string; order_number: string }[]
    }
    const ids = new Map(items?.map((one) => [one.order_number, one.order_id]))
    const notes = `call ${NUMBER} back`
    const url = `/api/orders/${ids.get('4444') ?? ''}`
    await app.request(`${url}/status`, json({ status: 'problem', notes }))
    t.match(await erase(app), {
      state: 'done',
      erased: { calls: 1, menu_entries: 4, consent_numbers: 1, mentions: 2 },
    })
    t.match(await get(app, `/api/calls/${callId}/flow`), {
      steps: [{ answer: 'yes', digits: null }, { answer: 'entry', digits: null }, {}, {}],
      consent: { given: true, text_sha256: /^[0-9a-f]{64}$/ },
      orders: [],
    })
    t.match(await get(app, `/api/orders/${ids.get(ENTRY) ?? ''}`), {
      order_number: ENTRY,
      call_id: null,
      call_ids: [],
      history: [{ kind: 'confirmed', call_id: null }],
    })
    t.match(await get(app, url), {
      call_id: other,
      notes: 'call erased back',
      history: [{}, {}, { kind: 'notes', to: 'call erased back' }],
    })
    t.match(await get(app, `/api/calls/${other}/flow`), { steps: [{}, { digits: '4444' }] })
    if (isFile) t.same(await filesWith(dataDir, NUMBER.slice(1)), [], 'in no file of ours')
  })

  t.test('entries whose time is over are gone, the answers are not', async (t) => {
    const { app } = await build(t, { retentionDays: kept(365) })
    const old = await named(app, NUMBER, ENTRY, 100)
    const fresh = await named(app, NUMBER, '4444')
    await app.close()
    // Another policy sweeps at once.
    const { app: again } = await build(t, { retentionDays: kept(90) })
    // Table after table, each in its own transactions.
    await eventually('the sweep', async () => {
      const flow = await get(again, `/api/calls/${old}/flow`)
      const { items } = (await get(again, `/api/orders?order_number=${ENTRY}`)) as {
        items?: { call_id: string | null }[]
      }
      const isEntryGone = (flow['steps'] as { digits: string | null }[])[1]?.digits === null
      return isEntryGone && items?.[0]?.call_id === null
    })
    t.match(await get(again, `/api/calls/${old}/flow`), { steps: [{ answer: 'yes' }, {}, {}, {}] })
    t.match(await get(again, `/api/calls/${fresh}/flow`), { steps: [{}, { digits: '4444' }] })
    t.match(await get(again, `/api/orders?order_number=${ENTRY}`), {
      items: [{ order_number: ENTRY, call_id: null }],
    })
  })
}

t.test('on SQLite', async (t) => {
  const folders = new Map<string, string>()
  suite(t, async (one, config) => {
    const dataDir = folders.get(one.name) ?? (await freshDataDir(one))
    folders.set(one.name, dataDir)
    return { app: await buildMenu(one, { dataDir, config }), dataDir, isFile: true }
  })
})

t.test('on PostgreSQL', needsPostgres, async (t) => {
  const another = await emptiedDatabase(t, await startPostgres(t))
  const urls = new Map<string, string>()
  suite(t, async (one, config) => {
    const databaseUrl = urls.get(one.name) ?? (await another())
    urls.set(one.name, databaseUrl)
    const app = await buildMenu(one, { config: { databaseUrl, ...config } })
    return { app, dataDir: app.dataDir, isFile: false }
  })
})
