// The erasure of a number on calls of Voximplant: their recordings there, what we keep of the session, and conversations
// that were had with a key of the application's own.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { insertCall } from '../../../control-api/calls/call-position.ts'
import { newCallRow } from '../../../control-api/calls/call-row.ts'
import { openDatabase } from '../../../control-api/db/database.ts'
import type { CallRow } from '../../../control-api/db/schema.ts'
import { openVault } from '../../../control-api/secrets/vault.ts'
import { createAccountStore } from '../../../control-api/voximplant/accounts/account-store.ts'
import { createApplicationStore } from '../../../control-api/voximplant/applications/application-store.ts'
import { SCENARIO_OPTIONS } from '../../../control-api/voximplant/applications/scenario-options.ts'
import {
  newVendorCall,
  type VendorCallRow,
} from '../../../control-api/voximplant/calls/call-store.ts'
import { epochMs, ms, type CallId } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { buildApp, eventually, freshDataDir, json, type BuiltApp } from '../../support/build-app.ts'
import { filesWith, NUMBER, readRow } from './support.ts'

const KEYS = [{ id: 'k1', key: Buffer.alloc(32, 7) }]
const JOB = {
  settle: ms(0),
  waitForCalls: ms(50),
  vendorBackOff: { firstMs: 50, maxMs: 50 },
  vendorRounds: 3,
}
const AT = 1_760_000_000_000
const SNAPSHOT = 'what the scenario told'

/** Voximplant and ElevenLabs in one: they delete what they have, and remember what they were asked. */
async function openVendors(t: Test, records: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = []
  const refuses = new Set<string>()
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://vendor')
      const form = new URLSearchParams(body)
      for (const [name, value] of url.searchParams) form.set(name, value)
      const command = form.get('cmd') ?? url.pathname.split('/').filter(Boolean).at(-1) ?? ''
      if (request.method === 'DELETE') {
        const key = String(request.headers['xi-api-key'])
        asked.push(`forget ${command} ${key}`)
        response.writeHead(command === 'conv_own' && key !== 'xi-own' ? 404 : 200).end('{}')
        return
      }
      const session = form.get('call_session_history_id') ?? ''
      const record = form.get('record_url') ?? ''
      if (command === 'DeleteRecord') asked.push(`delete ${record}`)
      if (command === 'GetCallHistory' && session !== '') asked.push(`history ${session}`)
      const answer = refuses.has(command)
        ? { error: { code: 104, msg: `Forbidden command for ${NUMBER}` } }
        : command === 'GetCallHistory'
          ? historyOf(session, records[session] ?? [])
          : { result: 1 }
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return { asked, refuses, url: `http://127.0.0.1:${port}` }
}

const historyOf = (session: string, urls: readonly string[]) => ({
  result: [
    {
      call_session_history_id: Number(session),
      application_id: 900,
      start_date: '2026-01-02 03:04:05',
      duration: 10,
      calls: [],
      records: urls.map((url, at) => ({ record_id: at + 1, record_url: url, duration: 5 })),
    },
  ],
  count: 1,
  total_count: 1,
  timezone: 'Etc/GMT',
})

interface Planted {
  readonly call?: Partial<CallRow>
  readonly vendor?: Partial<VendorCallRow>
}

/** An account, an application with a key of its own, and calls. */
async function plant(dataDir: string, calls: readonly Planted[]): Promise<void> {
  const database = await openDatabase(createLogger('silent'), { dataDir })
  const vault = await openVault(database, { keys: KEYS })
  const { query } = database
  const made = { created_by: 'test', created_at: AT, updated_at: AT }
  await database.write([
    createAccountStore(database, vault).added(
      {
        account_id: 'vac_1',
        account_name: 'one',
        vendor_account_id: '4711',
        is_active: 1,
        vendor_name: null,
        balance: null,
        currency: null,
        permissions: null,
        tested_at: null,
        ...made,
      },
      { kind: 'api_key', apiKey: 'vox-key' },
    ),
    createApplicationStore(database, vault).added(
      {
        application_id: 'vap_1',
        account_id: 'vac_1',
        application_name: 'one',
        vendor_application_id: '900',
        vendor_application_name: null,
        rule_id: null,
        rule_name: null,
        scenario_id: null,
        phone_number: null,
        elevenlabs_agent_id: 'agent',
        options: JSON.stringify(SCENARIO_OPTIONS),
        pushed_sha256: null,
        pushed_at: null,
        swept_until: null,
        ...made,
      },
      { elevenlabsApiKey: 'xi-own', signingKey: 'signs' },
    ),
    ...calls.flatMap(({ call, vendor }, at) => {
      const row: CallRow = {
        ...newCallRow(
          {
            callId: `call_${at}` as CallId,
            direction: 'outbound',
            from: '+4930111',
            to: NUMBER,
            trunk: 'voximplant',
            provider: 'voximplant',
            createdAt: epochMs(AT + at * 1000),
            metadata: {},
          },
          0,
        ),
        application_id: 'vap_1',
        status: 'ended',
        answered_at: AT,
        ended_at: AT + 60_000,
        ...call,
      }
      const kept = newVendorCall({
        call_id: row.call_id,
        vendor_account_id: '4711',
        application_id: 'vap_1',
        session_id: String(6760000000 + at),
        state: 'over',
        created_at: AT,
        ended_at: AT,
        snapshot: JSON.stringify({ to: row.to_number, what: SNAPSHOT }),
        plan: JSON.stringify({ to: row.to_number }),
        control_url: 'https://control.test/secret',
        is_pending: 1,
        ...vendor,
      })
      return [insertCall(query, row), query.insertInto('voximplant_calls').values(kept)]
    }),
  ])
  await database.close()
}

