// A range of time cut into the days or weeks of a time zone.
import { weekdayOf, writtenDay, writtenWeek, type TimeZone } from './time-zone.ts'

export interface Span {
  readonly key: string
  /** Inclusive, epoch milliseconds. */
  readonly from: number
  /** Exclusive. */
  readonly before: number
}

export interface Range {
  readonly from: number
  readonly before: number
}

export const cutDays = (range: Range, zone: TimeZone): Span[] =>
  cut(range, zone, { first: zone.dayOf(range.from), days: 1, keyOf: writtenDay })

/** From Monday to Sunday (ISO 8601); the first and the last are as long as the range has of them. */
export function cutWeeks(range: Range, zone: TimeZone): Span[] {
  const day = zone.dayOf(range.from)
  return cut(range, zone, { first: day - weekdayOf(day), days: 7, keyOf: writtenWeek })
}

interface Step {
  readonly first: number
  readonly days: number
  readonly keyOf: (day: number) => string
}

function cut({ from, before }: Range, zone: TimeZone, { first, days, keyOf }: Step): Span[] {
  const spans: Span[] = []
  let start = from
  for (let day = first; start < before; day += days) {
    const end = Math.min(before, zone.startOf(day + days))
    // A day that a zone left out has no time.
    if (end > start) spans.push({ key: keyOf(day), from: start, before: end })
    start = Math.max(start, end)
  }
  return spans
}
