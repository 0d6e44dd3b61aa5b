// The tab's live feed for every page: it keeps the lists of calls fresh by itself; pages listen for what else they show.
import {
  createContext,
  use,
  useEffect,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import { getCallQueryKey, getSessionQueryKey } from '../api/generated/@tanstack/react-query.gen.ts'
import type { GetCallResponse } from '../api/generated/types.gen.ts'
import { queryClient, refresh } from '../api/queries.ts'
import { createSeldom } from './seldom.ts'
import { createLiveFeed, type LiveFeed, type LiveMessage, type LiveState } from './live-feed.ts'

const LiveContext = createContext<LiveFeed | null>(null)
const SOON_MS = 1000
/** However much happens, lists are read anew no more often. */
const LISTS_EVERY_MS = 1000
/** They count everything there is. */
const SUMS_EVERY_MS = 5000

/** Opened once somebody is signed in, closed with them. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [feed] = useState(() => createLiveFeed({ detail: 'node' }))
  useEffect(() => {
    const forget = keepFresh(feed)
    feed.open()
    return () => {
      forget()
      feed.close()
    }
  }, [feed])
  return <LiveContext value={feed}>{children}</LiveContext>
}

export function useLiveState(): LiveState {
  const feed = use(LiveContext)
  return useSyncExternalStore(
    (changed) => feed?.onState(changed) ?? (() => undefined),
    () => feed?.state() ?? 'connecting',
  )
}

/** @param listener must be stable (useCallback, or outside the component) */
export function useLive(listener: (message: LiveMessage) => void): void {
  const feed = use(LiveContext)
  useEffect(() => feed?.subscribe(listener), [feed, listener])
}

function keepFresh(feed: LiveFeed): () => void {
  const lists = createSeldom(() => refresh('listCalls', 'searchCalls'), {
    afterMs: SOON_MS,
    everyMs: LISTS_EVERY_MS,
  })
  const sums = createSeldom(() => refresh('getStatistics'), {
    afterMs: SOON_MS,
    everyMs: SUMS_EVERY_MS,
  })
  const forget = [
    // What was read before, or is being read, does not say what happened until now.
    feed.onOpen(readAnew),
    feed.subscribe((message) => {
      if (message.type === 'gap') readAnew()
      if (message.call_id === null) return
      const { call } = message.data
      if (isCall(call)) keepCall(call)
      lists.soon()
      sums.soon()
    }),
    () => lists.stop(),
    () => sums.stop(),
  ]
  return () => {
    for (const end of forget) end()
  }
}

/** Who is signed in is asked elsewhere (live-feed.ts). */
const SESSION = JSON.stringify(getSessionQueryKey())

function readAnew(): void {
  void queryClient.invalidateQueries({
    predicate: ({ queryKey }) => JSON.stringify(queryKey) !== SESSION,
  })
}

/** Of a call that somebody looks at, or did; an answer on its way may be older than what was just told. */
function keepCall(call: GetCallResponse): void {
  const queryKey = getCallQueryKey({ path: { call_id: call.call_id } })
  if (queryClient.isFetching({ queryKey }) > 0) void queryClient.invalidateQueries({ queryKey })
  else queryClient.setQueryData<GetCallResponse>(queryKey, (known) => known && call)
}

const isCall = (value: unknown): value is GetCallResponse =>
  typeof value === 'object' && value !== null && 'call_id' in value && 'status' in value
