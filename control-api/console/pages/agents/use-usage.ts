// How many calls each agent had in the last thirty days.
import { useQuery } from '@tanstack/react-query'
import { getStatistics } from '../../api/generated/sdk.gen.ts'
import type { GetStatisticsResponse } from '../../api/generated/types.gen.ts'
import { viewerTimeZone } from '../../words/amounts.ts'

export type Usage = GetStatisticsResponse['items'][number]

const HOUR_MS = 3_600_000

/** Undefined until it is known. */
export function useUsage(): ReadonlyMap<string, Usage> | undefined {
  const query = { group_by: 'agent', time_zone: viewerTimeZone() } as const
  const { data } = useQuery({
    // Not under the operation's name: no need to count a month with each call.
    queryKey: [{ _id: 'usageOfAgents', query }],
    queryFn: async ({ signal }) => (await getStatistics({ query, signal })).data,
    staleTime: HOUR_MS,
    meta: { live: false },
  })
  return (
    data &&
    new Map(
      data.items.flatMap((row): [string, Usage][] => (row.key === null ? [] : [[row.key, row]])),
    )
  )
}
