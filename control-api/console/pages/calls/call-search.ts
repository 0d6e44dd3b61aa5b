// What the list of calls is narrowed to: read from an address and written to it, and as the API takes it. Numbers and
// words of talks are personal: they are kept apart, and never in the address.
import type { SearchCallsData } from '../../api/generated/types.gen.ts'

export type SearchBody = SearchCallsData['body']

/** In the order in which they are shown. */
export const CHOICES = {
  direction: ['inbound', 'outbound'],
  status: ['queued', 'dialing', 'ringing', 'early_media', 'answered', 'ended'],
  outcome: ['answered', 'no-answer', 'busy', 'canceled', 'declined', 'machine', 'failed'],
  fault: ['any', 'carrier', 'gateway', 'agent', 'unknown'],
  review_status: ['processing', 'processed', 'completed', 'problem'],
  provider: ['sip', 'twilio', 'voximplant'],
} as const satisfies { readonly [K in keyof SearchBody]?: readonly SearchBody[K][] }

export type Choice = keyof typeof CHOICES
export const CHOICE_NAMES = Object.keys(CHOICES) as Choice[]

export const RANGES = ['today', 'yesterday', '7d', '30d'] as const
export type Range = (typeof RANGES)[number]

export const LIMITS = [25, 50, 100] as const
const USUAL_LIMIT = 50

export type CallFilters = { readonly [K in Choice]?: (typeof CHOICES)[K][number] } & {
  readonly application_id?: string
  /** By exact names; of any of them. */
  readonly trunk?: readonly string[]
  /** Days that move with the calendar; without `from` and `to` then. */
  readonly range?: Range
  /** A day of the viewer, `2026-01-31`. */
  readonly from?: string
  /** The last day, all of it. */
  readonly to?: string
  /** Moments, as another page that leads here has them; without `range`, `from` and `to` then. */
  readonly from_date?: string
  readonly to_date?: string
  readonly limit: (typeof LIMITS)[number]
}

export function readFilters(query: string): CallFilters {
  const asked = new URLSearchParams(query)
  const text = (name: string): string => asked.get(name) ?? ''
  const choices = CHOICE_NAMES.flatMap((name) => {
    const chosen = (CHOICES[name] as readonly string[]).find((one) => one === text(name))
    return chosen === undefined ? [] : [[name, chosen]]
  })
  const range = RANGES.find((one) => one === text('range'))
  const application = text('application_id').slice(0, MAX_APPLICATION)
  const trunk = trunksIn(asked.getAll('trunk'))
  const moments = {
    ...moment('from_date', text('from_date')),
    ...moment('to_date', text('to_date')),
  }
  const days = { ...day('from', text('from')), ...day('to', text('to')) }
  const period = Object.keys(moments).length > 0 ? moments : days
  const limit = LIMITS.find((one) => String(one) === text('limit')) ?? USUAL_LIMIT
  return {
    ...(Object.fromEntries(choices) as Pick<CallFilters, Choice>),
    ...(application === '' ? {} : { application_id: application }),
    ...(trunk.length === 0 ? {} : { trunk }),
    ...(range === undefined ? period : { range }),
    limit,
  }
}

export const MAX_APPLICATION = 128
/** As the API takes them. */
const MAX_TRUNKS = 50
const MAX_TRUNK = 128

const trunksIn = (names: readonly string[]): readonly string[] => [
  ...new Set(names.filter((name) => name !== '' && name.length <= MAX_TRUNK).slice(0, MAX_TRUNKS)),
]

/** What somebody types, and what is shown of them. */
export const readTrunks = (typed: string): readonly string[] | undefined => {
  const names = trunksIn(typed.split(',').map((name) => name.trim()))
  return names.length === 0 ? undefined : names
}
export const trunkWords = (trunk: CallFilters['trunk']): string => trunk?.join(', ') ?? ''

/** Whatever somebody chooses of a period takes the place of all there was of it. */
export const NO_PERIOD = {
  range: undefined,
  from: undefined,
  to: undefined,
  from_date: undefined,
  to_date: undefined,
} as const

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

const moment = (name: 'from_date' | 'to_date', text: string): Partial<CallFilters> =>
  MOMENT.test(text) && !Number.isNaN(Date.parse(text)) ? { [name]: text } : {}

const day = (name: 'from' | 'to', text: string): Partial<CallFilters> =>
  startOfDay(text) === undefined ? {} : { [name]: text }

type Written = CallFilters[keyof CallFilters]

