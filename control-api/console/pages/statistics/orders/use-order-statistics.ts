// What became of the menu in the period, and day by day; read anew with the figures of calls.
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { getOrderStatistics } from '../../../api/generated/sdk.gen.ts'
import type { GetOrderStatisticsResponse } from '../../../api/generated/types.gen.ts'
import { viewerTimeZone } from '../../../words/amounts.ts'
import type { Bounds, Period } from '../period.ts'
import { CURRENT } from '../use-statistics.ts'

export type OrderStatistics = GetOrderStatisticsResponse
export type OrderDay = OrderStatistics['items'][number]

export interface OrdersOfPeriod {
  readonly counted: UseQueryResult<OrderStatistics>
  /** Of the days that are charted; the same answer, where they are the period's. */
  readonly charted: UseQueryResult<OrderStatistics>
}

export const useOrderStatistics = ({ asked, charted }: Period): OrdersOfPeriod => ({
  counted: useQuery(optionsOf(asked)),
  charted: useQuery(optionsOf(charted)),
})

function optionsOf({ from_date, to_date }: Bounds) {
  const query = { from_date, to_date, time_zone: viewerTimeZone() }
  return {
    queryKey: [{ _id: CURRENT, of: 'orders', query }],
    queryFn: async ({ signal }: { readonly signal: AbortSignal }) =>
      (await getOrderStatistics({ query, signal })).data,
    placeholderData: keepPreviousData,
  }
}
