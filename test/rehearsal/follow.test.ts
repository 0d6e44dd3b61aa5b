// `--follow`: what a program that looks on is told, and that it is told while the call lasts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { run } from '../../rehearsal/main.ts'
import { eventually, temporaryFolder } from '../support/process.ts'

interface Told {
  readonly event: string
  readonly scenario?: string
  readonly entry?: { readonly offset_ms: number; readonly label: string }
  readonly result?: {
    readonly name: string
    readonly passed: boolean
    readonly ladder: readonly Told['entry'][]
  }
}

t.test('a line for each step as it is seen, then the result, then the end', async (t) => {
  const lines: { readonly at: number; readonly told: Told }[] = []
  const complained: string[] = []
  const code = await run({
    args: ['--scenario', 'agent-refuses', '--follow'],
    print: (line) => lines.push({ at: performance.now(), told: JSON.parse(line) as Told }),
    complain: (text) => complained.push(text),
  })
  t.same(complained, [], 'nothing but lines')
  const told = lines.map(({ told }) => told)
  t.match(told[0], { event: 'started', scenario: 'agent-refuses' })
  // On a busy machine it may have been played a second time.
  const begun = told.findLastIndex(({ event }) => event === 'started')
  // That it passes is for rehearsal.test.ts, which nothing runs beside.
  const passed = told.at(-2)?.result?.passed
  t.match(told.at(-2), { event: 'result', result: { name: 'agent-refuses', passed: Boolean } })
  t.match(told.at(-1), { event: 'finished', passed, failures: Array, total: {} })
  t.equal(code, passed === true ? 0 : 1)
  const steps = lines.slice(begun + 1, -2)
  for (const { told } of steps) t.match(told, { event: 'step', scenario: 'agent-refuses' })
  const labels = (entries: readonly Told['entry'][]) =>
    entries.map((entry) => entry?.label).toSorted()
  const ladder = told.at(-2)?.result?.ladder ?? []
  t.ok(ladder.length > 15, 'a call with an agent')
  t.same(
    labels(steps.map(({ told }) => told.entry)),
    labels(ladder),
    'each rung of the ladder once',
  )
  // Live: what is a second later in the call is told a second later.
  const [first] = steps
  const last = steps.at(-1)
  const spread = (last?.told.entry?.offset_ms ?? 0) - (first?.told.entry?.offset_ms ?? 0)
  t.ok(spread > 1500)
  const took = (last?.at ?? 0) - (first?.at ?? 0)
  t.ok(took > spread / 2, 'told as it happens', { spread, took })
})

async function start(t: Test, stdin: 'pipe' | 'ignore') {
  const folder = temporaryFolder(t, 'follow')
  const flag = '--disable-warning=ExperimentalWarning'
  const args = [flag, 'rehearsal/main.ts', '--follow', '--scenario', 'answered']
  const env = { ...process.env, TMPDIR: folder }
  const child = spawn(process.execPath, args, { env, stdio: [stdin, 'pipe', 'ignore'] })
  t.teardown(() => child.kill('SIGKILL'))
  const told: Told[] = []
  if (!child.stdout) throw new Error('no output')
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as Told))
  const closed = once(child, 'close') as Promise<[number | null]>
  await eventually('a step', 20_000, () => told.some(({ event }) => event === 'step'))
  return { child, told, closed, folder }
}

t.test('it ends when the pipe on its input does, and cleans up', async (t) => {
  const { child, told, closed, folder } = await start(t, 'pipe')
  child.stdin?.end()
  const begun = performance.now()
  const [code] = await closed
  t.equal(code, 130)
  t.ok(performance.now() - begun < 8000)
  t.notOk(told.some(({ event }) => event === 'finished'))
  t.same(readdirSync(folder), [])
})

t.test('without a pipe nobody’s going ends it, and a reader that is gone does', async (t) => {
  const { child, closed, folder } = await start(t, 'ignore')
  t.equal(child.exitCode, null, 'an empty input is no end')
  child.stdout?.destroy()
  await closed
  t.equal(child.exitCode, 130)
  t.same(readdirSync(folder), [])
})
