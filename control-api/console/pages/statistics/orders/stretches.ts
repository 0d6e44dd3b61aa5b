// Days of orders as charts show them: as they are, or in weeks where there are too many. Pure.
import { dayBefore } from '../period.ts'
import type { OrderDay } from './use-order-statistics.ts'

type Counts = Pick<OrderDay, 'confirmed' | 'given' | 'refused'>

/** Of whole days, both inclusive. */
export interface Stretch extends Counts {
  readonly first: string
  readonly last: string
}

const SINCE_MONDAY = 6
const DAYS_OF_WEEK = 7

/** Weeks begin on Mondays; those at the ends may be shorter. */
export const mondayOf = (day: string): string => {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
  return dayBefore(day, (weekday + SINCE_MONDAY) % DAYS_OF_WEEK)
}

export function stretchesOf(days: readonly OrderDay[], by: 'day' | 'week'): readonly Stretch[] {
  const found = new Map<string, Stretch>()
  for (const { key, confirmed, given, refused } of days) {
    const name = by === 'day' ? key : mondayOf(key)
    const before = found.get(name)
    found.set(name, {
      first: before?.first ?? key,
      last: key,
      confirmed: (before?.confirmed ?? 0) + confirmed,
      given: (before?.given ?? 0) + given,
      refused: (before?.refused ?? 0) + refused,
    })
  }
  return [...found.values()]
}
