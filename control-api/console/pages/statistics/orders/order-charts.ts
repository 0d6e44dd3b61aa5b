// What the charts of orders draw: a point a day, or a week.
import { number } from '../../../words/amounts.ts'
import type { ChartData, Point, Series } from '../charts/series.ts'
import { dayWords, shortDay } from '../day-words.ts'
import type { Stretch } from './stretches.ts'

const pointOf = (stretch: Stretch): Point => {
  const { first, last, confirmed, given, refused } = stretch
  return {
    label: shortDay(first),
    title: first === last ? dayWords(first) : `${shortDay(first)} – ${dayWords(last)}`,
    values: { confirmed, given, refused },
  }
}

interface Names {
  readonly confirmed: string
  readonly given: string
  readonly refused: string
}

const dataOf = (series: readonly Series[], stretches: readonly Stretch[]): ChartData => ({
  series,
  points: stretches.map(pointOf),
  words: number,
  axisWords: number,
  isCount: true,
})

const bar = (key: keyof Names, names: Names, look: Pick<Series, 'color' | 'fill'>): Series => {
  return { key, name: names[key], kind: 'bar', isStacked: true, ...look }
}

export const orderChart = (stretches: readonly Stretch[], names: Names): ChartData =>
  dataOf([bar('confirmed', names, { color: 'blue', fill: 'solid' })], stretches)

export const consentChart = (stretches: readonly Stretch[], names: Names): ChartData =>
  dataOf(
    [
      bar('given', names, { color: 'teal', fill: 'solid' }),
      bar('refused', names, { color: 'amber', fill: 'falling' }),
    ],
    stretches,
  )
