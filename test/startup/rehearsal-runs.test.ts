// The rehearsal program as a child of ours: what it is given, how it ends, and that it never outlives us.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SCENARIOS } from '../../rehearsal/scenarios.ts'
import { createRehearsals, type RehearsalSettings } from '../../startup/rehearsal-runs.ts'
import { eventually, startProgram, temporaryFolder } from '../support/process.ts'

const STAND_IN = join(import.meta.dirname, '../support/rehearsal-stand-in.ts')
const REHEARSING_CHILD = join(import.meta.dirname, '../support/rehearsing-child.ts')

interface Given {
  readonly env: Readonly<Record<string, string>>
  readonly args: readonly string[]
  readonly cwd: string
  readonly pid: number
}

function standIn(t: Test, settings: Partial<RehearsalSettings> = {}) {
  const dataDir = temporaryFolder(t, 'data')
  const rehearsals = createRehearsals({
    dataDir,
    pricePerMinute: 0.1,
    program: STAND_IN,
    ...settings,
  })
  if (!rehearsals) throw new Error('there is no program')
  const told: unknown[] = []
  const start = (scenario: string) => rehearsals.start(scenario, (event) => told.push(event))
  const given = () => eventually('its first line', 10_000, () => told[0] as Given | undefined)
  return { dataDir, rehearsals, told, start, given }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

t.test(
  'it is given no setting and no secret of ours, and a folder that goes with it',
  async (t) => {
    process.env['API_KEY'] = 'k'.repeat(32)
    process.env['ELEVENLABS_API_KEY'] = 'sk_secret'
    t.teardown(() => {
      delete process.env['API_KEY']
      delete process.env['ELEVENLABS_API_KEY']
    })
    const { dataDir, start, told } = standIn(t)
    const { ended } = await start('busy')
    t.same(await ended, { problem: null })
    const given = told[0] as Given
    const folder = join(dataDir, 'rehearsal-run')
    const env = { ...given.env }
    delete env['NODE_COMPILE_CACHE'] // Where Node keeps what it compiled: of us, where we have one.
    t.same(env, { TMPDIR: folder, ELEVENLABS_PRICE_PER_MINUTE: '0.1' })
    t.same(given.args, ['--follow', '--scenario', 'busy'])
    t.equal(given.cwd, folder, 'where no .env is')
    t.same(told.slice(1), [undefined], 'what is no JSON is told as nothing')
    t.same(readdirSync(dataDir), [])
  },
)

t.test('all of them are asked for by no name; an unknown one by the nearest', async (t) => {
  const { rehearsals, start, given } = standIn(t)
  const all = await start('all')
  t.same((await given()).args, ['--follow'])
  await all.cancel()
  const refusal = {
    code: 'REQUEST_INVALID',
    message: /no scenario anwsered; did you mean answered\?$/,
  }
  await t.rejects(start('anwsered'), refusal)
  await t.rejects(start('voicemail'), { code: 'REQUEST_INVALID', message: /not built yet/ })
  t.equal((await rehearsals.scenarios()).length, SCENARIOS.length)
  t.match(await rehearsals.scenarios(), [{ name: 'answered', lastsSeconds: null }])
})

t.test('what went wrong is said in a line', async (t) => {
  const { ended } = await standIn(t).start('declined')
  t.same(await ended, { problem: 'the rehearsal could not be held: no stage' })
})

t.test('it is ended at its deadline, and when it writes without end', async (t) => {
  const slow = await standIn(t, { deadlineMs: 600 }).start('answered')
  t.same(await slow.ended, { problem: 'It took longer than 1 s.' })
  const flooding = await standIn(t).start('nat')
  t.same(await flooding.ended, { problem: 'It wrote more than it should.' })
})

t.test('one that does not hear is killed, and its folder removed', async (t) => {
  const { dataDir, start, given } = standIn(t, { killAfterMs: 300 })
  const run = await start('no-answer')
  const { pid } = await given()
  const before = performance.now()
  await run.cancel()
  t.ok(performance.now() - before < 6000, 'whatever still has its output')
  t.notOk(isAlive(pid))
  t.notOk(existsSync(join(dataDir, 'rehearsal-run')))
})

t.test('where the program is not installed there is none', async (t) => {
  t.equal(createRehearsals({ dataDir: '.', pricePerMinute: 0, program: '/nowhere' }), undefined)
})

t.test(
  'the real one ends soon after we were killed, and leaves nothing in its folder',
  async (t) => {
    const dataDir = temporaryFolder(t, 'data')
    const flag = '--disable-warning=ExperimentalWarning'
    const parent = startProgram(t, [process.execPath, flag, REHEARSING_CHILD, dataDir])
    await eventually('a step', 20_000, () => parent.stdout.includes('"step"'))
    const pids = childrenOf(parent.pid)
    t.equal(pids.length, 1)
    parent.signal('SIGKILL')
    await parent.ended
    await eventually('its end', 15_000, () => !pids.some(isAlive))
    t.same(readdirSync(join(dataDir, 'rehearsal-run')), [])
  },
)

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
