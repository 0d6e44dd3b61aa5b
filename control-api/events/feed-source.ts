// The feed as messages for WebSockets.
import type { CallId } from '#core/contracts'
import type { Database } from '../db/database.ts'
import { viewFeed, type FeedMessage } from '../feed/feed-view.ts'
import type { Feed } from '../feed/feed.ts'
import type { EventSource, StreamItem } from './event-source.ts'

/** Rows of one read: some 700 KiB of messages, some 5 ms of the database. */
const BATCH = 500

export function createFeedSource({
  feed,
  database,
}: {
  readonly feed: Feed
  readonly database: Pick<Database, 'query'>
}): EventSource {
  return {
    onNews: (listener) => feed.onAnnounced(listener),
    async read(after, { types, callId } = {}) {
      const rows = await feed.since(after, BATCH, callId as CallId | undefined)
      const wanted = types ? rows.filter(({ type }) => types.has(type)) : rows
      const messages = await viewFeed(database, wanted)
      return {
        items: messages.map(itemOf),
        position: rows.at(-1)?.position ?? after,
        isLast: rows.length < BATCH,
      }
    },
  }
}

const itemOf = (message: FeedMessage): StreamItem => ({
  position: Number(message.id),
  type: message.type,
  callId: message.call_id,
  frame: Buffer.from(JSON.stringify(message)),
})
