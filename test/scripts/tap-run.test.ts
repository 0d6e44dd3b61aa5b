// What npm test counts: files that share a process are told apart, and what was cut off has failed.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { TapCounts } from '../../scripts/tap-run.ts'

const run = promisify(execFile)
const path = (name: string): string => `test/support/test-run/${name}.ts`

/** Of `test/support/test-run`; all short, so in one process. */
async function runFiles(...names: readonly string[]): Promise<TapCounts & { words: string }> {
  const args = [...process.execArgv, path('count'), ...names.map(path)]
  const { stdout } = await run(process.execPath, args)
  const lines = stdout.trim().split('\n')
  return { ...(JSON.parse(lines.at(-1) ?? '') as TapCounts), words: lines.slice(0, -1).join('\n') }
}

t.test('every assertion counts', async (t) => {
  const { passed, failed, failedFiles } = await runFiles('passes')
  t.same({ passed, failed, failedFiles }, { passed: 2, failed: 0, failedFiles: [] })
})

t.test('a failure is that of its file, and its neighbours count as they are', async (t) => {
  const { passed, failed, failedFiles, words } = await runFiles('passes', 'fails', 'passes-too')
  t.same({ passed, failed, failedFiles }, { passed: 5, failed: 1, failedFiles: [path('fails')] })
  t.match(words, `FAIL  › ${path('fails')} › two and two › `)
  t.match(words, `ok   ${path('passes-too')}`)
})

t.test('who ends the process has failed, and so have those that had no turn', async (t) => {
  const { passed, failedFiles, words } = await runFiles('passes', 'ends-early', 'passes-too')
  t.same(failedFiles, [path('ends-early'), path('passes-too')])
  t.equal(passed, 3)
  t.match(words, `FAIL  › ${path('passes-too')} › was not run to its end`)
})

t.test(
  'an exception that nobody caught is a failure, as is a promise nobody looked at',
  async (t) => {
    const { failedFiles } = await runFiles('throws', 'rejects')
    t.same(failedFiles, [path('throws'), path('rejects')])
  },
)

t.test('Node that hangs at its end is ended, and its tests count as they were', async (t) => {
  const [well, badly] = await Promise.all([runFiles('passes', 'hangs'), runFiles('fails', 'hangs')])
  t.match({ ...well }, { passed: 3, failed: 0, failedFiles: [] })
  t.match(well.words, `Node did not end by itself after ${path('hangs')}`)
  t.match({ ...badly }, { failed: 1, failedFiles: [path('fails')] })
})

t.test(
  'a failure beside a standstill of the machine is void, and one without is not',
  async (t) => {
    const env = { ...process.env, STANDSTILL_TOLD: join(t.testdir({}), 'told') }
    const args = [...process.execArgv, path('calmly'), path('stands-still')]
    const { stdout } = await run(process.execPath, args, { env })
    const voids = stdout.match(/^void, as the machine stood still for (\d+) ms: /gm) ?? []
    const runs = stdout.match(/^FAIL test/gm) ?? []
    t.equal(runs.length, voids.length + 1, 'none more than was void')
    t.match(
      stdout,
      new RegExp(`void, as the machine stood still for \\d{3,} ms: ${path('stands-still')}`),
    )
    t.match(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), { passed: 0, failed: 1 })
  },
)
