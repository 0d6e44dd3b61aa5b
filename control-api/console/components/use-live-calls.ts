// The calls that go on, newest first: read once, then followed by the live feed.
import { useCallback, useState } from 'react'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { listCalls } from '../api/generated/sdk.gen.ts'
import type { GetCallResponse } from '../api/generated/types.gen.ts'
import { queryClient } from '../api/queries.ts'
import type { LiveMessage } from '../live/live-feed.ts'
import { useLive } from '../live/live.tsx'

export type Call = GetCallResponse

/** In the order a call goes through them. */
export const LIVE_STATES = ['queued', 'dialing', 'ringing', 'early_media', 'answered'] as const

const KEY = [{ _id: 'liveCalls' }] as const
/** Of 100 calls, and of each state: more than one node carries. */
const MOST_PAGES = 10

export function useLiveCalls(): UseQueryResult<readonly Call[]> {
  // What is told while the lists are read may be newer than they are.
  const [heard] = useState(() => new Map<string, Call>())
  const listener = useCallback(
    (message: LiveMessage) => {
      const call = callOf(message)
      if (call === undefined) return
      if (queryClient.isFetching({ queryKey: KEY }) > 0) heard.set(call.call_id, call)
      queryClient.setQueryData<readonly Call[]>(KEY, (calls) => calls && withCalls(calls, [call]))
    },
    [heard],
  )
  useLive(listener)
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => {
      heard.clear()
      const lists = await Promise.all(LIVE_STATES.map((status) => listOf(status, signal)))
      return withCalls(lists.flat(), [...heard.values()])
    },
    // Nothing is told to a page that is not looked at.
    refetchOnMount: 'always',
  })
}

/** The call as it stands, of an event of a call. */
export function callOf({ data: { call } }: LiveMessage): Call | undefined {
  const isCall = typeof call === 'object' && call !== null && 'call_id' in call && 'status' in call
  return isCall ? (call as Call) : undefined
}

async function listOf(
  status: (typeof LIVE_STATES)[number],
  signal: AbortSignal,
): Promise<readonly Call[]> {
  const calls: Call[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { data } = await listCalls({ query: { status, limit: 100, cursor }, signal })
    calls.push(...data.items)
    if (data.next_cursor === null) break
    cursor = data.next_cursor
  }
  return calls
}

function withCalls(calls: readonly Call[], changed: readonly Call[]): readonly Call[] {
  const known = new Map([...calls, ...changed].map((call) => [call.call_id, call]))
  return [...known.values()]
    .filter(({ status }) => status !== 'ended')
    .toSorted((one, other) => other.created_at.localeCompare(one.created_at))
}
