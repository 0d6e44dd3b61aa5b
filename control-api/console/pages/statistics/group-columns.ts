// What the table says of each group.
import { duration, money, number, percent } from '../../words/amounts.ts'
import type { SayCommon } from '../../words/common.ts'
import type { Row, Statistics, Tally } from './use-statistics.ts'
import type { SayStatistics } from './words.ts'

export interface FigureColumn {
  readonly key: string
  readonly title: string
  readonly figure: (tally: Tally) => number | null
  readonly words: (figure: number) => string
}

interface Saying {
  readonly say: SayStatistics
  readonly common: SayCommon
}

export function figureColumns(
  group: Statistics['group_by'],
  { say }: Saying,
): readonly FigureColumn[] {
  const count = (
    key: 'answered' | 'no_answer' | 'busy' | 'failed',
    figure: (tally: Tally) => number,
  ): FigureColumn => ({ key, title: say(key), figure, words: number })
  const howTheyEnded: readonly FigureColumn[] = [
    count('answered', ({ answered }) => answered),
    {
      key: 'rate',
      title: say('rate'),
      figure: ({ answer_rate: rate }) => rate,
      words: (rate) => percent(rate, 1),
    },
    count('no_answer', ({ outcomes }) => outcomes.no_answer),
    count('busy', ({ outcomes }) => outcomes.busy),
    count('failed', ({ outcomes }) => outcomes.failed),
  ]
  return [
    { key: 'calls', title: say('calls'), figure: ({ calls }) => calls, words: number },
    // Of one outcome there is nothing else to say.
    ...(group === 'outcome' ? [] : howTheyEnded),
    {
      key: 'ring',
      title: say('ring'),
      figure: ({ ring_seconds: seconds }) => seconds.average,
      words: duration,
    },
    {
      key: 'talk',
      title: say('talk'),
      figure: ({ talk_seconds: seconds }) => seconds.average,
      words: duration,
    },
    {
      key: 'agent_time',
      title: say('agent_time'),
      figure: ({ agent_seconds: seconds }) => seconds,
      words: duration,
    },
    { key: 'cost', title: say('cost'), figure: ({ cost }) => cost.amount_minor, words: money },
    {
      key: 'spared',
      title: say('spared'),
      figure: ({ guard }) => guard.amount_minor,
      words: money,
    },
  ]
}

export interface Sorting {
  /** `key`: as the API has them. */
  readonly by: string
  readonly isDown: boolean
}

/** The newest first, or the most calls. */
export const usualSorting = (group: Statistics['group_by']): Sorting => ({
  by: group === 'day' || group === 'week' ? 'key' : 'calls',
  isDown: true,
})

export function sorted(
  rows: readonly Row[],
  { by, isDown }: Sorting,
  columns: readonly FigureColumn[],
): readonly Row[] {
  const sign = isDown ? -1 : 1
  const column = columns.find(({ key }) => key === by)
  // Days and weeks are written so that they sort as text.
  if (column === undefined)
    return rows.toSorted((one, other) => sign * compare(one.key ?? '', other.key ?? ''))
  // What is not known comes last, whichever way.
  const figure = (row: Row): number => column.figure(row) ?? (isDown ? -Infinity : Infinity)
  return rows.toSorted((one, other) => sign * compare(figure(one), figure(other)))
}

/** Infinity minus itself is no number. */
const compare = <T extends number | string>(one: T, other: T): number =>
  one === other ? 0 : one < other ? -1 : 1
