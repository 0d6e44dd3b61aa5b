// What every page shows of calls, kept fresh by the live feed; all that is shown, when the feed may have missed something.
import type { Query } from '@tanstack/react-query'
import { getCallQueryKey } from '../api/generated/@tanstack/react-query.gen.ts'
import type { GetCallResponse } from '../api/generated/types.gen.ts'
import { operationOf, queryClient, refresh } from '../api/queries.ts'
import type { LiveFeed, LiveMessage } from './live-feed.ts'
import { createSeldom } from './seldom.ts'

const SOON_MS = 1000
/** However much happens, lists are read anew no more often. */
const LISTS_EVERY_MS = 1000
/** They count everything there is. */
const SUMS_EVERY_MS = 5000
/** A server that is back gets all its tabs back: not all of them read everything at once. */
const ANEW_WITHIN_MS = 1000

/** @returns ends it */
export function keepFresh(feed: Pick<LiveFeed, 'onOpen' | 'subscribe'>): () => void {
  const lists = createSeldom(() => refresh('listCalls', 'searchCalls'), {
    afterMs: SOON_MS,
    everyMs: LISTS_EVERY_MS,
  })
  const sums = createSeldom(() => refresh('getStatistics'), {
    afterMs: SOON_MS,
    everyMs: SUMS_EVERY_MS,
  })
  const all = createSeldom(readAnew, {
    afterMs: Math.random() * ANEW_WITHIN_MS,
    everyMs: ANEW_WITHIN_MS,
  })
  const readAfterFirstOpen = (begunAt: number): void => {
    readWhatIsOlder(begunAt)
    // What was asked for beside it may just have missed one: of calls that is cheap to know.
    lists.soon()
    void refresh('getCall')
  }
  let wasOpen = false
  const ends = [
    feed.onOpen((begunAt) => {
      // What was read before, or is being read, does not say what happened until now.
      if (wasOpen) all.soon()
      else readAfterFirstOpen(begunAt)
      wasOpen = true
    }),
    feed.subscribe((message) => {
      if (message.type === 'gap') all.soon()
      if (message.call_id === null) return
      keepCall(message.call_id, message)
      lists.soon()
      sums.soon()
    }),
    () => lists.stop(),
    () => sums.stop(),
    () => all.stop(),
  ]
  return () => {
    for (const end of ends) end()
  }
}

/**
 * Who is signed in is asked elsewhere (live-feed.ts). What hardly changes, or costs the server much, is marked by
 * `meta: { live: false }`, and read again only when it could not be read.
 */
const isLive = (query: Query): boolean =>
  operationOf(query) !== 'getSession' &&
  (query.meta?.['live'] !== false || query.state.status === 'error')

/** Not waited for: what comes too late is no reason to tell of the next one later. */
function readAnew(): Promise<void> {
  void queryClient.invalidateQueries({ predicate: isLive })
  return Promise.resolve()
}

function readWhatIsOlder(than: number): void {
  void queryClient.invalidateQueries(
    { predicate: (query) => isLive(query) && query.state.dataUpdatedAt < than },
    { cancelRefetch: false },
  )
}

/** Of a call that somebody looks at, or did; an answer on its way may be older than what was just told. */
function keepCall(callId: string, { data: { call } }: LiveMessage): void {
  const queryKey = getCallQueryKey({ path: { call_id: callId } })
  if (queryClient.isFetching({ queryKey }) > 0)
    // Called off first: a first reading on its way would be joined, not begun anew, and would be older than the news.
    void queryClient
      .cancelQueries({ queryKey })
      .then(() => queryClient.invalidateQueries({ queryKey }))
  else if (!isCall(call)) void queryClient.invalidateQueries({ queryKey })
  else queryClient.setQueryData<GetCallResponse>(queryKey, (known) => known && call)
}

const isCall = (value: unknown): value is GetCallResponse =>
  typeof value === 'object' && value !== null && 'call_id' in value && 'status' in value
