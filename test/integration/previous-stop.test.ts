// Each start says how the process before it ended: whatever that was, on either database.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openBareApi } from '../support/bare-api.ts'
import { startChild, type ChildProduct } from '../support/child-product.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { eventually, startProgram, temporaryFolder } from '../support/process.ts'

const API_CHILD = join(import.meta.dirname, '../support/api-child.ts')

const pageAt = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text()
const page = ({ view }: ChildProduct): Promise<string> => pageAt(view.apiUrl)

/** The one that is 1: there is no other. */
async function saysAt(url: string): Promise<string[]> {
  const lines = (await pageAt(url)).split('\n')
  const stops = lines.filter((line) => line.startsWith('voicegate_previous_stop{'))
  if (stops.length !== 4) throw new Error(`${stops.length} words`)
  return stops
    .filter((line) => line.endsWith(' 1'))
    .map((line) => /how="(\w+)"/.exec(line)?.[1] ?? '')
}
const saysOf = ({ view }: ChildProduct): Promise<string[]> => saysAt(view.apiUrl)

async function talk({ view }: ChildProduct): Promise<void> {
  const callId = await view.place('+4930555100')
  await eventually('the answer', 10_000, async () => {
    return (await view.call(callId)).status === 'answered'
  })
}

// One that drained is told of by test/control-api/previous-stop.test.ts, and below.
t.test('first, forced, crashed', async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  const open = () => startChild(t, { dataDir, env: { DRAIN_SECONDS: '0' } })
  const first = await open()
  t.same(await saysOf(first), ['first'])
  t.match(await page(first), /^voicegate_log_lines_total\{level="error"\} 0$/m)
  await talk(first)
  t.equal(await first.stop(), 0)

  const forced = await open()
  t.same(await saysOf(forced), ['forced'], 'a call was cut off')
  await talk(forced)
  await forced.kill()

  const crashed = await open()
  t.same(await saysOf(crashed), ['crashed'])
  t.match(await page(crashed), /^voicegate_log_lines_total\{level="warn"\} [1-9]/m, 'and its log')
})

t.test('the same with PostgreSQL, and without calls', needsPostgres, async (t) => {
  const server = await startPostgres(t)
  const dataDir = temporaryFolder(t, 'data')
  const databaseUrl = await server.createDatabase('stops')
  t.same(await killedOne(t, dataDir, databaseUrl), ['first'])
  for (const word of ['crashed', 'drained']) {
    const api = await openBareApi({ dataDir, databaseUrl })
    const close = () => api.close()
    t.teardown(close)
    await api.listen()
    api.setReady('ready')
    t.same(await saysAt(`http://127.0.0.1:${api.address.port}`), [word])
    await close()
  }
})

/** @returns what it said of the one before it */
async function killedOne(t: Test, dataDir: string, databaseUrl: string): Promise<string[]> {
  const flag = '--disable-warning=ExperimentalWarning'
  const config = JSON.stringify({ databaseUrl })
  const child = startProgram(t, [process.execPath, flag, API_CHILD, dataDir, config])
  const line = await eventually('it to listen', 20_000, () => /^\{.*\}$/m.exec(child.stdout)?.[0])
  const said = await saysAt((JSON.parse(line) as { url: string }).url)
  child.signal('SIGKILL')
  await child.ended
  return said
}
