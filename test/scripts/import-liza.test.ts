// npm run import-liza: the old assistant's database as SQLAlchemy made it, brought in once however often it is run.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { openDatabase } from '../../control-api/db/database.ts'
import { importLiza } from '../../control-api/orders/liza/import-liza.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { get } from '../control-api/orders/support.ts'
import { buildApp, json, type BuiltApp } from '../support/build-app.ts'
import { bareEnvironment, temporaryFolder } from '../support/process.ts'

const PROGRAM = join(import.meta.dirname, '../../scripts/import-liza.ts')
const FLAG = '--disable-warning=ExperimentalWarning'
/** Nothing is too old. */
const KEPT = { audio: 9999, transcripts: 9999, events: 9999 }

/** As `db.create_all()` writes them. */
const MODELS = `
  CREATE TABLE "call" (
    id INTEGER NOT NULL, call_sid VARCHAR(64), phone_number VARCHAR(20) NOT NULL, language VARCHAR(5),
    status VARCHAR(50), gdpr_consent BOOLEAN, created_at DATETIME, updated_at DATETIME,
    PRIMARY KEY (id), UNIQUE (call_sid)
  );
  CREATE TABLE conversation (
    id INTEGER NOT NULL, call_id INTEGER NOT NULL, step VARCHAR(50) NOT NULL, user_input TEXT, bot_response TEXT,
    timestamp DATETIME, PRIMARY KEY (id), FOREIGN KEY(call_id) REFERENCES "call" (id)
  );
  CREATE TABLE "order" (
    id INTEGER NOT NULL, call_id INTEGER, order_number VARCHAR(50) NOT NULL, status VARCHAR(50), notes TEXT,
    created_at DATETIME, updated_at DATETIME, PRIMARY KEY (id), FOREIGN KEY(call_id) REFERENCES "call" (id)
  );`

const ROWS = `
  INSERT INTO "call" VALUES
    (1, 'CA1', '+4973929378420', 'de', 'Завершен', 1, '2025-03-01 09:00:00.000000', NULL),
    (2, 'CA2', '+14155550123', 'en-US', 'Обработано', NULL, '2025-03-02 09:00:00.000000', NULL),
    (3, 'CA3', 'anonymous', 'de', 'Проблема', 0, '2025-03-03 09:00:00.000000', NULL),
    (4, 'CA4', '+4930111222', NULL, 'Wartet auf Rückruf', NULL, '2025-03-04 09:00:00.000000', NULL);
  INSERT INTO conversation VALUES
    (1, 1, 'greeting', NULL, 'Guten Tag', '2025-03-01 09:00:01.000000'),
    (2, 1, 'consent', '1', NULL, '2025-03-01 09:00:10.000000'),
    (3, 1, 'order', '4711', NULL, '2025-03-01 09:00:30.500000'),
    (4, 1, 'order_confirm', '1', NULL, '2025-03-01 09:00:40.000000'),
    (5, 2, 'gdpr_consent', '', NULL, '2025-03-02 09:00:10.000000'),
    (6, 2, 'gdpr_consent', '1', NULL, '2025-03-02 09:00:20.000000'),
    (7, 2, 'order', '4711#', NULL, '2025-03-02 09:00:30.000000');
  INSERT INTO "order" VALUES
    (1, 1, '4711', 'В обработке', 'first', '2025-03-01 09:00:40.000000', '2025-03-01 10:00:00.000000'),
    (2, 2, '4711', 'Завершен', NULL, '2025-03-02 09:00:40.000000', '2025-03-05 10:00:00.000000'),
    (3, NULL, 'AB-12', 'lost', 'who knows', '2025-03-02 11:00:00.000000', NULL),
    (4, NULL, '  ', 'confirmed', NULL, NULL, NULL);`

interface Place {
  readonly file: string
  readonly dataDir: string
  readonly run: (...args: string[]) => Promise<{ readonly code: number; readonly out: string }>
}

function place(t: Test, script = MODELS + ROWS): Place {
  const folder = temporaryFolder(t, 'liza')
  const file = join(folder, 'voice_assistant.db')
  const old = new DatabaseSync(file)
  old.exec(script)
  old.close()
  return {
    file,
    // Without a trunk and an agent it rehearses.
    dataDir: join(folder, 'data', 'rehearsal'),
    run: (...args) =>
      new Promise((resolve) => {
        const env = { ...bareEnvironment(), DATA_DIR: join(folder, 'data') }
        execFile(
          process.execPath,
          [FLAG, PROGRAM, ...args],
          { cwd: folder, env },
          (error, out, err) => {
            resolve({ code: error === null ? 0 : Number(error.code), out: out + err })
          },
        )
      }),
  }
}

/** The same without a process of its own. */
const bring = (file: string, dataDir: string) =>
  importLiza({
    file,
    target: { dataDir },
    isDryRun: false,
    logger: createLogger('silent'),
    onFound: () => undefined,
    onProgress: () => undefined,
  })

const open = (t: Test, dataDir: string): Promise<BuiltApp> =>
  buildApp(t, { dataDir, config: { retentionDays: KEPT } })

