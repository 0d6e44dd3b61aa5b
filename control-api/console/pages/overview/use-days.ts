// The statistics of today, live, and of the four weeks before, which hardly change any more.
import { useQuery } from '@tanstack/react-query'
import { getStatisticsOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { getStatistics } from '../../api/generated/sdk.gen.ts'
import { viewerTimeZone } from '../../words/amounts.ts'
import { dayBefore, DAYS_BEFORE } from './days.ts'

const HOUR_MS = 3_600_000

export function useDays() {
  const now = new Date()
  const zone = viewerTimeZone()
  const [today, yesterday] = [dayBefore(now, 0), dayBefore(now, 1)]
  const query = { time_zone: zone, group_by: 'day' } as const
  const current = useQuery({
    ...getStatisticsOptions({ query: { ...query, from_date: today, to_date: today } }),
  })
  const asked = { ...query, from_date: dayBefore(now, DAYS_BEFORE), to_date: yesterday }
  const past = useQuery({
    // Not under the name of the operation: live news would have a month counted every second.
    queryKey: [{ _id: 'pastStatistics', query: asked }],
    queryFn: async ({ signal }) => (await getStatistics({ query: asked, signal })).data,
    staleTime: HOUR_MS,
    meta: { live: false },
  })
  return { current, past }
}
