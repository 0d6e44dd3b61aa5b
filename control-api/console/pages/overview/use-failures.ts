// Calls of today that failed by us, the carrier or a vendor: read once, then told by the live feed.
import { useCallback } from 'react'
import { useQuery } from '@tanstack/react-query'
import { listCalls } from '../../api/generated/sdk.gen.ts'
import { queryClient } from '../../api/queries.ts'
import { callOf, type Call } from '../../components/use-live-calls.ts'
import type { LiveMessage } from '../../live/live-feed.ts'
import { useLive } from '../../live/live.tsx'

const SHOWN = 5

/** Answered or not, as `fault=any` has it. */
const isFailure = ({ termination }: Call): boolean =>
  termination !== null && !['success', 'client_error'].includes(termination.result)

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
      const query = { fault: 'any', from_date: since, limit: SHOWN } as const
      return (await listCalls({ query, signal })).data.items
    },
    refetchOnMount: 'always',
  })
}
