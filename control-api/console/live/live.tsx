// The tab's live feed for every page: it keeps the lists of calls fresh by itself; pages listen for what else they show.
import {
  createContext,
  use,
  useEffect,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import { keepFresh } from './keep-fresh.ts'
import { createLiveFeed, type LiveFeed, type LiveMessage, type LiveState } from './live-feed.ts'

const LiveContext = createContext<LiveFeed | null>(null)

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
