// Which one of a list is open, by the address: it can be linked to, and the list stays where it is.
import { useCallback } from 'react'
import { useLocation, useSearch } from 'wouter'

export interface Opened {
  readonly id: string | null
  readonly open: (id: string) => void
  readonly close: () => void
}

/** @param name of the query */
export function useOpened(name: string): Opened {
  const [path, navigate] = useLocation()
  const query = useSearch()
  const go = useCallback(
    (id: string | null): void => {
      const next = new URLSearchParams(query)
      if (id === null) next.delete(name)
      else next.set(name, id)
      const written = next.toString()
      const state: unknown = history.state
      // The pages that were gone through are kept in the state of the entry (components/kept-search.ts).
      navigate(written === '' ? path : `${path}?${written}`, { replace: id === null, state })
    },
    [name, navigate, path, query],
  )
  return {
    id: new URLSearchParams(query).get(name),
    open: go,
    close: useCallback(() => go(null), [go]),
  }
}
