// The cache of what the API said, and the one rule by which it gets stale: live events, not time.
import { QueryClient, type Query } from '@tanstack/react-query'
import { asProblem } from './problem.ts'

const RETRIES = 2

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // What changes is told by GET /api/events; coming back to the tab looks again, since a laptop may have slept.
      staleTime: 60_000,
      retry: (count, error) => count < RETRIES && isPassing(asProblem(error).status),
    },
    // What somebody clicks happens now or fails: without a network it does not wait, to ring a phone later.
    mutations: { retry: false, networkMode: 'always' },
  },
})

/** No answer, or one that asks to come again. */
const isPassing = (status: number): boolean => status === 0 || status === 429 || status === 503

/** Reads anew, when somebody looks at it, what these operations of the API (`listCalls` …) gave. */
export const refresh = (...operations: readonly string[]): Promise<void> =>
  queryClient.invalidateQueries({ predicate: (query) => operations.includes(operationOf(query)) })

/** The generated keys begin with the operation's id. */
export function operationOf({ queryKey: [first] }: Query): string {
  return typeof first === 'object' && first !== null && '_id' in first ? String(first._id) : ''
}
