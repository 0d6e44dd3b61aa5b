// Reads the calls that go on once; from then on the feed keeps them.
import type { UseQueryResult } from '@tanstack/react-query'
import { searchCalls } from '../../api/generated/sdk.gen.ts'
import type { SearchCallsData, SearchCallsResponse } from '../../api/generated/types.gen.ts'
import { useFedQuery } from '../../components/fed-query.ts'
import { LIVE_STATUSES, liveCallsOf, withNews, type Call, type LiveCalls } from './live-calls.ts'

const PAGE = 100
/** More than a node carries. */
const MOST_PAGES = 20

export function useLiveCalls(): UseQueryResult<LiveCalls> {
  return useFedQuery<LiveCalls>({ name: 'live-calls', read, apply: withNews })
}

async function read(signal: AbortSignal): Promise<LiveCalls> {
  const found = await Promise.all(LIVE_STATUSES.map((status) => readStatus(status, signal)))
  // A call that went on to the next status in between is in both: the later one counts.
  return liveCallsOf(found.flat())
}

/** The API takes one status at a time. */
async function readStatus(
  status: (typeof LIVE_STATUSES)[number],
  signal: AbortSignal,
): Promise<readonly Call[]> {
  const calls: Call[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const body: SearchCallsData['body'] = { status, limit: PAGE, cursor }
    const { data }: { data: SearchCallsResponse } = await searchCalls({ body, signal })
    calls.push(...data.items)
    if (data.next_cursor === null) break
    cursor = data.next_cursor
  }
  return calls
}
