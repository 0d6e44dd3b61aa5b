// What retention deletes of media: photos and videos that were added before, but for those that an animation is at work on.
import { sql } from 'kysely'
import { ACTIVE_STATES } from '../media-jobs/animation/animation.ts'
import { keysOf } from '../media-jobs/library/library-parts.ts'
import { createMediaItemStore } from '../media-jobs/library/media-item-store.ts'
import type { MediaItemRow } from '../media-jobs/library/media-library.ts'
import type { Sweep } from './sweep.ts'

/** Of one write. */
const BATCH = 25

export async function sweepMedia(sweep: Sweep, before: number): Promise<void> {
  let after = { created_at: 0, media_id: '' }
  for (let isMore = true; isMore;) {
    const due = await dueBehind(sweep, before, after)
    if (due.length > 0) await sweep.step(() => remove(sweep, due))
    after = due.at(-1) ?? after
    isMore = due.length === BATCH
  }
}

/** Also one whose deletion somebody asked for and that a failure left. */
const dueBehind = (
  { database: { query } }: Sweep,
  before: number,
  after: Pick<MediaItemRow, 'created_at' | 'media_id'>,
): Promise<readonly MediaItemRow[]> =>
  query
    .selectFrom('media_items')
    .selectAll()
    .where('created_at', '<', before)
    .where(sql<boolean>`(created_at, media_id) > (${after.created_at}, ${after.media_id})`)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('animations')
            .select('task_id')
            .whereRef('animations.media_id', '=', 'media_items.media_id')
            .where('animations.state', 'in', ACTIVE_STATES),
        ),
      ),
    )
    .orderBy('created_at')
    .orderBy('media_id')
    .limit(BATCH)
    .execute()

/** As whoever asks for it does: first nobody finds them, then their files go, then what says that there were any. */
async function remove(sweep: Sweep, due: readonly MediaItemRow[]): Promise<void> {
  const { database, now } = sweep
  const items = createMediaItemStore(database)
  await database.write(due.map(({ media_id: id }) => items.hidden(id, now)))
  const gone: MediaItemRow[] = []
  for (const item of due) if (await deleteFiles(sweep, item)) gone.push(item)
  if (gone.length > 0) await database.write(gone.map(({ media_id: id }) => items.gone(id)))
  sweep.count('media', gone.length)
}

async function deleteFiles(sweep: Sweep, item: MediaItemRow): Promise<boolean> {
  for (const key of keysOf(item)) if (!(await sweep.deleteFile(key))) return false
  return true
}
