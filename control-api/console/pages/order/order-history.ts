// What the history of an order says: the change that can be taken back, the calls that named it. Pure.
import type { GetOrderResponse } from '../../api/generated/types.gen.ts'
import { asStatus, type OrderStatus } from '../orders/order-search.ts'

export type OneOrder = GetOrderResponse
export type HistoryLine = OneOrder['history'][number]

/** The status before the last change of it, while that is still the one it has. */
export function statusBefore({ status, history }: OneOrder): OrderStatus | undefined {
  const last = history.findLast(({ kind }) => kind === 'status')
  return last?.to === status ? asStatus(last.from) : undefined
}

export interface NamedBy {
  readonly callId: string
  readonly at: string
}

/** Newest first, each once. */
export function namedBy({ history }: Pick<OneOrder, 'history'>): readonly NamedBy[] {
  const calls = new Map<string, string>()
  for (const { call_id: id, at } of history) if (id !== null) calls.set(id, calls.get(id) ?? at)
  return [...calls].map(([callId, at]) => ({ callId, at })).toReversed()
}
