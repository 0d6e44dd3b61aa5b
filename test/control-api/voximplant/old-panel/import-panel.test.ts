// npm run import-panel: dumps that mariadb-dump wrote of two panels, one with names in camelCase, one in snake_case; brought
// in once however often it is run, broken off in the middle or not.
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { pathsOf } from '../../../../control-api/storage/disk-paths.ts'
import { insertCall } from '../../../../control-api/calls/call-position.ts'
import { newCallRow } from '../../../../control-api/calls/call-row.ts'
import { openDatabase, type Database } from '../../../../control-api/db/database.ts'
import {
  importPanel,
  type PanelImport,
} from '../../../../control-api/voximplant/old-panel/import-panel.ts'
import { openVault } from '../../../../control-api/secrets/vault.ts'
import { createAccountStore } from '../../../../control-api/voximplant/accounts/account-store.ts'
import { createApplicationStore } from '../../../../control-api/voximplant/applications/application-store.ts'
import { newVendorCall } from '../../../../control-api/voximplant/calls/call-store.ts'
import { epochMs, type CallId } from '../../../../core/contracts/index.ts'
import { createLogger } from '../../../../core/telemetry/index.ts'
import { needsPostgres, startPostgres } from '../../../support/postgres.ts'
import { bareEnvironment, temporaryFolder } from '../../../support/process.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const FIXTURES = join(ROOT, 'test/fixtures/old-panel')
const CAMEL = join(FIXTURES, 'camel-case.sql')
const SNAKE = join(FIXTURES, 'snake-case.sql.gz')
const KEYS = [{ id: 'k1', key: Buffer.alloc(32, 7) }]
const logger = createLogger('silent')

const bring = (file: string, dataDir: string, options: Partial<PanelImport> = {}) =>
  importPanel({
    file,
    target: { dataDir },
    secrets: { keys: KEYS },
    isDryRun: false,
    logger,
    onFound: () => undefined,
    onProgress: () => undefined,
    ...options,
  })

async function looking<T>(dataDir: string, look: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(logger, { dataDir })
  try {
    return await look(database)
  } finally {
    await database.close()
  }
}

const change = (
  dataDir: string,
  act: (query: Database['query']) => Parameters<Database['write']>[0],
) => looking(dataDir, (database) => database.write(act(database.query)))

const callsIn = (dataDir: string) =>
  looking(dataDir, ({ query }) =>
    query
      .selectFrom('calls')
      .leftJoin('voximplant_calls', 'voximplant_calls.call_id', 'calls.call_id')
      .selectAll('calls')
      .select(['session_id', 'vendor_account_id', 'state', 'is_pending'])
      .orderBy('session_id')
      .execute(),
  )

