// A process that is killed again and again in the middle of a synchronisation: the next one goes on where it was, and in the
// end every call is there once, and counted once.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openDatabase } from '../../control-api/db/database.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { startVoximplant } from '../../simulators/voximplant/index.ts'
import { freshDataDir, json } from '../support/build-app.ts'
import { eventually, startProgram, type RunningProgram } from '../support/process.ts'
import { DAY_MS, pastSession, utc } from '../control-api/voximplant/past-sessions.ts'

const CHILD = join(import.meta.dirname, '../support/api-child.ts')
const CALLS = 10_000
const KILLS = 2
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS
const FROM = TODAY - 10 * DAY_MS
const DEADLINE_MS = 90_000

interface Child {
  readonly program: RunningProgram
  ask(method: string, path: string, body?: unknown): Promise<Shown>
}
// What REST answers: the test looks into it.
// oxlint-disable-next-line typescript/no-explicit-any
type Shown = any

async function start(t: Test, dataDir: string, baseUrl: string): Promise<Child> {
  const flag = '--disable-warning=ExperimentalWarning'
  const config = JSON.stringify({ voximplant: { baseUrl } })
  const program = startProgram(t, [process.execPath, flag, CHILD, dataDir, config])
  let gone = false
  void program.ended.then(() => (gone = true))
  await eventually('it listens', 20_000, () => {
    if (gone) throw new Error(`it did not start: ${program.stderr}`)
    return program.stdout.includes('\n')
  })
  const { url } = JSON.parse(program.stdout) as { url: string }
  return {
    program,
    ask: async (method, path, body) => {
      const init = body === undefined ? { method } : { ...json(body), method }
      const response = await fetch(`${url}${path}`, init)
      return response.json()
    },
  }
}

t.test('a synchronisation outlives its processes', async (t) => {
  const vendor = await startVoximplant({})
  t.teardown(() => vendor.close())
  const dataDir = await freshDataDir(t)
  const { application_id: vendorId } = vendor.addApplication({ name: 'shop' })
  const step = Math.floor((10 * DAY_MS) / CALLS / 1000) * 1000
  vendor.addHistory(
    Array.from({ length: CALLS }, (_, n) =>
      pastSession({ id: n + 1, applicationId: vendorId, at: FROM + n * step, talkSeconds: n % 3 }),
    ),
  )
  let child = await start(t, dataDir, vendor.baseUrl)
  const account = await child.ask('POST', '/api/voximplant/accounts', {
    account_name: 'Main',
    account_id: String(vendor.accountId),
    service_account_key: vendor.serviceAccountKey,
  })
  const application = await child.ask('POST', '/api/voximplant/applications', {
    account: account.account_id,
    application_name: 'Shop',
    elevenlabs_agent_id: 'agent_1',
    voximplant_application_id: String(vendorId),
  })
  const below = `/api/voximplant/applications/${application.application_id}`
  // Long enough to be killed in.
  vendor.fail({ kind: 'slow', ms: 300 }, { of: 'GetCallHistory', times: 10_000 })
  const range = { from_date: utc(FROM).slice(0, 10), to_date: utc(TODAY - DAY_MS).slice(0, 10) }
  void child.ask('POST', `${below}/sync`, range).catch(() => undefined)
  const sync = async (): Promise<Shown> => (await child.ask('GET', `${below}/syncs`)).items[0]
  const read: number[] = []
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const least = (CALLS / (KILLS + 2)) * kill
    await eventually(
      'it is in the middle',
      DEADLINE_MS,
      async () => (await sync())?.new_calls > least,
    )
    // Not at the end of a page.
    await sleep(Math.random() * 150)
    read.push((await sync()).new_calls)
    child.program.signal('SIGKILL')
    await child.program.ended
    child = await start(t, dataDir, vendor.baseUrl)
  }
  t.ok(
    read.every((calls) => calls < CALLS),
    `killed at ${read.join(', ')} of ${CALLS}`,
  )
  await eventually('it is done', DEADLINE_MS, async () => (await sync()).state === 'done')
  const done = await sync()
  t.match(done, { count: CALLS, total: CALLS, new_calls: CALLS, updated_calls: 0, error: null })
  t.equal(done.progress, 1)
  child.program.signal('SIGKILL')
  await child.program.ended
  const database = await openDatabase(createLogger('silent'), { dataDir })
  t.teardown(() => database.close())
  for (const [table, each] of [
    ['calls', 1],
    ['voximplant_calls', 1],
  ] as const) {
    const { rows } = await database.query
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow()
    t.equal(rows, each * CALLS, table)
  }
  const ends = await database.query
    .selectFrom('call_events')
    .select(({ fn }) => fn.countAll<number>().as('rows'))
    .where('type', '=', 'call.ended')
    .executeTakeFirstOrThrow()
  t.equal(ends.rows, CALLS, 'each call ended once')
})
