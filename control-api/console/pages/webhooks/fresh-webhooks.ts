// Keeps what the pages of webhooks show fresh by the live feed.
import { queryClient, refresh } from '../../api/queries.ts'
import type { LiveMessage } from '../../live/live-feed.ts'
import { createSeldom } from '../../live/seldom.ts'

const OF_ONE = new Set(['getWebhook', 'listDeliveries'])

/** Since it was read the last time; as many as there are endpoints at most. */
const changed = new Set<unknown>()

/** Of these endpoints alone, and the list, since it says how each stands. */
const reading = createSeldom(
  async () => {
    const endpoints = new Set(changed)
    changed.clear()
    const ofOne = queryClient.invalidateQueries({
      predicate: ({ queryKey: [first] }) => {
        const key = first as { _id?: string; path?: { endpoint_id?: string } } | undefined
        return OF_ONE.has(key?._id ?? '') && endpoints.has(key?.path?.endpoint_id)
      },
    })
    await Promise.all([refresh('listWebhooks'), ofOne])
  },
  { afterMs: 200, everyMs: 1000 },
)

export const refreshWebhooks = (): Promise<void> => refresh('listWebhooks', ...OF_ONE)

/** For useLive. */
export function hearWebhooks({ type, data }: LiveMessage): void {
  if (type !== 'webhook.delivery_changed') return
  changed.add(data['endpoint_id'])
  reading.soon()
}
