// Something read once and then kept by the live feed: what happens while it is read is not lost.
import { useCallback, useEffect, useRef } from 'react'
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import type { LiveMessage } from '../live/live-feed.ts'
import { useLive, useLiveState } from '../live/live.tsx'

interface FedQueryOptions<T> {
  /** One text: the query's key. */
  readonly name: string
  readonly read: (signal: AbortSignal) => Promise<T>
  /**
   * The same object when the message says nothing of it. Told twice of one message it must come to the same.
   * Must be stable.
   */
  readonly apply: (before: T, message: LiveMessage) => T
  readonly isWanted?: boolean
}

export function useFedQuery<T>(options: FedQueryOptions<T>): UseQueryResult<T> {
  const { name, read, apply, isWanted = true } = options
  const client = useQueryClient()
  const state = useLiveState()
  /** While it is being read. */
  const meanwhile = useRef<LiveMessage[] | null>(null)
  const query = useQuery({
    queryKey: [name],
    queryFn: async ({ signal }) => {
      const come: LiveMessage[] = []
      meanwhile.current = come
      try {
        let found: T = await read(signal)
        for (const message of come) found = apply(found, message)
        return found
      } finally {
        if (meanwhile.current === come) meanwhile.current = null
      }
    },
    // Connected first, then read: nothing can happen in between.
    enabled: isWanted && state !== 'connecting',
    refetchOnMount: 'always',
  })
  useLive(
    useCallback(
      (message: LiveMessage) => {
        meanwhile.current?.push(message)
        client.setQueryData<T>([name], (before) =>
          before === undefined ? undefined : apply(before, message),
        )
      },
      [client, name, apply],
    ),
  )
  // What is announced of a node is told to those who listen, and to nobody later.
  const wasAway = useRef(false)
  useEffect(() => {
    if (state === 'live' && wasAway.current) void client.invalidateQueries({ queryKey: [name] })
    wasAway.current = state === 'away'
  }, [state, client, name])
  return query
}
