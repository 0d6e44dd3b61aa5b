// A run, read once and told live.
import { useCallback } from 'react'
import { useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { getRehearsal } from '../../api/generated/sdk.gen.ts'
import { useFedQuery } from '../../components/fed-query.ts'
import type { LiveMessage } from '../../live/live-feed.ts'
import { useLive } from '../../live/live.tsx'
import { watchedRun, withNews, type WatchedRun } from './watched-run.ts'

export function useRun(runId: string | null): UseQueryResult<WatchedRun> {
  const name = `rehearsal ${runId ?? ''}`
  const client = useQueryClient()
  // Why it failed as a whole is not told live.
  useLive(
    useCallback(
      ({ type, data }: LiveMessage) => {
        if (type === 'rehearsal.finished' && data['run_id'] === runId)
          void client.invalidateQueries({ queryKey: [name] })
      },
      [client, name, runId],
    ),
  )
  return useFedQuery<WatchedRun>({
    name,
    isWanted: runId !== null,
    read: async (signal) =>
      watchedRun((await getRehearsal({ path: { run_id: runId ?? '' }, signal })).data),
    apply: withNews,
  })
}
