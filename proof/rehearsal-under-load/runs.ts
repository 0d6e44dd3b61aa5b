// What several runs of the rehearsal show together. Pure: reports in, figures and problems out.
import { SCENARIOS } from '../../rehearsal/scenarios.ts'

/** Of `--json` (rehearsal/README.md), as much as is read here. */
export interface RunReport {
  readonly passed: boolean
  readonly failures: readonly string[]
  readonly scenarios: readonly ScenarioReport[]
  readonly total: CostReport
}

interface ScenarioReport {
  readonly name: string
  readonly passed: boolean
  readonly failures: readonly string[]
  readonly notes: readonly string[]
  readonly figures: {
    readonly agent_seconds: number
    readonly agent_seconds_before_answer: number
    readonly seconds_from_invite: number
  }
  readonly cost: CostReport
}

interface CostReport {
  readonly here: number
  readonly opened_at_invite: number
  readonly saved: number
}

export interface Run {
  readonly seconds: number
  readonly burners: number
  /** Processor time of the busy programs; null: one of them ended early. */
  readonly burnedSeconds: number | null
  readonly output: string
  /** Null when it came to none. */
  readonly report: RunReport | null
}

/** Each busy program must have had so much of a processor, or there was no load worth the name. */
const LEAST_SHARE = 0.25

export function problemsOf(runs: readonly Run[]): string[] {
  return runs.flatMap((run, index) =>
    problemsOfRun(run).map((problem) => `run ${index + 1}: ${problem}`),
  )
}

function problemsOfRun({ report, seconds, burners, burnedSeconds }: Run): string[] {
  if (report === null) return ['the rehearsal came to no report']
  const share = (burnedSeconds ?? 0) / burners / seconds
  const played = new Set(report.scenarios.map(({ name }) => name))
  return [
    ...(share < LEAST_SHARE ? [`the busy programs had ${percent(share)} of a processor each`] : []),
    ...SCENARIOS.flatMap(({ name }) => (played.has(name) ? [] : [`${name} was not played`])),
    ...report.scenarios.flatMap(({ name, passed, failures }) =>
      passed ? [] : [`${name}: ${failures.join('; ')}`],
    ),
    ...report.failures,
    ...(report.passed ? [] : ['the rehearsal as a whole failed']),
  ]
}

export function figuresOf(runs: readonly Run[]): string[] {
  const green = runs.filter(({ report }) => report?.passed === true).length
  return [
    ...runs.map(runFigure),
    ...SCENARIOS.map(({ name }) => scenarioFigure(name, runs)),
    ...runs.flatMap(({ report }) => (report === null ? [] : [totalFigure(report)])).slice(-1),
    `${green} of ${runs.length} runs green`,
  ]
}

function runFigure({ report, seconds, burners, burnedSeconds }: Run, index: number): string {
  const scenarios = report?.scenarios ?? []
  const passed = scenarios.filter((scenario) => scenario.passed).length
  const share =
    burnedSeconds === null ? 'an unknown share' : percent(burnedSeconds / burners / seconds)
  const again = scenarios.flatMap(({ name, notes }) =>
    notes.filter((note) => note.startsWith(FIRST_TAKE)).map((note) => `${name}, ${note}`),
  )
  const twice = again.length === 0 ? '' : `; played twice: ${again.join('; ')}`
  return (
    `run ${index + 1}: ${passed} of ${SCENARIOS.length} passed in ${seconds.toFixed(0)} s beside ` +
    `${burners} busy programs, which had ${share} of a processor each${twice}`
  )
}

/** The money line: the last run's money, the verdicts of all. */
function scenarioFigure(name: string, runs: readonly Run[]): string {
  const all = runs.map(({ report }) => report?.scenarios.find((scenario) => scenario.name === name))
  const verdicts = all.map((scenario) => (scenario?.passed === true ? 'PASS' : 'FAIL')).join(' ')
  const last = all.findLast((scenario) => scenario !== undefined)
  if (last === undefined) return `${name.padEnd(NAME_WIDTH)} ${verdicts}`
  const { cost, figures } = last
  const atInvite = `opened at INVITE ${dollars(cost.opened_at_invite)} (${seconds(figures.seconds_from_invite)})`
  const here = `here ${dollars(cost.here)} (${seconds(figures.agent_seconds)})`
  const before = `${figures.agent_seconds_before_answer.toFixed(3)} s before the answer`
  return `${name.padEnd(NAME_WIDTH)} ${verdicts}  ${atInvite}, ${here}, saved ${dollars(cost.saved)}; ${before}`
}

const totalFigure = ({ total }: RunReport): string =>
  `${'all of a run'.padEnd(NAME_WIDTH)} opened at INVITE ${dollars(total.opened_at_invite)}, ` +
  `here ${dollars(total.here)}, saved ${dollars(total.saved)}`

/** How the rehearsal tells that a scenario was played once more, for gaps alone. */
const FIRST_TAKE = 'in a first take'
const NAME_WIDTH = Math.max(...SCENARIOS.map(({ name }) => name.length))
const dollars = (amount: number): string => `$${amount.toFixed(4)}`
const seconds = (value: number): string => `${value.toFixed(1)} s`
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`
