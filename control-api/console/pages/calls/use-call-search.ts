// The search of this page, kept where going to a call and back finds it: filters in the address, what was typed and the
// pages gone through in the state of the history entry.
import { useCallback } from 'react'
import { useLocation, useSearch } from 'wouter'
import { useHistoryState } from 'wouter/use-browser-location'
import type { CursorPages } from '../../components/cursor-pages.tsx'
import { readFilters, writeFilters, type CallFilters } from './call-search.ts'

interface Kept {
  /** In the box. */
  readonly asked: string
  /** Of the pages behind the first, in the order in which they were opened. */
  readonly cursors: readonly string[]
  /** How far down the page was when a call was opened. */
  readonly scroll: number
}

export interface CallSearch {
  readonly filters: CallFilters
  readonly asked: string
  readonly pages: CursorPages
  readonly scroll: number
  /** Begins at the first page again. */
  readonly change: (patch: {
    readonly filters?: Partial<CallFilters>
    readonly asked?: string
  }) => void
  readonly clear: () => void
}

export function useCallSearch(): CallSearch {
  const [path, navigate] = useLocation()
  const query = useSearch()
  const kept = readKept(useHistoryState<unknown>())
  const filters = readFilters(query)
  const go = useCallback(
    (next: CallFilters, state: Omit<Kept, 'scroll'>) =>
      navigate(`${path}${writeFilters(next)}`, { replace: true, state: { ...state, scroll: 0 } }),
    [navigate, path],
  )
  const turn = (cursors: readonly string[]): void => go(filters, { asked: kept.asked, cursors })
  return {
    filters,
    asked: kept.asked,
    scroll: kept.scroll,
    pages: {
      cursor: kept.cursors.at(-1),
      number: kept.cursors.length + 1,
      older: (next) => turn([...kept.cursors, next]),
      newer: () => turn(kept.cursors.slice(0, -1)),
      restart: () => turn([]),
    },
    change: ({ filters: patch, asked = kept.asked }) =>
      go({ ...filters, ...patch }, { asked, cursors: [] }),
    clear: () => go({ limit: filters.limit }, { asked: '', cursors: [] }),
  }
}

/** On the way to a call: coming back finds the same rows. */
export function keepScroll(): void {
  const state: unknown = history.state
  history.replaceState({ ...readKept(state), scroll: scrollY }, '')
}

function readKept(state: unknown): Kept {
  const given = typeof state === 'object' && state !== null ? state : {}
  const asked = 'asked' in given && typeof given.asked === 'string' ? given.asked : ''
  const scroll = 'scroll' in given && typeof given.scroll === 'number' ? given.scroll : 0
  const cursors = 'cursors' in given && Array.isArray(given.cursors) ? given.cursors : []
  return { asked, scroll, cursors: cursors.filter((one) => typeof one === 'string') }
}
