// What npm start does about the console: builds it when it is stale, tells what it cannot do, and fails no start.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { createLogger } from '#core/telemetry'
import { consolePlaces } from '../../scripts/console/places.ts'
import { hashSources, writeStamp } from '../../scripts/console/stamp.ts'
import { ensureConsole, type ConsoleBuildOptions } from '../../startup/console-build.ts'

function aTree(t: Test, { isBuilt }: { readonly isBuilt: boolean }) {
  const places = consolePlaces(t.testdir())
  mkdirSync(places.dist, { recursive: true })
  writeFileSync(join(places.sources, 'index.html'), '<title>a console</title>')
  if (isBuilt) writeFileSync(join(places.dist, 'pages.json'), '["/"]')
  const logged: string[] = []
  const shown: string[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(chunk.toString())
      done()
    },
  })
  const ensure = (more: Partial<ConsoleBuildOptions> = {}): Promise<readonly string[]> =>
    ensureConsole({
      logger: createLogger('debug', sink),
      terminal: { write: (text) => shown.push(text) },
      signal: new AbortController().signal,
      mayBuild: true,
      places,
      program: ['-e', ''],
      ...more,
    })
  return { places, ensure, logged, shown }
}

const STALE = ['the console is older than its sources: npm run console']
const ABSENT = ['the console is not built: npm run console']

t.test('what is up to date is left alone; what is not is built', async (t) => {
  const { places, ensure, logged, shown } = aTree(t, { isBuilt: true })
  const built = join(places.sources, '..', 'built')
  const program = ['-e', `require('fs').writeFileSync(${JSON.stringify(built)}, '')`]
  t.same(await ensure({ program, mayBuild: false }), STALE, 'a supervisor’s start builds nothing')
  t.same(shown, [])
  writeStamp(places, hashSources(places))
  t.same(await ensure({ program }), [])
  t.same(shown, [])
  writeFileSync(join(places.sources, 'main.ts'), '')
  t.same(await ensure({ program }), [])
  t.same(shown, ['building the console …\n'])
  t.ok(existsSync(built))
  t.same(logged, [])
})

t.test('a build that fails is a warning with its words', async (t) => {
  for (const isBuilt of [true, false]) {
    const { ensure, logged } = aTree(t, { isBuilt })
    const program = ['-e', 'console.error("the build says why"); process.exit(1)']
    t.same(await ensure({ program }), isBuilt ? STALE : ABSENT)
    t.match(JSON.parse(logged[0] ?? '{}'), { level: 'warn', output: 'the build says why' })
    t.same(
      await ensure({ program: ['-e', 'process.kill(process.pid, "SIGKILL")'] }),
      isBuilt ? STALE : ABSENT,
    )
    t.match(logged[1], 'SIGKILL')
  }
})

t.test('the end of the start is the end of the build', async (t) => {
  const { ensure, logged } = aTree(t, { isBuilt: true })
  const startedAt = performance.now()
  const signal = AbortSignal.timeout(200)
  t.same(await ensure({ signal, program: ['-e', 'setInterval(() => {}, 1000)'] }), [])
  t.ok(performance.now() - startedAt < 5000)
  t.same(logged, [], 'nobody is told')
})

t.test('what was built elsewhere is taken as it is', async (t) => {
  for (const isBuilt of [true, false]) {
    const { places, ensure, shown } = aTree(t, { isBuilt })
    const elsewhere = { ...places, sources: join(places.sources, 'nowhere') }
    t.same(await ensure({ places: elsewhere }), isBuilt ? [] : ABSENT)
    t.same(shown, [])
  }
})
