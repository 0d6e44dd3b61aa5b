// One page of the calls that were found, as a query under the key that live news refreshes (live/live.tsx).
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { searchCalls } from '../../api/generated/sdk.gen.ts'
import type { SearchCallsResponse } from '../../api/generated/types.gen.ts'
import type { SearchBody } from './call-search.ts'

export type FoundCalls = SearchCallsResponse
export type FoundCall = FoundCalls['items'][number]

/** What was there stays until the answer is: an older answer belongs to another key, and cannot replace it. */
export const foundCallsOptions = (body: SearchBody) =>
  queryOptions({
    queryKey: [{ _id: 'searchCalls', body }],
    queryFn: async ({ signal }): Promise<FoundCalls> => (await searchCalls({ body, signal })).data,
    placeholderData: keepPreviousData,
  })
