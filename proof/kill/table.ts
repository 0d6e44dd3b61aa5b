// The matrix as lines: who × point, how often, and the worst times.
import type { Killed } from './kill.ts'
import { nameOf } from './matrix.ts'

const HEAD = [
  'killed',
  'direction',
  'point',
  'kills',
  'calls',
  'agents',
  'phones',
  'start',
  'unwritten',
  'wrong',
]

export function renderTable(done: readonly Killed[]): readonly string[] {
  const rows = [...Map.groupBy(done, ({ pair }) => nameOf(pair)).entries()]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, kills]) => [...name.split(' | '), ...figuresOf(kills)])
  const total = ['all', '', '', ...figuresOf(done)]
  const lines = [HEAD, ...rows, total]
  const widths = HEAD.map((_, column) =>
    Math.max(...lines.map((line) => cell(line, column).length)),
  )
  return [
    ...lines.map((line) =>
      widths
        .map((width, column) =>
          column < 3 ? cell(line, column).padEnd(width) : cell(line, column).padStart(width),
        )
        .join('  '),
    ),
    'agents: kill to the last agent’s close; phones: ready (kill, where the process goes on) to the last BYE or CANCEL; start: of the next process; the worst of each, in ms. unwritten: agents opened in the last 100 ms, or later, that no ledger has',
  ]
}

const cell = (line: readonly string[], column: number): string => line[column] ?? ''

function figuresOf(kills: readonly Killed[]): readonly string[] {
  const trials = kills.map(({ trial }) => trial)
  const worst = (of: (trial: (typeof trials)[number]) => number | undefined): string => {
    const known = trials.flatMap((trial) => of(trial) ?? [])
    return known.length === 0 ? '–' : String(Math.round(Math.max(...known)))
  }
  return [
    String(kills.length),
    String(trials.reduce((sum, { calls }) => sum + calls, 0)),
    worst(({ agentsMs }) => agentsMs),
    worst(({ phonesMs }) => phonesMs),
    worst(({ restartMs }) => restartMs),
    String(trials.reduce((sum, { unwritten }) => sum + unwritten, 0)),
    String(trials.reduce((sum, { problems }) => sum + problems.length, 0)),
  ]
}
