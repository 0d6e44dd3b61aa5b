// Each start says how the process before it ended: whatever that was, on either database.
import t, { type Test } from 'tap'
import { startChild, type ChildOptions, type ChildProduct } from '../support/child-product.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { eventually, temporaryFolder } from '../support/process.ts'

async function page({ view }: ChildProduct): Promise<string> {
  return (await view.request('/metrics')).text()
}

/** The one that is 1: there is no other. */
async function saysOf(product: ChildProduct): Promise<string[]> {
  const lines = (await page(product)).split('\n')
  const stops = lines.filter((line) => line.startsWith('voicegate_previous_stop{'))
  if (stops.length !== 4) throw new Error(`${stops.length} words`)
  return stops
    .filter((line) => line.endsWith(' 1'))
    .map((line) => /how="(\w+)"/.exec(line)?.[1] ?? '')
}

async function talk({ view }: ChildProduct): Promise<void> {
  const callId = await view.place('+4930555100')
  await eventually('the answer', 10_000, async () => {
    return (await view.call(callId)).status === 'answered'
  })
}

const opener = (t: Test, options: ChildOptions) => () => startChild(t, options)

t.test('first, drained, forced, crashed', async (t) => {
  const env = { DRAIN_SECONDS: '0' }
  const open = opener(t, { dataDir: temporaryFolder(t, 'data'), env })
  const first = await open()
  t.same(await saysOf(first), ['first'])
  t.match(await page(first), /^voicegate_log_lines_total\{level="error"\} 0$/m)
  t.equal(await first.stop(), 0)

  const drained = await open()
  t.same(await saysOf(drained), ['drained'])
  await talk(drained)
  t.equal(await drained.stop(), 0)

  const forced = await open()
  t.same(await saysOf(forced), ['forced'], 'a call was cut off')
  await talk(forced)
  await forced.kill()

  const crashed = await open()
  t.same(await saysOf(crashed), ['crashed'])
  t.match(await page(crashed), /^voicegate_log_lines_total\{level="warn"\} [1-9]/m, 'and its log')
  await crashed.kill()
  t.same(await saysOf(await open()), ['crashed'], 'also one without calls')
})

t.test('the same with PostgreSQL', needsPostgres, async (t) => {
  const server = await startPostgres(t)
  const env = { DATABASE_URL: await server.createDatabase('stops'), API_KEY: 'k'.repeat(40) }
  const open = opener(t, { dataDir: temporaryFolder(t, 'data'), env })
  const first = await open()
  t.same(await saysOf(first), ['first'])
  await first.kill()
  const crashed = await open()
  t.same(await saysOf(crashed), ['crashed'])
  t.equal(await crashed.stop(), 0)
  t.same(await saysOf(await open()), ['drained'])
})
