// Calls of today that failed by us, the carrier or a vendor: read once, then told by the live feed.
import { useCallback } from 'react'
import { useQuery } from '@tanstack/react-query'
import { listCalls } from '../../api/generated/sdk.gen.ts'
import { queryClient } from '../../api/queries.ts'
import { callOf, type Call } from '../../components/use-live-calls.ts'
import type { LiveMessage } from '../../live/live-feed.ts'
import { useLive } from '../../live/live.tsx'

const SHOWN = 5
/** Talks, too, can end by a failure: looked for among so many of the newest. */
const LOOKED_AT = 100

const isFailure = ({ termination }: Call): boolean =>
  termination?.result === 'server_error' || termination?.result === 'upstream_error'

export function useFailures(now = new Date()) {
  const since = new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString()
  const key = [{ _id: 'failuresOfToday', since }] as const
  const listener = useCallback(
    (message: LiveMessage) => {
      const call = message.type === 'call.ended' ? callOf(message) : undefined
      if (call === undefined || !isFailure(call)) return
      queryClient.setQueryData<readonly Call[]>([{ _id: 'failuresOfToday', since }], (before) =>
        before?.some(({ call_id: id }) => id === call.call_id)
          ? before
          : [call, ...(before ?? [])].slice(0, SHOWN),
      )
    },
    [since],
  )
  useLive(listener)
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }): Promise<readonly Call[]> => {
      const lists = await Promise.all(
        (['failed', 'answered'] as const).map((outcome) =>
          listCalls({ query: { outcome, from_date: since, limit: LOOKED_AT }, signal }),
        ),
      )
      return lists
        .flatMap(({ data }) => data.items)
        .filter(isFailure)
        .toSorted((one, other) => other.created_at.localeCompare(one.created_at))
        .slice(0, SHOWN)
    },
    refetchOnMount: 'always',
  })
}
