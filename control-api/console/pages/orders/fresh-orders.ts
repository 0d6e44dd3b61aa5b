// Keeps what the pages of orders show fresh by the live feed: staff changed one, or a caller confirmed one.
import { refresh } from '../../api/queries.ts'
import type { LiveMessage } from '../../live/live-feed.ts'
import { createSeldom } from '../../live/seldom.ts'

const NEWS: ReadonlySet<string> = new Set(['order.changed', 'order.confirmed'])

export const refreshOrders = (): Promise<void> => refresh('listOrders', 'getOrder')

const reading = createSeldom(refreshOrders, { afterMs: 200, everyMs: 1000 })

/** For useLive. */
export function hearOrders({ type }: LiveMessage): void {
  if (NEWS.has(type)) reading.soon()
}
