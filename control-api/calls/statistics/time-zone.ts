// The calendar days of a time zone, by the zone data of the runtime: where each begins, whatever clocks do that night.

const DAY_MS = 24 * 3600 * 1000
/** No zone is further from UTC, and no night moves a clock by more. */
const FARTHEST_MS = 36 * 3600 * 1000
/** Names of the IANA alone: Intl takes offsets (+01:00) too, which have no summer. */
const NAME = /^[A-Za-z]\w*(?:[/+-]\w+)*$/

/** A calendar day as the number of days since 1 January 1970. */
export type EpochDay = number

export interface TimeZone {
  /** As the IANA writes it. */
  readonly name: string
  /** The calendar day on its walls at a time. */
  dayOf(at: number): EpochDay
  /** The first moment of a day: not always midnight. A day that was left out begins with the next one. */
  startOf(day: EpochDay): number
}

/** Undefined of what the IANA does not name. */
export function decodeTimeZone(text: string): TimeZone | undefined {
  if (!NAME.test(text)) return undefined
  const format = formatIn(text)
  return format && createTimeZone(format)
}

/** What the walls say at a time, as if they said it in UTC. */
export type WallClock = (at: number) => number

/** Of an offset (`+01:00`) too. Undefined of what is no zone. */
export function createWallClock(zone: string): WallClock | undefined {
  const format = formatIn(zone)
  return format && wallClockOf(format)
}

function formatIn(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return wallFormat(zone)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const wallFormat = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })

function wallClockOf(format: Intl.DateTimeFormat): WallClock {
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
    const date = Date.UTC(part('year'), part('month') - 1, part('day'))
    return date + ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1000
  }
}

function createTimeZone(format: Intl.DateTimeFormat): TimeZone {
  const onTheWall = wallClockOf(format)
  const dayOf = (at: number): EpochDay => Math.floor(onTheWall(at) / DAY_MS)
  const isStart = (at: number, day: EpochDay): boolean => dayOf(at) === day && dayOf(at - 1) < day
  return {
    name: format.resolvedOptions().timeZone,
    dayOf,
    startOf(day) {
      const midnight = day * DAY_MS
      const guess = midnight - (onTheWall(midnight) - midnight)
      const better = midnight - (onTheWall(guess) - guess)
      return isStart(better, day) ? better : searchStart(midnight, (at) => dayOf(at) >= day)
    },
  }
}

/** Of the few nights in which a clock is moved at midnight. */
function searchStart(midnight: number, hasBegun: (at: number) => boolean): number {
  let [before, begun] = [midnight - FARTHEST_MS, midnight + FARTHEST_MS]
  while (begun - before > 1) {
    const middle = Math.floor((before + begun) / 2)
    if (hasBegun(middle)) begun = middle
    else before = middle
  }
  return begun
}

/** `2026-01-31`. */
export const writtenDay = (day: EpochDay): string =>
  new Date(day * DAY_MS).toISOString().slice(0, 10)

/** Undefined of what is no day of the calendar. */
export function decodeDay(text: string): EpochDay | undefined {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // 30 February parses as March.
  const day = at / DAY_MS
  return Number.isNaN(at) || writtenDay(day) !== text ? undefined : day
}

/** 0 on Mondays: 1 January 1970 was a Thursday. */
export const weekdayOf = (day: EpochDay): number => (((day + 3) % 7) + 7) % 7

/** The week of a Monday by ISO 8601: `2026-W05`. It is of the year that its Thursday is in. */
export function writtenWeek(monday: EpochDay): string {
  const year = Number(writtenDay(monday + 3).slice(0, 4))
  const firstDay = Date.UTC(year, 0, 1) / DAY_MS
  const week = Math.floor((monday + 3 - firstDay) / 7) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}
