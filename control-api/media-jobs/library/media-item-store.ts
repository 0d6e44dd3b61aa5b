// Photos and videos as they stand in the database: read one or a page of them, and the statements that write them.
import { sql, type Compilable, type Expression, type Updateable } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { MediaItemsTable } from '../../db/schema.ts'
import { ACTIVE_STATES } from '../animation/animation.ts'
import type { MediaItemRow, NewVideoItem } from './media-library.ts'

export interface MediaFilter {
  readonly memorialId?: string | undefined
  readonly kind?: 'photo' | 'video' | undefined
}

export type MediaChange = Pick<
  Updateable<MediaItemsTable>,
  | 'web_key'
  | 'web_bytes'
  | 'web_sha256'
  | 'transcode_state'
  | 'transcode_progress'
  | 'transcode_error'
> & { readonly updated_at: number }

export interface MediaItemStore {
  /** Undefined also for one that is being deleted. */
  find(mediaId: string): Promise<MediaItemRow | undefined>
  /** Newest first, behind a position. */
  page(filter: MediaFilter, after: number | null, limit: number): Promise<readonly MediaItemRow[]>
  /** Whose files are to go, or went already; of all, or this one. */
  deleting(mediaId?: string): Promise<readonly MediaItemRow[]>
  /** Whether an animation of it is under way. */
  isAnimated(mediaId: string): Promise<boolean>
  added(item: NewVideoItem): Compilable
  /** Once, and only where `cause` finds something. */
  addedWith(item: NewVideoItem, cause: Expression<unknown>): Compilable
  /** Of one that is not being deleted. */
  changed(mediaId: string, change: MediaChange): Compilable
  /** From now on nobody finds it. */
  hidden(mediaId: string, at: number): Compilable
  gone(mediaId: string): Compilable
}

/** Deletions that a crash left, finished in one round. */
const DELETED_AT_ONCE = 500

/** Microseconds: two that were added are never that close. */
export const positionOf = ({ created_at: at }: Pick<MediaItemRow, 'created_at'>): number =>
  Math.floor(at * 1000)

export function createMediaItemStore({ query }: Pick<Database, 'query'>): MediaItemStore {
  const ready = () => query.selectFrom('media_items').selectAll().where('state', '=', 'ready')
  return {
    find: (mediaId) => ready().where('media_id', '=', mediaId).executeTakeFirst(),
    page({ memorialId, kind }, after, limit) {
      let rows = ready()
      if (memorialId !== undefined) rows = rows.where('memorial_id', '=', memorialId)
      if (kind !== undefined) rows = rows.where('kind', '=', kind)
      if (after !== null) rows = rows.where('created_at', '<', after / 1000)
      return rows.orderBy('created_at', 'desc').orderBy('media_id', 'desc').limit(limit).execute()
    },
    deleting(mediaId) {
      const rows = query
        .selectFrom('media_items')
        .selectAll()
        // Spelt out: that is what its index is for.
        .where(sql.ref('state'), '=', sql.lit('deleting'))
      const asked = mediaId === undefined ? rows : rows.where('media_id', '=', mediaId)
      return asked.limit(DELETED_AT_ONCE).execute()
    },
    async isAnimated(mediaId) {
      const one = await query
        .selectFrom('animations')
        .select('task_id')
        .where('media_id', '=', mediaId)
        .where('state', 'in', ACTIVE_STATES)
        .limit(1)
        .executeTakeFirst()
      return one !== undefined
    },
    added: (item) => query.insertInto('media_items').values({ ...item, state: 'ready' }),
    addedWith: (item, cause) => insertWith(query, { ...item, state: 'ready' }, cause),
    changed: (mediaId, change) =>
      query
        .updateTable('media_items')
        .set(change)
        .where('media_id', '=', mediaId)
        .where('state', '=', 'ready'),
    hidden: (mediaId, at) =>
      query
        .updateTable('media_items')
        .set({ state: 'deleting', updated_at: at })
        .where('media_id', '=', mediaId),
    gone: (mediaId) => query.deleteFrom('media_items').where('media_id', '=', mediaId),
  }
}

function insertWith(
  query: Database['query'],
  row: NewVideoItem & { readonly state: 'ready' },
  cause: Expression<unknown>,
): Compilable {
  const columns = Object.keys(row) as (keyof typeof row)[]
  return query
    .insertInto('media_items')
    .columns(columns)
    .expression(
      query
        .selectNoFrom(columns.map((column) => sql.val(row[column]).as(column)))
        .where((where) => where.exists(cause)),
    )
    .onConflict((conflict) => conflict.column('media_id').doNothing())
}
