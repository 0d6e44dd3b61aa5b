// What the charts of Voximplant draw: a point a day, or a week.
import { money, number } from '../../words/amounts.ts'
import type { SayCommon } from '../../words/common.ts'
import { locale } from '../../words/language.ts'
import type { ChartData, Point, Series } from '../statistics/charts/series.ts'
import { dayWords, outcomeWords, shortDay } from '../statistics/day-words.ts'
import { OUTCOMES, type CountedOutcome } from './figures.ts'
import { costIn, type Stretch } from './stretches.ts'

const LOOKS: Readonly<Record<CountedOutcome, Pick<Series, 'color' | 'fill'>>> = {
  answered: { color: 'teal', fill: 'solid' },
  machine: { color: 'blue', fill: 'dots' },
  no_answer: { color: 'amber', fill: 'rising' },
  busy: { color: 'orange', fill: 'level' },
  declined: { color: 'violet', fill: 'upright' },
  canceled: { color: 'grey', fill: 'falling' },
  failed: { color: 'red', fill: 'crossed' },
}

export const wordsOfOutcome = (outcome: CountedOutcome, common: SayCommon): string =>
  outcomeWords(outcome.replace('_', '-'), common)

const pointsOf = (
  stretches: readonly Stretch[],
  values: (stretch: Stretch) => Point['values'],
): readonly Point[] =>
  stretches.map((stretch) => {
    const { first, last } = stretch
    const title = first === last ? dayWords(first) : `${shortDay(first)} – ${dayWords(last)}`
    return { label: shortDay(first), title, values: values(stretch) }
  })

export function outcomeChart(stretches: readonly Stretch[], common: SayCommon): ChartData {
  const counted = OUTCOMES.filter((outcome) => stretches.some((one) => one[outcome] > 0))
  return {
    series: counted.map((key) => {
      const name = wordsOfOutcome(key, common)
      return { key, name, kind: 'bar', isStacked: true, ...LOOKS[key] }
    }),
    points: pointsOf(stretches, (one) =>
      Object.fromEntries(counted.map((outcome) => [outcome, one[outcome]])),
    ),
    words: number,
    axisWords: number,
    isCount: true,
  }
}

export const talkChart = (stretches: readonly Stretch[], name: string): ChartData => ({
  series: [{ key: 'talk', name, kind: 'bar', color: 'blue', fill: 'solid' }],
  points: pointsOf(stretches, ({ talk_seconds: seconds }) => ({ talk: seconds / 60 })),
  words: minutes,
  axisWords: (value) => number(value, 1),
})

export const costChart = (
  stretches: readonly Stretch[],
  currency: string,
  name: string,
): ChartData => ({
  series: [{ key: 'cost', name, kind: 'bar', color: 'orange', fill: 'solid' }],
  points: pointsOf(stretches, (one) => ({ cost: costIn(one, currency) })),
  words: (minor) => money(minor, currency),
  axisWords: (minor) =>
    (minor / 100).toLocaleString(locale(), {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      notation: 'compact',
      minimumFractionDigits: 0,
      maximumFractionDigits: 2,
    }),
})

export const minutes = (value: number): string =>
  value.toLocaleString(locale(), {
    style: 'unit',
    unit: 'minute',
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  })
