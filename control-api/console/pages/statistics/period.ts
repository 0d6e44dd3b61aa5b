// Which calls are counted and by what, read from an address and written to it; and the period before, to compare with.
export const RANGES = ['today', '7d', '30d', '90d'] as const
export type Range = (typeof RANGES)[number]
export const GROUPS = ['day', 'week', 'trunk', 'agent', 'outcome', 'consent'] as const
export type Grouping = (typeof GROUPS)[number]

const DAYS: Readonly<Record<Range, number>> = { today: 1, '7d': 7, '30d': 30, '90d': 90 }
const USUAL = { range: '30d', group: 'day' } as const

export interface View {
  /** Absent: from `from` to `to`. */
  readonly range?: Range
  /** Days of the viewer, `2026-01-31`, both inclusive. */
  readonly from?: string
  readonly to?: string
  readonly group: Grouping
}

export function readView(query: string): View {
  const asked = new URLSearchParams(query)
  const group = GROUPS.find((one) => one === asked.get('group')) ?? USUAL.group
  const [from, to] = [asked.get('from') ?? '', asked.get('to') ?? '']
  if (isDay(from) && isDay(to)) return { from, to, group }
  return { range: RANGES.find((one) => one === asked.get('range')) ?? USUAL.range, group }
}

/** With the question mark, or nothing. */
export function writeView({ range, from, to, group }: View): string {
  const query = new URLSearchParams()
  if (range !== undefined && range !== USUAL.range) query.set('range', range)
  if (range === undefined && from !== undefined && to !== undefined) {
    query.set('from', from)
    query.set('to', to)
  }
  if (group !== USUAL.group) query.set('group', group)
  return query.size === 0 ? '' : `?${query.toString()}`
}

/** As the API takes them. */
export interface Bounds {
  readonly from_date: string
  readonly to_date: string
}

export interface Period {
  readonly from: string
  readonly to: string
  readonly days: number
  /** It has a moment that is still to come: what happens now belongs to it. */
  readonly goesOn: boolean
  readonly asked: Bounds
  /** As many days before it; where it goes on, up to the same time of day. */
  readonly before: Bounds
  /** Never less than a week: one bar shows nothing. */
  readonly charted: Bounds & { readonly group_by: 'day' | 'week' }
}

/** Longer ones are refused by the API. */
export const MOST_DAYS = 400
const FEWEST_CHARTED = 7
/** More bars than that cannot be told apart on a telephone. */
const MOST_CHARTED = 92

export type Judged =
  | { readonly kind: 'period'; readonly period: Period }
  | { readonly kind: 'backwards' }
  | { readonly kind: 'too-long' }

export function periodOf({ range, from, to }: View, now: Date): Judged {
  const today = writtenDay(now)
  const last = (range === undefined ? to : undefined) ?? today
  const first = range === undefined ? (from ?? today) : dayBefore(today, DAYS[range] - 1)
  if (first > last) return { kind: 'backwards' }
  const days = daysBetween(first, last) + 1
  if (days > MOST_DAYS) return { kind: 'too-long' }
  const goesOn = first <= today && today <= last
  const end = goesOn ? daysEarlier(now, days).toISOString() : dayBefore(last, days)
  return {
    kind: 'period',
    period: {
      from: first,
      to: last,
      days,
      goesOn,
      asked: { from_date: first, to_date: last },
      before: { from_date: dayBefore(first, days), to_date: end },
      charted: {
        from_date: days < FEWEST_CHARTED ? dayBefore(last, FEWEST_CHARTED - 1) : first,
        to_date: last,
        group_by: days > MOST_CHARTED ? 'week' : 'day',
      },
    },
  }
}

/** The same time on the walls, some days earlier. */
function daysEarlier(now: Date, days: number): Date {
  const earlier = new Date(now)
  earlier.setDate(earlier.getDate() - days)
  return earlier
}

const two = (value: number): string => String(value).padStart(2, '0')

/** Of the viewer. */
export const writtenDay = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`

const utcOf = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const DAY_MS = 86_400_000

const daysBetween = (from: string, to: string): number => (utcOf(to) - utcOf(from)) / DAY_MS

export const dayBefore = (day: string, days: number): string =>
  new Date(utcOf(day) - days * DAY_MS).toISOString().slice(0, 10)

/** A year of four digits: somebody may still be typing it. */
export function isDay(text: string): boolean {
  if (!/^(?:19|20)\d{2}-\d{2}-\d{2}$/.test(text)) return false
  const at = utcOf(text)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}