t.test('calls, steps, consents and orders come once; what staff did since stays', async (t) => {
  const { file, dataDir, run } = place(t)
  const before = readFileSync(file)
  const first = await run(file)
  t.match(first, { code: 0, out: /imported: 4 new calls of 4, 2 new orders \(4 rows\)/ })
  t.match(first.out, /calls: table "call", 4 rows; id → id, call_sid → sid, phone_number → number/)
  t.match(first.out, /left where they are: bot_response/)
  t.match(first.out, /6 steps, 2 consents, 1 refusals/)
  t.match(first.out, /not known here: Wartet auf Rückruf, lost/)
  t.match(first.out, /RETENTION_DAYS/)
  t.notMatch(first.out, /7392937|415555/, 'no number')
  const app = await open(t, dataDir)
  const { items: calls } = (await get(app, '/api/calls')) as { items?: { call_id: string }[] }
  t.match(calls, [
    { review_status: null, metadata: { old_status: 'Wartet auf Rückruf' }, consent: null },
    { review_status: 'problem', from: 'anonymous', consent: { given: false } },
    { review_status: 'processed', language: 'en', consent: { given: true, language: 'en' } },
    {
      provider: 'twilio',
      direction: 'inbound',
      from: '+4973929378420',
      status: 'ended',
      outcome: 'answered',
      review_status: 'completed',
      created_at: '2025-03-01T09:00:00.000Z',
      ended_at: '2025-03-01T09:00:40.000Z',
    },
  ])
  t.match(await get(app, `/api/calls/${calls?.[3]?.call_id ?? ''}/flow`), {
    steps: [
      { step: 'consent', attempt: 1, answer: 'yes', digits: '1' },
      { step: 'order', answer: 'entry', digits: '4711', asked_at: '2025-03-01T09:00:30.500Z' },
      { step: 'order_confirm', answer: 'yes' },
    ],
    consent: { given: true, prompt_id: 'liza', text_sha256: null, digit: '1' },
    orders: [{ order_number: '4711' }],
  })
  const { items: orders } = (await get(app, '/api/orders')) as { items?: { order_id: string }[] }
  t.match(orders, [
    { order_number: 'AB12', status: 'confirmed', notes: 'status: lost\nwho knows', call_id: null },
    {
      order_number: '4711',
      status: 'completed',
      notes: 'first',
      created_at: '2025-03-01T09:00:40.000Z',
      updated_at: '2025-03-05T10:00:00.000Z',
    },
  ])
  const url = `/api/orders/${orders?.[1]?.order_id ?? ''}`
  t.match(await get(app, url), {
    history: [
      { kind: 'imported', who: 'import', to: 'completed' },
      { kind: 'confirmed', at: '2025-03-01T09:00:40.000Z', call_id: calls?.[3]?.call_id },
      { kind: 'confirmed', at: '2025-03-02T09:00:40.000Z', call_id: calls?.[2]?.call_id },
    ],
  })
  await t.rejects(bring(file, dataDir), { message: /another voicegate is running/ })
  await app.request(`${url}/status`, json({ status: 'canceled', notes: 'by us' }))
  await app.close()
  t.match(await bring(file, dataDir), {
    calls: { found: 4, fresh: 0 },
    orders: { found: 4, fresh: 0 },
    steps: 0,
  })
  const again = await open(t, dataDir)
  t.match(await get(again, url), {
    status: 'canceled',
    notes: 'by us',
    history: { length: 5 },
  })
  t.equal(((await get(again, '/api/calls')) as { items?: object[] }).items?.length, 4)
  t.match(await get(again, '/api/audit?action=liza.imported'), {
    items: [{ detail: { calls: 0 } }, { detail: { calls: 4, orders: 2 } }],
  })
  t.same(readFileSync(file), before, 'the old one is as it was')
})

t.test('a dry run writes nothing; a file that is none is refused with what is in it', async (t) => {
  const { file, dataDir, run } = place(t)
  t.match(await run('--dry-run', file), {
    code: 0,
    out: /nothing was written: 4 calls and 2 orders/,
  })
  t.throws(() => readFileSync(join(dataDir, 'voicegate.sqlite')))
  await t.rejects(bring(join(file, 'x'), dataDir), { message: /there is no such file/ })
  t.match(await run('--what'), { code: 2, out: /usage/ })
  const other = place(t, 'CREATE TABLE fruit (id INTEGER); CREATE TABLE calls (what TEXT);')
  const refused = bring(other.file, other.dataDir)
  await t.rejects(refused, { message: /its tables are: fruit, calls/ })
})

t.test('models named otherwise, without steps and times', async (t) => {
  const { file, dataDir } = place(
    t,
    `CREATE TABLE calls (id INTEGER PRIMARY KEY, from_number TEXT, status TEXT, timestamp REAL);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, number INTEGER, state TEXT);
    INSERT INTO calls VALUES (7, '+4930111222', 'problem', 1740819600.5);
    INSERT INTO orders VALUES (1, 8899, 'storniert');`,
  )
  t.match(await bring(file, dataDir), { calls: { fresh: 1 }, orders: { fresh: 1 } })
  const database = await openDatabase(createLogger('silent'), { dataDir })
  t.teardown(() => database.close())
  const call = await database.query.selectFrom('calls').selectAll().executeTakeFirst()
  t.match(call, { created_at: 1740819600500, review_status: 'problem', from_number: '+4930111222' })
  const order = await database.query.selectFrom('orders').selectAll().executeTakeFirst()
  t.match(order, { order_number: '8899', status: 'canceled' })
})