t.test('accounts, applications, calls, transcripts and recordings come once', async (t) => {
  const dataDir = join(temporaryFolder(t, 'panel'), 'data')
  const recordings = temporaryFolder(t, 'recordings')
  writeFileSync(join(recordings, 'call_91.mp3'), 'ID3 sound')
  const first = await bring(CAMEL, dataDir, { recordings })
  t.match(first, {
    house: { accounts: { found: 3, fresh: 2 }, applications: 2, freshApplications: 2 },
    calls: { found: 14, fresh: 13, orphans: 1, recordings: 1, missingRecordings: 0 },
    transcripts: { found: 8, fresh: 6, orphans: 1, unreadable: 1, held: 0 },
    hasAssumedCurrency: true,
  })
  const calls = await callsIn(dataDir)
  t.match(calls[0], {
    provider: 'voximplant',
    trunk: 'voximplant',
    direction: 'outbound',
    from_number: '+49301111111',
    to_number: '+491500000001',
    status: 'ended',
    outcome: 'failed',
    answered_at: null,
    created_at: 1767225607000,
    ended_at: 1767225607000,
    telephony_cost: null,
    telephony_currency: null,
    session_id: '6760000001',
    vendor_account_id: '4711001',
    state: 'over',
    is_pending: 0,
  })
  t.match(calls[1], {
    outcome: 'answered',
    conversation_id: 'conv_00000002',
    agent_id: 'agent_1',
    created_at: 1767225614000,
    answered_at: 1767225614000,
    ended_at: 1767225821000,
    telephony_cost: 0.83,
    telephony_currency: 'USD',
    has_transcript: 1,
    is_pending: 0,
  })
  t.match(calls.at(-1), {
    session_id: '6760000091',
    direction: 'inbound',
    termination_by: 'caller',
    recording_state: 'stored',
    recording_bytes: 9,
  })
  const { fanned: stored } = pathsOf(join(dataDir, 'media'), calls.at(-1)?.recording_key ?? '')
  t.equal(readFileSync(stored, 'utf8'), 'ID3 sound')
  t.ok(existsSync(join(recordings, 'call_91.mp3')), 'the old one is where it was')
  await looking(dataDir, (database) => examineSecrets(t, database))

  t.match(await bring(CAMEL, dataDir, { recordings }), {
    house: { accounts: { fresh: 0 }, freshApplications: 0 },
    calls: { fresh: 0, filled: 0, recordings: 0 },
    transcripts: { fresh: 0, held: 6 },
  })
  t.same(await callsIn(dataDir), calls)
  // The same panel, otherwise written.
  t.match(await bring(SNAKE, dataDir), {
    calls: { found: 12, fresh: 0 },
    transcripts: { fresh: 0 },
  })
  t.same(await callsIn(dataDir), calls)
})

async function examineSecrets(t: Test, database: Database): Promise<void> {
  const vault = await openVault(database, { keys: KEYS })
  const accounts = createAccountStore(database, vault)
  const applications = createApplicationStore(database, vault)
  const [one, two] = await accounts.list()
  t.match(one && accounts.accessOf(one), {
    vendorAccountId: '4711001',
    credential: { kind: 'api_key', apiKey: 'key-\\one' },
  })
  t.match(one, { account_name: "Konto 'A'", is_active: 1, created_by: 'import' })
  t.match(two, { vendor_account_id: '4711002', is_active: 0 })
  const [linked, draft] = await applications.list()
  t.match(linked, {
    application_name: 'App `eins`',
    vendor_application_id: '900',
    rule_id: '77',
    phone_number: '+49301111111',
    scenario_id: null,
    pushed_at: null,
  })
  t.match(linked && applications.secretsOf(linked), {
    elevenlabsApiKey: 'xi-secret-1',
    signingKey: /^[0-9a-f]{64}$/,
  })
  t.match(draft, { vendor_application_id: null, phone_number: null })
  const { transcript } = await database.query
    .selectFrom('conversations')
    .selectAll()
    .where('conversation_id', '=', 'conv_00000002')
    .where('state', '=', 'done')
    .executeTakeFirstOrThrow()
  const turns = await database.query
    .selectFrom('call_turns')
    .innerJoin('calls', 'calls.call_id', 'call_turns.call_id')
    .select(['role', 'text', 'at'])
    .where('conversation_id', '=', 'conv_00000002')
    .orderBy('seq')
    .execute()
  const told = JSON.parse(transcript ?? '') as { message: string; time_in_call_secs: number }[]
  t.same(
    turns.map(({ text }) => text),
    told.map(({ message }) => message),
  )
  t.match(turns[1], { role: 'caller', at: 1767225614000 + 3000 })
}

t.test('a link among the recordings leads nowhere', async (t) => {
  const dataDir = join(temporaryFolder(t, 'panel'), 'data')
  const recordings = temporaryFolder(t, 'recordings')
  const secret = join(temporaryFolder(t, 'secret'), 'key')
  writeFileSync(secret, 'a secret')
  symlinkSync(secret, join(recordings, 'call_91.mp3'))
  for (const isDryRun of [true, false])
    t.match(await bring(CAMEL, dataDir, { recordings, isDryRun }), {
      calls: { fresh: 13, recordings: 0, missingRecordings: 1 },
    })
  t.match((await callsIn(dataDir)).at(-1), { session_id: '6760000091', recording_state: null })
})

