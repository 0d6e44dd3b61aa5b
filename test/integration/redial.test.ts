// Dialled again until somebody answers, end to end: the simulated carrier counts the INVITEs, the simulated agent its
// sessions. The clock of the job is moved forward in the database, so that a minute does not have to pass.
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually, temporaryFolder } from '../support/process.ts'
import { startProduct, type Product } from '../support/start-product.ts'

const NUMBER = '+4930123400'
const RETRY = { attempts: 3, after_seconds: 3600, on: ['busy', 'no-answer', 'failed'] }
type Call = Record<string, unknown>

/** Every attempt that waits for its time is due now. */
function hurry(dataDir: string): number {
  const database = new DatabaseSync(join(dataDir, 'rehearsal', 'voicegate.sqlite'))
  database.exec('pragma busy_timeout = 2000')
  const moved = database.prepare("update jobs set run_at = 0 where kind = 'call.redial'").run()
  database.close()
  return Number(moved.changes)
}

async function open(t: Test, settings: Record<string, string> = {}) {
  const dataDir = temporaryFolder(t, 'data')
  const product = await startProduct(t, {
    agent: { mode: 'silent', inputTimeoutMs: null },
    settings: { DATA_DIR: dataDir, DIAL_ALLOW_PREFIXES: '+49', ...settings },
  })
  return { product, dataDir }
}

const chain = async ({ view }: Product): Promise<readonly Call[]> =>
  ((await view.history()) as unknown as readonly Call[]).toSorted(
    (a, b) => Number(a['attempt']) - Number(b['attempt']),
  )

const ended = ({ view }: Product, callId: string) => view.ended(callId)

t.test('busy, busy, answered: three INVITEs, one agent, and no attempt left', async (t) => {
  const { product, dataDir } = await open(t)
  const { carrier, view, agent } = product
  carrier.script(NUMBER, 'busy')
  const first = await view.place(NUMBER, { retry: RETRY })
  await ended(product, first)
  t.match((await chain(product))[0], { outcome: 'busy', attempt: 1, retry_of: null })
  t.equal(hurry(dataDir), 1)
  await view.allEnded(2)
  t.equal(hurry(dataDir), 1)
  carrier.script(NUMBER, [{ ring: 20 }, { answer: true }, { listen: 300 }, { hangUp: true }])
  const calls = await eventually('a third call', 10_000, async () => {
    const made = await chain(product)
    return made.length === 3 && made[2]?.['status'] === 'ended' && made
  })
  t.match(calls, [
    { call_id: first, outcome: 'busy', next_attempt_at: null },
    { attempt: 2, retry_of: first, outcome: 'busy', next_attempt_at: null },
    { attempt: 3, retry_of: first, outcome: 'answered', next_attempt_at: null },
  ])
  t.equal(carrier.calls.length, 3, 'as the carrier counts')
  t.equal(agent.sessions.length, 1)
  t.equal(hurry(dataDir), 0, 'a fourth is not due')
})

t.test('who declines, and who is not there, is rung once', async (t) => {
  const { product, dataDir } = await open(t)
  const { carrier, view } = product
  carrier.script(NUMBER, [{ reject: 603 }])
  carrier.script('+4930123401', [{ reject: 404 }])
  const declined = await view.place(NUMBER, { retry: RETRY })
  const unknown = await view.place('+4930123401', { retry: RETRY })
  for (const callId of [declined, unknown])
    t.match(await ended(product, callId), { next_attempt_at: null })
  t.equal(hurry(dataDir), 0)
  t.equal(carrier.calls.length, 2)
})

t.test('one conversation is allowed: the second phone does not ring', async (t) => {
  const { product } = await open(t, { AGENT_MAX_SESSIONS: '1' })
  const { carrier, view } = product
  carrier.script('*', [{ ring: 20 }, { answer: true }, { untilHangUp: 20_000 }])
  const first = await view.place(NUMBER)
  const second = await view.start({ phone_number: '+4930123401' })
  t.match(second, { status: 429, body: { code: 'AGENT_SLOTS_TAKEN' } })
  await eventually('the first phone rings', 5000, () => carrier.calls.length === 1)
  await view.hangUp(first)
  await product.idle()
  t.equal(carrier.calls.length, 1)
  t.equal((await view.start({ phone_number: '+4930123401' })).status, 202)
})
