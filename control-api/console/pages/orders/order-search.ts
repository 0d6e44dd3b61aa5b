// What the list of orders is narrowed to: read from an address and written to it, and as the API takes it. Order numbers
// belong to people: they are kept apart, and never in the address.
import type { GetOrderResponse, ListOrdersData } from '../../api/generated/types.gen.ts'
import { boundsOf, isDay } from '../calls/call-search.ts'

export type Order = Omit<GetOrderResponse, 'history' | 'call_ids'>
export type OrderStatus = Order['status']

/** In the order in which an order goes through them. */
export const STATUSES = [
  'confirmed',
  'in_progress',
  'completed',
  'canceled',
  'problem',
] as const satisfies readonly OrderStatus[]

export interface OrderFilters {
  readonly status?: OrderStatus
  /** A day of the viewer, `2026-01-31`. */
  readonly from?: string
  /** The last day, all of it. */
  readonly to?: string
}

const PAGE_SIZE = 50
export const MAX_NUMBER = 64

export const asStatus = (text: string | null): OrderStatus | undefined =>
  STATUSES.find((one) => one === text)

export function readFilters(query: string): OrderFilters {
  const asked = new URLSearchParams(query)
  const status = asStatus(asked.get('status'))
  const [from, to] = [asked.get('from') ?? '', asked.get('to') ?? '']
  return {
    ...(status === undefined ? {} : { status }),
    ...(isDay(from) ? { from } : {}),
    ...(isDay(to) ? { to } : {}),
  }
}

/** With the question mark, or nothing. */
export function writeFilters({ status, from, to }: OrderFilters): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ status, from, to }))
    if (value !== undefined) query.set(name, value)
  return query.size === 0 ? '' : `?${query.toString()}`
}

/** People write them with spaces and dashes; callers can enter digits alone. */
export function writtenNumber(typed: string): string {
  const text = typed.trim()
  return /^#?[\d\s.\-/\u2010-\u2015]+$/.test(text) ? text.replaceAll(/\D/g, '') : text
}

type Query = NonNullable<ListOrdersData['query']>

export const isNarrowed = (filters: OrderFilters, asked: string): boolean =>
  writtenNumber(asked) !== '' || Object.values(filters).some((one) => one !== undefined)

export function orderQuery(
  { status, from, to }: OrderFilters,
  asked: string,
  cursor: string | undefined,
): Query {
  const number = writtenNumber(asked)
  return {
    ...(status === undefined ? {} : { status }),
    ...(number === '' ? {} : { order_number: number }),
    ...boundsOf(from, to),
    limit: PAGE_SIZE,
    ...(cursor === undefined ? {} : { cursor }),
  }
}
