// The rehearsal under load: what its runs show together, what makes them worthless, and that the load is a load.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startBurners } from '../../proof/rehearsal-under-load/burners.ts'
import {
  figuresOf,
  problemsOf,
  type Run,
  type RunReport,
} from '../../proof/rehearsal-under-load/runs.ts'
import { SCENARIOS } from '../../rehearsal/scenarios.ts'

type Scenario = RunReport['scenarios'][number]

const scenario = (name: string, more: Partial<Scenario> = {}): Scenario => ({
  name,
  passed: true,
  failures: [],
  notes: [],
  figures: { agent_seconds: 6, agent_seconds_before_answer: 0, seconds_from_invite: 7.5 },
  cost: { here: 0.008, opened_at_invite: 0.01, saved: 0.002 },
  ...more,
})

function aRun(changes: Partial<RunReport> = {}, more: Partial<Run> = {}): Run {
  const report = {
    passed: true,
    failures: [],
    scenarios: SCENARIOS.map(({ name }) => scenario(name)),
    total: { here: 0.144, opened_at_invite: 0.18, saved: 0.036 },
    ...changes,
  }
  return { seconds: 90, burners: 2, burnedSeconds: 100, output: '', report, ...more }
}

const without = (name: string, put: readonly Scenario[] = []): Partial<RunReport> => ({
  passed: false,
  scenarios: [
    ...SCENARIOS.filter((each) => each.name !== name).map((s) => scenario(s.name)),
    ...put,
  ],
})

t.test('two green runs are no problem, and show the money of each scenario', async (t) => {
  const runs = [aRun(), aRun()]
  t.strictSame(problemsOf(runs), [])
  const figures = figuresOf(runs)
  t.match(
    figures[0],
    /^run 1: \d+ of \d+ passed in 90 s beside 2 busy programs, which had 56 % of a/,
  )
  for (const { name } of SCENARIOS) {
    const line = figures.find((figure) => figure.startsWith(`${name} `))
    t.match(
      line,
      'PASS PASS  opened at INVITE $0.0100 (7.5 s), here $0.0080 (6.0 s), saved $0.0020',
    )
  }
  t.match(figures.at(-2), 'opened at INVITE $0.1800, here $0.1440, saved $0.0360')
  t.equal(figures.at(-1), '2 of 2 runs green')
})

t.test('each way of not being green is a problem of its run', async (t) => {
  const failed = scenario('busy', { passed: false, failures: ['a reason', 'another'] })
  const cases: readonly (readonly [Run, readonly string[]])[] = [
    [
      aRun(without('busy', [failed])),
      ['busy: a reason; another', 'the rehearsal as a whole failed'],
    ],
    [aRun(without('nat')), ['nat was not played', 'the rehearsal as a whole failed']],
    [
      aRun({ failures: ['a port was left'], passed: false }),
      ['a port was left', 'the rehearsal as a whole failed'],
    ],
    [aRun({}, { report: null }), ['the rehearsal came to no report']],
    [aRun({}, { burnedSeconds: 20 }), ['the busy programs had 11 % of a processor each']],
    [aRun({}, { burnedSeconds: null }), ['the busy programs had 0 % of a processor each']],
  ]
  for (const [run, problems] of cases)
    t.strictSame(
      problemsOf([aRun(), run]),
      problems.map((problem) => `run 2: ${problem}`),
    )
  t.equal(figuresOf([aRun(), aRun(without('busy', [failed]))]).at(-1), '1 of 2 runs green')
})

t.test('a scenario played twice is told, with what the first take had', async (t) => {
  const notes = ['in a first take the phone heard 3 gaps over 20 ms, the longest 30 ms']
  const [figure] = figuresOf([aRun(without('dtmf', [scenario('dtmf', { notes })]))])
  t.match(figure, 'played twice: dtmf, in a first take the phone heard 3 gaps')
})

t.test('busy programs burn, end when told, and tell what they had', async (t) => {
  const burners = startBurners(30, 1)
  await sleep(1500)
  const burned = await burners.stop()
  t.ok(burned !== null && burned > 0.1 && burned < 10, `${String(burned)} s of a processor`)
  t.equal(await burners.stop(), burned, 'once')
})