interface Erasure {
  readonly erasure_id: string
  readonly state: string
  readonly finished_at: string | null
}

async function erase(app: BuiltApp): Promise<Erasure> {
  const asked = await app.request('/api/erasures', json({ number: NUMBER }))
  const { erasure_id: id } = (await asked.json()) as Erasure
  const read = async () => (await (await app.request(`/api/erasures/${id}`)).json()) as Erasure
  // Several rounds of requests: a busy machine takes its time.
  for (let look = 0; look < 600; look += 1) {
    const erasure = await read()
    if (erasure.finished_at !== null) return erasure
    await delay(50)
  }
  throw new Error('the erasure is not over')
}

const open = (t: Test, dataDir: string, url: string): Promise<BuiltApp> =>
  buildApp(t, {
    dataDir,
    config: {
      secretsKeys: KEYS,
      agentVendor: { restUrl: url, apiKey: 'xi-node' },
      voximplant: { baseUrl: url },
      erasureJob: JOB,
      retentionDays: { audio: 9999, transcripts: 9999, events: 9999 },
    },
  })

const VENDOR = 'SELECT * FROM voximplant_calls WHERE call_id = ?'

t.test('recordings go at Voximplant, the talk with the key it was had with', async (t) => {
  const vendors = await openVendors(t, {
    '6760000000': ['https://records.test/known.mp3', 'https://records.test/second.mp3'],
    '6760000001': ['https://records.test/never-told.mp3'],
  })
  const dataDir = await freshDataDir(t)
  await plant(dataDir, [
    {
      call: { conversation_id: 'conv_own' },
      vendor: { recording_url: 'https://records.test/known.mp3', record_id: '1' },
    },
    {},
    {},
    // Nobody picked up: there is nothing to look for.
    { call: { answered_at: null } },
    { call: { to_number: '+4930222', to_reversed: '2220394' } },
  ])
  const app = await open(t, dataDir, vendors.url)
  t.match(await erase(app), {
    state: 'done',
    vendor: { erased: 1, unknown: 0, left: [] },
    telephony: { erased: 2, unknown: 1, left: [] },
    erased: { calls: 4 },
  })
  const about = vendors.asked.filter(
    (line) => !line.startsWith('history') || /676000000[0-3]/.test(line),
  )
  t.same(about.toSorted(), [
    'delete https://records.test/known.mp3',
    'delete https://records.test/never-told.mp3',
    'delete https://records.test/second.mp3',
    'forget conv_own xi-own',
    'history 6760000000',
    'history 6760000001',
    'history 6760000002',
  ])
  t.match(readRow(app, VENDOR, 'call_0'), {
    session_id: '6760000000',
    plan: null,
    snapshot: null,
    control_url: null,
    recording_url: null,
    record_id: null,
    is_pending: 0,
  })
  t.match(readRow(app, VENDOR, 'call_4'), { plan: /to/, snapshot: /to/ }, 'of another number')
  t.notMatch(readRow(app, 'SELECT receipt FROM erasures')['receipt'], /records\.test/)
  for (const text of [NUMBER, NUMBER.slice(1)]) t.same(await filesWith(dataDir, text), [], text)
})

t.test(
  'what Voximplant does not do is said, without its words, and where it is forgotten',
  async (t) => {
    const vendors = await openVendors(t, { '6760000000': ['https://records.test/one.mp3'] })
    vendors.refuses.add('DeleteRecord')
    const dataDir = await freshDataDir(t)
    await plant(dataDir, [
      { vendor: { recording_url: 'https://records.test/one.mp3' } },
      { vendor: { vendor_account_id: '99', recording_url: 'https://records.test/two.mp3' } },
      { call: { conversation_id: 'conv_own', application_id: 'vap_gone' } },
    ])
    const app = await open(t, dataDir, vendors.url)
    t.match(await erase(app), {
      state: 'incomplete',
      vendor: { left: [{ conversation_id: 'conv_own', why: /its application was removed/ }] },
      telephony: {
        erased: 0,
        unknown: 1,
        left: [
          { call_id: 'call_0', why: 'Voximplant refused (code 104)' },
          { call_id: 'call_1', why: 'its Voximplant account is not here any more' },
        ],
      },
    })
    const tries = vendors.asked.filter((line) => line.startsWith('delete'))
    t.equal(tries.length, 3, 'a round each')
    t.notMatch(readRow(app, 'SELECT receipt FROM erasures')['receipt'], /records\.test/)
  },
)

t.test('the time of audio takes the link along, unless our copy is still there', async (t) => {
  const dataDir = await freshDataDir(t)
  const recording_url = 'https://records.test/one.mp3'
  const ended_at = Date.now() - 20 * 24 * 3600_000
  const old = { created_at: ended_at, position: ended_at * 1000, ended_at }
  await plant(dataDir, [
    { call: old, vendor: { recording_url } },
    { call: { ended_at: Date.now() }, vendor: { recording_url } },
  ])
  const app = await buildApp(t, {
    dataDir,
    config: { secretsKeys: KEYS, retentionDays: { audio: 10, transcripts: 30, events: 30 } },
  })
  await eventually('the sweep is over', () =>
    Promise.resolve(readRow(app, VENDOR, 'call_0')['recording_url'] === null),
  )
  t.equal(readRow(app, VENDOR, 'call_1')['recording_url'], recording_url)
  t.match(
    readRow(app, VENDOR, 'call_0'),
    { is_pending: 1, plan: /to/ },
    'the rest has its own time',
  )
})
