// What each chart of the statistics draws.
import { money, number, percent } from '../../../words/amounts.ts'
import type { SayCommon } from '../../../words/common.ts'
import { locale } from '../../../words/language.ts'
import { dayWords, daysOf, outcomeWords, shortDay } from '../day-words.ts'
import type { Row, Statistics } from '../use-statistics.ts'
import type { SayStatistics } from '../words.ts'
import type { ChartData, Point, Series } from './series.ts'

export interface Saying {
  readonly say: SayStatistics
  readonly common: SayCommon
}

type Outcomes = Row['outcomes']

/** From below: what was reached, then what was not, by whose doing. */
const OUTCOMES = [
  ['answered', 'answered', 'teal', 'solid'],
  ['machine', 'machine', 'blue', 'dots'],
  ['no_answer', 'no-answer', 'amber', 'rising'],
  ['busy', 'busy', 'orange', 'level'],
  ['declined', 'declined', 'violet', 'upright'],
  ['canceled', 'canceled', 'grey', 'falling'],
  ['failed', 'failed', 'red', 'crossed'],
] as const satisfies readonly (readonly [keyof Outcomes, string, string, Series['fill']])[]

type Values = Point['values']

const pointsOf = (
  { items, group_by: group }: Statistics,
  values: (row: Row) => Values,
): readonly Point[] =>
  items.map((row) => {
    const { first, last } = daysOf(row)
    const title = group === 'week' ? `${shortDay(first)} – ${dayWords(last)}` : dayWords(first)
    return { label: shortDay(first), title, values: values(row) }
  })

export function outcomeChart(statistics: Statistics, { common }: Saying): ChartData {
  const counted = OUTCOMES.filter(([name]) => statistics.totals.outcomes[name] > 0)
  return {
    series: counted.map(([key, words, color, fill]) => {
      return { key, name: outcomeWords(words, common), kind: 'bar', color, fill, isStacked: true }
    }),
    points: pointsOf(statistics, ({ outcomes }) => outcomes),
    words: number,
    axisWords: number,
    isCount: true,
  }
}

export const rateChart = (statistics: Statistics, { say }: Saying): ChartData => ({
  series: [{ key: 'rate', name: say('rate_chart'), kind: 'line', color: 'teal', fill: 'solid' }],
  points: pointsOf(statistics, ({ answer_rate: rate }) => ({ rate })),
  words: (rate) => percent(rate, 1),
  axisWords: (rate) => percent(rate),
  domain: [0, 1],
})

export const minutesChart = (statistics: Statistics, { say }: Saying): ChartData => ({
  series: [
    // One on the other: what it would have been.
    {
      key: 'open',
      name: say('agent_minutes'),
      kind: 'bar',
      color: 'blue',
      fill: 'solid',
      isStacked: true,
    },
    {
      key: 'spared',
      name: say('spared_minutes'),
      kind: 'bar',
      color: 'amber',
      fill: 'rising',
      isStacked: true,
    },
  ],
  points: pointsOf(statistics, ({ agent_seconds: seconds, guard }) => {
    return { open: seconds / 60, spared: guard.seconds_avoided / 60 }
  }),
  words: (minutes) => minuteWords(minutes, 1),
  axisWords: (minutes) => number(minutes, 1),
})

export const costChart = (statistics: Statistics, { say }: Saying): ChartData => ({
  series: [
    { key: 'billed', name: say('billed'), kind: 'bar', color: 'blue', fill: 'solid' },
    {
      key: 'counted',
      name: say('own_count'),
      kind: 'line',
      color: 'orange',
      fill: 'solid',
      isDashed: true,
    },
  ],
  points: pointsOf(statistics, ({ cost }) => {
    return { billed: cost.amount_minor, counted: cost.counted_minor }
  }),
  words: money,
  axisWords: shortMoney,
})

const minuteWords = (minutes: number, digits: number): string =>
  minutes.toLocaleString(locale(), {
    style: 'unit',
    unit: 'minute',
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  })

const shortMoney = (minor: number): string =>
  (minor / 100).toLocaleString(locale(), {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: 2,
  })

/** The point with the most of one series, or of several together. */
export function highest(
  { points }: ChartData,
  of: readonly string[],
): { readonly point: Point; readonly value: number } | undefined {
  const sums = points.map((point) => {
    return { point, value: of.reduce((sum, key) => sum + (point.values[key] ?? 0), 0) }
  })
  return sums.toSorted((one, other) => other.value - one.value)[0]
}
