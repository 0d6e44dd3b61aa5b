// What the call history is narrowed to: read from an address and written to it, and as the API takes it. Numbers are
// kept apart, and never in the address.
import {
  CHOICES,
  decodeAsked,
  filterBody,
  isDay,
  MAX_APPLICATION,
  type SearchBody,
} from '../calls/call-search.ts'

export const OUTCOMES = CHOICES.outcome
export type Outcome = (typeof OUTCOMES)[number]

export interface HistoryFilters {
  /** Absent: the first there is. */
  readonly application_id?: string
  readonly outcome?: Outcome
  /** A day of the viewer, `2026-01-31`. */
  readonly from?: string
  /** The last day, all of it. */
  readonly to?: string
}

const PAGE_SIZE = 25 as const

export const asOutcome = (text: string | null): Outcome | undefined =>
  OUTCOMES.find((one) => one === text)

export function readFilters(query: string): HistoryFilters {
  const asked = new URLSearchParams(query)
  const application = (asked.get('application_id') ?? '').slice(0, MAX_APPLICATION)
  const outcome = asOutcome(asked.get('outcome'))
  const [from, to] = [asked.get('from') ?? '', asked.get('to') ?? '']
  return {
    ...(application === '' ? {} : { application_id: application }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(isDay(from) ? { from } : {}),
    ...(isDay(to) ? { to } : {}),
  }
}

/** With the question mark, or nothing. */
export function writeFilters({ application_id, outcome, from, to }: HistoryFilters): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ application_id, outcome, from, to }))
    if (value !== undefined) query.set(name, value)
  return query.size === 0 ? '' : `?${query.toString()}`
}

export const isNarrowed = ({ outcome, from, to }: HistoryFilters, asked: string): boolean =>
  decodeAsked(asked).kind !== 'nothing' || [outcome, from, to].some((one) => one !== undefined)

export interface AskedPage {
  readonly filters: HistoryFilters
  readonly applicationId: string
  readonly asked: string
  readonly cursor: string | undefined
}

export function historyBody({ filters, applicationId, asked, cursor }: AskedPage): SearchBody {
  const { outcome, from, to } = filters
  const narrowed = {
    ...(outcome === undefined ? {} : { outcome }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    provider: 'voximplant' as const,
    application_id: applicationId,
    limit: PAGE_SIZE,
  }
  return {
    ...filterBody(narrowed, decodeAsked(asked), new Date()),
    limit: PAGE_SIZE,
    ...(cursor === undefined ? {} : { cursor }),
  }
}
