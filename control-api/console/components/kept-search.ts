// The search of a list, kept where going to one of it and back finds it: filters in the address, what was typed and the
// pages gone through in the state of the history entry.
import { useCallback } from 'react'
import { useLocation, useSearch } from 'wouter'
import { useHistoryState } from 'wouter/use-browser-location'
import type { CursorPages } from './cursor-pages.tsx'

interface Kept {
  /** In the box. */
  readonly asked: string
  /** Of the pages behind the first, in the order in which they were opened. */
  readonly cursors: readonly string[]
  /** How far down the page was when one of the list was opened. */
  readonly scroll: number
}

export interface KeptSearch<F> {
  readonly filters: F
  readonly asked: string
  readonly pages: CursorPages
  readonly scroll: number
  /** Begins at the first page again. */
  readonly change: (patch: { readonly filters?: Partial<F>; readonly asked?: string }) => void
  readonly clear: () => void
}

interface KeptSearchOptions<F> {
  /** Of the address's query. */
  readonly read: (query: string) => F
  /** With the question mark, or nothing. */
  readonly write: (filters: F) => string
  /** What is left of them when they are cleared. */
  readonly cleared: (filters: F) => F
}

export function useKeptSearch<F extends object>(options: KeptSearchOptions<F>): KeptSearch<F> {
  const { read, write, cleared } = options
  const [path, navigate] = useLocation()
  const query = useSearch()
  const kept = readKept(useHistoryState<unknown>())
  const filters = read(query)
  const go = useCallback(
    (next: F, state: Omit<Kept, 'scroll'>) =>
      navigate(`${path}${write(next)}`, { replace: true, state: { ...state, scroll: 0 } }),
    [navigate, path, write],
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
    clear: () => go(cleared(filters), { asked: '', cursors: [] }),
  }
}

/** On the way to one of the list: coming back finds the same rows. */
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
