// The search of this page, kept where going to a call and back finds it.
import { useKeptSearch, type KeptSearch } from '../../components/kept-search.ts'
import { readFilters, writeFilters, type CallFilters } from './call-search.ts'

export type CallSearch = KeptSearch<CallFilters>

const KEPT = {
  read: readFilters,
  write: writeFilters,
  cleared: ({ limit }: CallFilters): CallFilters => ({ limit }),
}

export const useCallSearch = (): CallSearch => useKeptSearch(KEPT)
