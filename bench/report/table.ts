// Findings as a compact table of text.
import type { Finding, Goal, Report } from './finding.ts'

const HEAD = ['calls', 'what', 'figure', 'beside it', 'ratio', 'goal', ''] as const

export function renderReport({ name, title, findings, notes }: Report): string {
  const rows = [HEAD, ...findings.map(cells)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [`${name}: ${title}`, ...lines.map((line) => `  ${line}`), ...notes.map(asNote)].join('\n')
}

const asNote = (note: string): string => `  * ${note}`

function cells(each: Finding): readonly string[] {
  const { beside, calls, goal, met, ratio, unit, value, what } = each
  return [
    calls === null ? '' : String(calls),
    what,
    amount(value, unit),
    beside === null ? '' : `${beside.name} ${amount(beside.value, unit)}`,
    ratio === null || !Number.isFinite(ratio) ? '' : `${digits(ratio)} x`,
    goal === null ? '' : goalText(goal, unit),
    met === null ? '' : met ? 'met' : 'NOT MET',
  ]
}

const amount = (value: number, unit: string): string =>
  Number.isFinite(value) ? `${digits(value)} ${unit}`.trimEnd() : 'n/a'

const goalText = ({ relation, limit, of }: Goal, unit: string): string =>
  `${relation} ${limit} ${of === 'ratio' ? 'x' : unit}`.trimEnd()

/** Three figures that mean something. */
function digits(value: number): string {
  if (value === 0 || Number.isInteger(value)) return String(value)
  const whole = Math.abs(value)
  if (whole >= 100) return value.toFixed(0)
  return whole >= 10 ? value.toFixed(1) : whole >= 1 ? value.toFixed(2) : value.toFixed(3)
}