t.test(
  'what is here stays; what is missing of it is filled in; what was erased stays so',
  async (t) => {
    const dataDir = join(temporaryFolder(t, 'panel'), 'data')
    t.match(await bring(SNAKE, dataDir), { calls: { fresh: 12 }, transcripts: { fresh: 6 } })
    const [, whole, erased, bare, retained] = await callsIn(dataDir)
    const of = (call: { call_id: string } | undefined) => call?.call_id ?? ''
    await change(dataDir, (query) => [
      query
        .updateTable('calls')
        .set({ telephony_cost: 7, to_number: '+4930999' })
        .where('call_id', '=', of(whole)),
      query
        .updateTable('calls')
        .set({
          erased_at: 1,
          to_number: 'erased',
          from_number: null,
          has_transcript: 0,
          conversation_id: null,
        })
        .where('call_id', '=', of(erased)),
      // As a webhook leaves it that lost the conversation.
      query
        .updateTable('calls')
        .set({ conversation_id: null, has_transcript: 0 })
        .where('call_id', '=', of(bare)),
      query.deleteFrom('conversations').where('call_id', 'in', [of(bare), of(erased)]),
      query.deleteFrom('call_turns').where('call_id', 'in', [of(bare), of(erased), of(retained)]),
      query
        .updateTable('calls')
        .set({ has_transcript: 0, transcript_deleted_at: 1 })
        .where('call_id', '=', of(retained)),
    ])
    t.match(await bring(SNAKE, dataDir), {
      calls: { fresh: 0, filled: 1 },
      transcripts: { fresh: 1, held: 5 },
    })
    const calls = await callsIn(dataDir)
    t.match(calls[1], { telephony_cost: 7, to_number: '+4930999' })
    t.match(calls[2], {
      to_number: 'erased',
      from_number: null,
      has_transcript: 0,
      conversation_id: null,
    })
    t.match(calls[3], { conversation_id: bare?.conversation_id, has_transcript: 1, is_pending: 0 })
    t.match(calls[4], { has_transcript: 0 })
  },
)

t.test('a call that the history or the scenario told of is the same call', async (t) => {
  const dataDir = join(temporaryFolder(t, 'panel'), 'data')
  const told = newCallRow(
    {
      callId: 'call_other' as CallId,
      direction: 'inbound',
      from: '+49301',
      to: '+49302',
      trunk: 'voximplant',
      provider: 'voximplant',
      createdAt: epochMs(1767225614000),
      metadata: {},
    },
    0,
  )
  const session = newVendorCall({
    call_id: told.call_id,
    vendor_account_id: '4711001',
    session_id: '6760000002',
    application_id: 'vap_other',
    state: 'over',
    created_at: told.created_at,
  })
  await change(dataDir, (query) => [
    insertCall(query, told),
    query.insertInto('voximplant_calls').values(session),
  ])
  t.match(await bring(SNAKE, dataDir), {
    calls: { fresh: 11, filled: 1 },
    transcripts: { fresh: 6 },
  })
  const known = (await callsIn(dataDir)).filter(({ session_id: id }) => id === '6760000002')
  t.match(known, [
    {
      call_id: 'call_other',
      direction: 'inbound',
      from_number: '+49301',
      application_id: null,
      conversation_id: 'conv_00000002',
      has_transcript: 1,
      is_pending: 0,
    },
  ])
  t.equal(known.length, 1)
})