/** With the question mark, or nothing. */
export function writeFilters(filters: CallFilters): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filters) as [string, Written][])
    if (value !== undefined && value !== USUAL_LIMIT)
      for (const one of [value].flat()) query.append(name, String(one))
  return query.size === 0 ? '' : `?${query.toString()}`
}

/** What somebody typed into the one box. */
export type Asked =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'words'; readonly text: string }
  /** A number whose rest is still to come: it is not asked for. */
  | { readonly kind: 'unfinished' }

export const MAX_ASKED = 64
const QUOTED = /^["“”„«»](?<words>.+?)["“”„«»]?$/u
/** Digits, and what people put between them, as the API takes it. */
const LIKE_A_NUMBER = /^[+\d\s().\-/\u2010-\u2015]+$/
const FEWEST_DIGITS = 3
const MOST_DIGITS = 15
const FEWEST_OF_WHOLE = 7

export function decodeAsked(typed: string): Asked {
  const text = typed.trim()
  if (text === '') return { kind: 'nothing' }
  const quoted = QUOTED.exec(text)?.groups?.['words']?.trim()
  if (quoted !== undefined && quoted !== '') return { kind: 'words', text: quoted }
  if (!LIKE_A_NUMBER.test(text))
    return /[\p{L}\p{N}]/u.test(text) ? { kind: 'words', text } : { kind: 'unfinished' }
  const isWhole = text.startsWith('+') || text.startsWith('00')
  const digits = text.replaceAll(/\D/g, '').replace(/^00/, '').length
  const fewest = isWhole ? FEWEST_OF_WHOLE : FEWEST_DIGITS
  if (digits < fewest || digits > MOST_DIGITS || text.lastIndexOf('+') > 0)
    return { kind: 'unfinished' }
  return { kind: 'number', number: text }
}

/** As POST /api/calls/search and POST /api/calls/export take it, without the page. */
export function filterBody(
  { range, from, to, from_date, to_date, application_id: application, ...others }: CallFilters,
  asked: Asked,
  now: Date,
): Omit<SearchBody, 'limit' | 'cursor'> {
  const chosen = CHOICE_NAMES.flatMap((name) => (others[name] ? [[name, others[name]]] : []))
  return {
    ...(Object.fromEntries(chosen) as Pick<CallFilters, Choice>),
    ...(application === undefined ? {} : { application_id: application }),
    ...(others.trunk === undefined ? {} : { trunk: [...others.trunk] }),
    ...(range === undefined ? boundsOf(from, to) : rangeBounds(range, now)),
    ...(from_date === undefined ? {} : { from_date }),
    ...(to_date === undefined ? {} : { to_date }),
    ...(asked.kind === 'number' ? { number: asked.number } : {}),
    ...(asked.kind === 'words' ? { text: asked.text } : {}),
  }
}

export interface Bounds {
  readonly from_date?: string
  readonly to_date?: string
}

function rangeBounds(range: Range, now: Date): Bounds {
  const daysAgo = (days: number): Date =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - days)
  switch (range) {
    case 'today':
      return { from_date: daysAgo(0).toISOString() }
    case 'yesterday':
      return { from_date: daysAgo(1).toISOString(), to_date: before(daysAgo(0)) }
    case '7d':
      return { from_date: daysAgo(6).toISOString() }
    case '30d':
      return { from_date: daysAgo(29).toISOString() }
    default:
      return range satisfies never
  }
}

/** Days of the viewer, both whole. */
export function boundsOf(from: string | undefined, to: string | undefined): Bounds {
  const first = startOfDay(from ?? '')
  const last = startOfDay(to ?? '')
  const next = last && new Date(last.getFullYear(), last.getMonth(), last.getDate() + 1)
  return {
    ...(first ? { from_date: first.toISOString() } : {}),
    ...(next ? { to_date: before(next) } : {}),
  }
}

/** The API's bound is the last moment that counts. */
const before = (moment: Date): string => new Date(moment.getTime() - 1).toISOString()

const FIRST_YEAR = 1970

export const isDay = (text: string): boolean => startOfDay(text) !== undefined

/** Of the viewer's day: where clocks change at midnight, its first moment. Undefined of what is no day. */
export function startOfDay(text: string): Date | undefined {
  const [year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.slice(1).map(Number) ?? []
  if (year === undefined || month === undefined || date === undefined) return undefined
  // Somebody is still typing the year.
  if (year < FIRST_YEAR) return undefined
  const start = new Date(year, month - 1, date)
  return start.getMonth() === month - 1 && start.getDate() === date ? start : undefined
}
