// Messages of providers that were taken, so that none is taken twice; for as long as anybody may tell it again.
import type { Compilable } from 'kysely'
import type { Clock } from '#core/time'
import type { Database } from '../../../db/database.ts'
import type { AnimationProviderName } from '../../animation/animation.ts'

export interface MessageBook {
  /** @param ids what it is known by: its id, the hash of its body; it is new where none of them was met */
  take(provider: AnimationProviderName, ids: readonly string[]): Promise<'new' | 'known'>
}

/** Providers try for a day. */
const KEPT_MS = 30 * 24 * 3_600_000
const PRUNED_EVERY_MS = 3_600_000

export function createMessageBook(
  { query, write }: Pick<Database, 'query' | 'write'>,
  clock: Pick<Clock, 'now'>,
): MessageBook {
  let prunedAt = -Infinity

  function prune(now: number): readonly Compilable[] {
    if (now - prunedAt < PRUNED_EVERY_MS) return []
    prunedAt = now
    return [query.deleteFrom('animation_messages').where('received_at', '<', now - KEPT_MS)]
  }

  return {
    async take(provider, ids) {
      const now = clock.now()
      const inserts = ids.map((id) =>
        query
          .insertInto('animation_messages')
          .values({ provider, message_id: id, received_at: now })
          .onConflict((conflict) => conflict.columns(['provider', 'message_id']).doNothing()),
      )
      const results = await write([...inserts, ...prune(now)])
      const isNew = results.slice(0, ids.length).every(({ changes }) => changes === 1)
      return isNew ? 'new' : 'known'
    },
  }
}