t.test('broken off in the middle, it goes on where it was', async (t) => {
  const dataDir = join(temporaryFolder(t, 'panel'), 'data')
  for (const stage of ['calls', 'transcripts'] as const)
    await t.rejects(
      bring(CAMEL, dataDir, {
        onProgress(what) {
          if (what === stage) throw new Error('broken off')
        },
      }),
      { message: 'broken off' },
    )
  t.match(await bring(CAMEL, dataDir), {
    house: { accounts: { fresh: 0 } },
    calls: { fresh: 0 },
    transcripts: { fresh: 0, held: 6 },
  })
  const calls = await callsIn(dataDir)
  t.equal(calls.length, 13)
  t.equal(calls.filter(({ has_transcript: has }) => has === 1).length, 6)
})

t.test('on PostgreSQL: the same, once', needsPostgres, async (t) => {
  const server = await startPostgres(t)
  const url = await server.createDatabase('panel')
  const dataDir = join(temporaryFolder(t, 'panel'), 'data')
  const recordings = temporaryFolder(t, 'recordings')
  writeFileSync(join(recordings, 'call_91.mp3'), 'ID3 sound')
  const options = { recordings, target: { dataDir, url } }
  t.match(await bring(CAMEL, dataDir, options), {
    calls: { fresh: 13, recordings: 1 },
    transcripts: { fresh: 6 },
  })
  t.match(await bring(CAMEL, dataDir, options), {
    calls: { fresh: 0, recordings: 0 },
    transcripts: { fresh: 0, held: 6 },
  })
})

t.test('half a dump, another database, no key: nothing is written', async (t) => {
  const folder = temporaryFolder(t, 'panel')
  const dataDir = join(folder, 'data')
  const file = join(folder, 'half.sql')
  writeFileSync(file, readFileSync(CAMEL).subarray(0, 9000))
  await t.rejects(bring(file, dataDir), { message: /in the middle of a statement/ })
  writeFileSync(file, 'CREATE TABLE fruit (id int); INSERT INTO fruit VALUES (1);')
  await t.rejects(bring(file, dataDir), { message: /its tables are: fruit/ })
  t.notOk(existsSync(dataDir))
  await t.rejects(bring(SNAKE, dataDir, { secrets: { keys: [] } }), { code: 'SECRETS_KEY_MISSING' })
  t.same(await callsIn(dataDir), [])
})

t.test('the program says what came, what did not, and what to do next', async (t) => {
  const folder = temporaryFolder(t, 'panel')
  mkdirSync(join(folder, 'recordings'))
  const file = join(folder, 'panel.sql.gz')
  copyFileSync(SNAKE, file)
  const run = (...args: string[]) =>
    new Promise<{ readonly code: number; readonly out: string }>((resolve) => {
      const env = { ...bareEnvironment(), DATA_DIR: join(folder, 'data') }
      const program = join(ROOT, 'scripts/import-panel.ts')
      const flags = ['--disable-warning=ExperimentalWarning', program]
      execFile(process.execPath, [...flags, ...args], { cwd: folder, env }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out: out + err }),
      )
    })
  const dry = await run('--dry-run', file)
  t.match(dry, {
    code: 0,
    out: /nothing was written: 2 accounts, 2 applications, 12 calls and 6 tr/,
  })
  t.notOk(existsSync(join(folder, 'data')))
  const { code, out } = await run('--recordings', join(folder, 'recordings'), file)
  t.equal(code, 0, out)
  t.match(out, /calls: table "voximplant_calls", 12 rows; id → id, application_id → application/)
  t.match(out, /left where they are: scenario_code, status/)
  t.match(out, /other tables, passed over: users/)
  t.match(
    out,
    /imported: 2 new accounts of 3, 2 new applications of 2, 12 new calls of 12, 6 new tr/,
  )
  t.match(out, /Recordings: 0 copied, 0 not found/)
  t.match(out, /push the new scenario/)
  t.match(out, /count as USD/)
  t.match(out, /RETENTION_DAYS/)
  t.notMatch(out, /49301111|xi-secret|key-/, 'no number, no key')
  t.match(await run('--what'), { code: 2, out: /usage/ })
  t.match(await run(join(folder, 'none.sql')), { code: 1, out: /ENOENT/ })
})
