import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { newCallId } from '../../core/contracts/index.ts'
import { buildApp, eventually, freshDataDir, sample } from '../support/build-app.ts'

const CHILD = fileURLToPath(new URL('../support/journal-child.ts', import.meta.url))

/** Runs the child until it says that its record is durable, and kills it at that moment. */
async function killAfterOpen(dataDir: string, ...rest: string[]): Promise<string> {
  const { child, callId } = await runUntilOpen(dataDir, ...rest)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  const [, signal] = (await exited) as [number | null, string]
  if (signal !== 'SIGKILL') throw new Error('the child ended by itself')
  return callId
}

/** Runs the child until it says that its record is durable. */
async function runUntilOpen(dataDir: string, ...rest: string[]) {
  const flags = ['--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, CHILD, dataDir, ...rest], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, callId: said.toString().trim() }
}

t.test('a record that was opened survives SIGKILL, and the next start closes it', async (t) => {
  for (let round = 0; round < 3; round++) {
    const dataDir = await freshDataDir(t)
    const callId = await killAfterOpen(dataDir)
    const app = await buildApp(t, { dataDir })
    const call: unknown = await (await app.request(`/api/calls/${callId}`)).json()
    t.match(call, {
      call_id: callId,
      status: 'ended',
      outcome: 'failed',
      ended_at: '2026-01-01T00:00:00.000Z',
      termination: {
        result: 'server_error',
        reason: 'gateway-crashed',
        by: 'gateway',
        sip_status: null,
      },
    })
    const timeline = await app.request(`/api/calls/${callId}/timeline`)
    t.match(await timeline.json(), { items: [{ type: 'call.ended' }] })
    await app.close()
  }
})

t.test('an agent that was open at the crash is closed at the last sign of life', async (t) => {
  const dataDir = await freshDataDir(t)
  const callId = await killAfterOpen(dataDir, 'events')
  const app = await buildApp(t, { dataDir })
  const call: unknown = await (await app.request(`/api/calls/${callId}`)).json()
  t.match(call, {
    outcome: 'answered',
    duration_seconds: 6.001,
    agent: { close_reason: 'gateway-crashed', closed_at: '2026-01-01T00:00:07.001Z', sessions: 1 },
    cost: { amount_minor: 1, parts: [{ seconds: 6 }] },
  })
  const timeline = (await (await app.request(`/api/calls/${callId}/timeline`)).json()) as {
    items: { type: string }[]
  }
  t.equal(timeline.items.length, 5)
  t.equal(timeline.items.at(-1)?.type, 'call.ended')
  t.equal(await sample(app.metrics, 'agent_sessions_before_answer_total'), 0)
  t.notMatch(app.logged(), 'breaks the cost guard')
  await app.close()
  const again = await buildApp(t, { dataDir })
  t.same(await (await again.request(`/api/calls/${callId}`)).json(), call, 'once and for all')
})

t.test('a second process on the folder is refused, and the first one’s calls go on', async (t) => {
  const dataDir = await freshDataDir(t)
  const { child, callId } = await runUntilOpen(dataDir)
  const exited = once(child, 'exit')
  const refused = { code: 'CONFIGURATION_INVALID', message: /DATA_DIR.*another voicegate/ }
  await t.rejects(buildApp(t, { dataDir }), refused)
  const reader = new DatabaseSync(join(dataDir, 'voicegate.sqlite'), { readOnly: true })
  t.match(reader.prepare('select call_id, status, ended_at from calls').all(), [
    { call_id: callId, status: 'queued', ended_at: null },
  ])
  reader.close()
  child.kill('SIGKILL')
  await exited
  const app = await buildApp(t, { dataDir })
  const call: unknown = await (await app.request(`/api/calls/${callId}`)).json()
  t.match(call, { termination: { reason: 'gateway-crashed' } }, 'a crash leaves no lock behind')
})

t.test('a database that another program holds refuses a call within seconds', async (t) => {
  const app = await buildApp(t)
  const other = new DatabaseSync(join(app.dataDir, 'voicegate.sqlite'))
  t.teardown(() => other.close())
  other.exec('begin immediate')
  const begun = performance.now()
  const callId = newCallId()
  await t.rejects(app.control.begin({ callId }), { code: 'DATABASE_UNAVAILABLE' })
  const waited = performance.now() - begun
  t.ok(waited < 3000, 'two seconds and some', { waited })
  const ready = await app.request('/ready')
  t.equal(ready.status, 503, 'and no more calls should come')
  t.match(await ready.json(), { status: 'failing', checks: [{ name: 'database', ok: false }] })
  app.emit('call.ended', callId, {
    termination: {
      result: 'server_error',
      reason: 'internal-error',
      by: 'gateway',
      sipStatus: 503,
    },
  })
  other.exec('commit')
  await eventually('the record is there, and closed', async () => {
    const record = (await (await app.request(`/api/calls/${callId}`)).json()) as object
    return 'status' in record && record.status === 'ended'
  })
  await eventually('/ready says so', async () => (await app.request('/ready')).status === 200)
})

t.test('a record cannot be opened twice', async (t) => {
  const app = await buildApp(t)
  const callId = newCallId()
  await app.control.begin({ callId })
  await t.rejects(app.control.begin({ callId }), { code: 'INTERNAL' })
})

t.test('closing writes what was heard, and closes what it must in order', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await buildApp(t, { dataDir })
  const calls = await Promise.all(Array.from({ length: 20 }, () => first.control.begin()))
  const termination = {
    result: 'success',
    reason: 'shutdown',
    by: 'gateway',
    sipStatus: null,
  } as const
  for (const { callId } of calls) {
    first.emit('sip.invite', callId, { direction: 'inbound', sipCallId: 's' })
    first.emit('call.ended', callId, { termination })
  }
  await Promise.all([first.close(), first.close()])
  const second = await buildApp(t, { dataDir })
  const page = (await (await second.request('/api/calls?limit=100')).json()) as { items: object[] }
  t.equal(page.items.length, 20)
  for (const item of page.items)
    t.match(item, { status: 'ended', termination: { reason: 'shutdown' } })
  await t.rejects(first.control.begin(), { code: 'DATABASE_UNAVAILABLE' })
})
