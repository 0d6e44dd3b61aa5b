// The trunks as they stand: read once, then told by the live feed (`trunk.changed`, docs/live-events.md).
import { useQuery } from '@tanstack/react-query'
import {
  listTrunksOptions,
  listTrunksQueryKey,
} from '../api/generated/@tanstack/react-query.gen.ts'
import type { ListTrunksResponse } from '../api/generated/types.gen.ts'
import { queryClient } from '../api/queries.ts'
import type { LiveMessage } from '../live/live-feed.ts'
import { useLive } from '../live/live.tsx'

export type Trunks = ListTrunksResponse
export type Trunk = Trunks['items'][number]

export function useTrunks() {
  useLive(keep)
  // What changed while nobody listened was told to nobody.
  return useQuery({ ...listTrunksOptions(), refetchOnMount: 'always' })
}

function keep({ type, data }: LiveMessage): void {
  if (type !== 'trunk.changed' || !Array.isArray(data['trunks'])) return
  queryClient.setQueryData<Trunks>(listTrunksQueryKey(), {
    items: data['trunks'] as Trunk[],
    next_cursor: null,
    sip_server_away: data['sip_server_away'] === true,
  })
}
