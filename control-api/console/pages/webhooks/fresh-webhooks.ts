// Keeps what the pages of webhooks show fresh by the live feed.
import { queryClient, refresh } from '../../api/queries.ts'
import type { LiveMessage } from '../../live/live-feed.ts'

const OF_ONE = new Set(['getWebhook', 'listDeliveries'])

/** Of this endpoint alone, and the list, since it says how each stands. */
function refreshEndpoint(endpointId: unknown): void {
  void refresh('listWebhooks')
  void queryClient.invalidateQueries({
    predicate: ({ queryKey: [first] }) => {
      const key = first as { _id?: string; path?: { endpoint_id?: string } } | undefined
      return OF_ONE.has(key?._id ?? '') && key?.path?.endpoint_id === endpointId
    },
  })
}

export const refreshWebhooks = (): Promise<void> => refresh('listWebhooks', ...OF_ONE)

/** For useLive. The trunks come first on every connection: what was told before it is lost. */
export function hearWebhooks({ type, data }: LiveMessage): void {
  if (type === 'webhook.delivery_changed') refreshEndpoint(data['endpoint_id'])
  if (type === 'trunk.changed') void refreshWebhooks()
}
