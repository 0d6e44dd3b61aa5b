// The days whose calls are synchronised, as the API takes them. Pure.
import { boundsOf, isDay } from '../../calls/call-search.ts'
import { dayBefore, writtenDay } from '../../statistics/period.ts'

/** Days of the viewer, both whole. */
export interface SyncRange {
  readonly from: string
  readonly to: string
}

export interface SyncBounds {
  readonly from_date: string
  readonly to_date: string
}

/** A week. */
const DAYS_BACK = 6

export function usualRange(now: Date): SyncRange {
  const today = writtenDay(now)
  return { from: dayBefore(today, DAYS_BACK), to: today }
}

/** Up to this moment at most: of what is still to come the vendor knows nothing. Undefined: it is no range. */
export function syncBoundsOf({ from, to }: SyncRange, now: Date): SyncBounds | undefined {
  if (!isDay(from) || !isDay(to) || from > to || from > writtenDay(now)) return undefined
  const { from_date, to_date } = boundsOf(from, to)
  if (from_date === undefined || to_date === undefined) return undefined
  return { from_date, to_date: Date.parse(to_date) > now.getTime() ? now.toISOString() : to_date }
}
