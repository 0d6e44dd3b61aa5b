// The figures of a period, of the one before, and day by day; while it goes on, read anew as calls end, but not all the time.
import { useEffect, useRef } from 'react'
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { getStatistics } from '../../api/generated/sdk.gen.ts'
import type { GetStatisticsData, GetStatisticsResponse } from '../../api/generated/types.gen.ts'
import { queryClient } from '../../api/queries.ts'
import { useLive } from '../../live/live.tsx'
import { viewerTimeZone } from '../../words/amounts.ts'
import type { Grouping, Period } from './period.ts'

export type Statistics = GetStatisticsResponse
export type Tally = Statistics['totals']
export type Row = Statistics['items'][number]

/** Not under the operation's name: live news would have three months counted every second. */
export const CURRENT = 'statisticsOfPeriod'
const PAST = 'statisticsBefore'
const HOUR_MS = 3_600_000
/** A quarter of a second of the database, of a million calls. */
const AT_MOST_EVERY_MS = 10_000

export interface PeriodStatistics {
  readonly grouped: UseQueryResult<Statistics>
  readonly charted: UseQueryResult<Statistics>
  readonly before: UseQueryResult<Statistics>
}

export function useStatistics(period: Period, group: Grouping): PeriodStatistics {
  useNews(period.goesOn)
  return {
    grouped: useQuery(optionsOf(CURRENT, { ...period.asked, group_by: group })),
    charted: useQuery(optionsOf(CURRENT, period.charted)),
    // Its totals alone are shown.
    before: useQuery({
      ...optionsOf(PAST, { ...period.before, group_by: 'outcome' }),
      staleTime: HOUR_MS,
      meta: { live: false },
    }),
  }
}

function optionsOf(id: string, asked: NonNullable<GetStatisticsData['query']>) {
  const query = { ...asked, time_zone: viewerTimeZone() }
  return {
    queryKey: [{ _id: id, query }],
    queryFn: async ({ signal }: { readonly signal: AbortSignal }) =>
      (await getStatistics({ query, signal })).data,
    placeholderData: keepPreviousData,
  }
}

function useNews(goesOn: boolean): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const isWanted = useRef(goesOn)
  useEffect(() => {
    isWanted.current = goesOn
  }, [goesOn])
  useEffect(() => () => clearTimeout(timer.current), [])
  const listener = useRef(({ call_id: callId }: { readonly call_id: string | null }): void => {
    if (callId === null || !isWanted.current || timer.current !== undefined) return
    timer.current = setTimeout(() => {
      timer.current = undefined
      void queryClient.invalidateQueries({ predicate: ({ queryKey: [key] }) => isCurrent(key) })
    }, AT_MOST_EVERY_MS)
  })
  // oxlint-disable-next-line react/refs -- The same function for good: it is never written.
  useLive(listener.current)
}

const isCurrent = (key: unknown): boolean =>
  typeof key === 'object' && key !== null && '_id' in key && key._id === CURRENT
