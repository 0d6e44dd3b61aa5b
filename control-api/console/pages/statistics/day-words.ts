// Days and weeks of the statistics, and what else calls are grouped by, in the reader's words.
import { locale } from '../../words/language.ts'
import type { SayCommon } from '../../words/common.ts'
import { writtenDay } from './period.ts'
import type { Row, Statistics } from './use-statistics.ts'
import type { SayStatistics } from './words.ts'

/** A calendar day, whose zone is the viewer's already: `21 Nov 2026`. */
export const dayWords = (day: string): string =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString(locale(), {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })

/** Without the year, for axes. */
export const shortDay = (day: string): string =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString(locale(), {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
  })

/** The day on which a row's time begins, and the last one, as the viewer's calendar has them. */
export function daysOf({ starts_at: start, ends_at: end }: Row): { first: string; last: string } {
  const written = (at: number): string => writtenDay(new Date(at))
  return { first: written(Date.parse(start ?? '')), last: written(Date.parse(end ?? '') - 1) }
}

interface Saying {
  readonly say: SayStatistics
  readonly common: SayCommon
  /** Agent → how it is called. */
  readonly names: ReadonlyMap<string, string>
}

export function keyWords(
  row: Row,
  group: Statistics['group_by'],
  { say, common, names }: Saying,
): string {
  const { key } = row
  switch (group) {
    case 'day':
      return key === null ? '' : dayWords(key)
    case 'week':
      return say('week_of', {
        week: Number(key?.slice(-2)),
        day: shortDay(daysOf(row).first),
      })
    case 'trunk':
      return key ?? common('none')
    case 'agent':
      return key === null ? say('no_agent') : (names.get(key) ?? key)
    case 'outcome':
      return key === null ? say('goes_on') : outcomeWords(key, common)
    case 'consent':
      return key === 'given' || key === 'refused' ? say(key) : say('not_asked')
    default:
      return group satisfies never
  }
}

type Outcome = 'answered' | 'no-answer' | 'busy' | 'canceled' | 'declined' | 'machine' | 'failed'

export const outcomeWords = (outcome: string, common: SayCommon): string =>
  outcome === 'failed' ? common('outcome_failed') : common(outcome as Exclude<Outcome, 'failed'>)
