// The table as a file: RFC 4180, every figure as the API names and counts it, for whatever reckons on with it.
import type { Row, Statistics, Tally } from './use-statistics.ts'

/** Name in the file → the figure. */
const FIGURES: Readonly<Record<string, (tally: Tally) => number | null>> = {
  calls: ({ calls }) => calls,
  live: ({ live }) => live,
  answered: ({ answered }) => answered,
  answer_rate: ({ answer_rate: rate }) => rate,
  outcome_answered: ({ outcomes }) => outcomes.answered,
  outcome_no_answer: ({ outcomes }) => outcomes.no_answer,
  outcome_busy: ({ outcomes }) => outcomes.busy,
  outcome_canceled: ({ outcomes }) => outcomes.canceled,
  outcome_declined: ({ outcomes }) => outcomes.declined,
  outcome_machine: ({ outcomes }) => outcomes.machine,
  outcome_failed: ({ outcomes }) => outcomes.failed,
  ring_seconds_average: ({ ring_seconds: seconds }) => seconds.average,
  talk_seconds_average: ({ talk_seconds: seconds }) => seconds.average,
  talk_seconds: ({ talk_seconds: seconds }) => seconds.sum,
  agent_seconds: ({ agent_seconds: seconds }) => seconds,
  cost_minor: ({ cost }) => cost.amount_minor,
  cost_counted_minor: ({ cost }) => cost.counted_minor,
  vendor_calls: ({ cost }) => cost.vendor_calls,
  guard_seconds_avoided: ({ guard }) => guard.seconds_avoided,
  guard_amount_minor: ({ guard }) => guard.amount_minor,
}

/** @param rows in the order in which they are shown */
export function csvOf(statistics: Statistics, rows: readonly Row[]): string {
  const { group_by: group, others, totals } = statistics
  const lines = [
    [group, ...Object.keys(FIGURES), 'currency'],
    ...rows.map((row) => lineOf(row.key ?? '', row)),
    ...(others === null ? [] : [lineOf('(others)', others)]),
    lineOf('(total)', totals),
  ]
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('')
}

const lineOf = (key: string, tally: Tally): readonly string[] => [
  key,
  ...Object.values(FIGURES).map((figure) => String(figure(tally) ?? '')),
  tally.cost.currency,
]

/** Names are of others: what a spreadsheet would take for a formula is made text. */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
