// Deletes a photo or a video for good: first nobody finds it, then its files go, then what says that there were any. A
// restart goes on where it stopped.
import { AppError } from '#core/errors'
import type { Principal } from '../../http-server.ts'
import { announceMedia, keysOf, type LibraryParts } from './library-parts.ts'
import type { MediaItemRow } from './media-library.ts'

/** @throws AppError `NOT_FOUND`; `STATE_CONFLICT` while an animation of it is under way */
export async function deleteMedia(
  parts: LibraryParts,
  mediaId: string,
  by: Pick<Principal, 'keyId'>,
): Promise<void> {
  const { audit, clock, database, items, logger } = parts
  const item = await items.find(mediaId)
  if (!item) throw noMedia()
  if (await items.isAnimated(mediaId))
    throw new AppError('STATE_CONFLICT', 'An animation of it is under way: cancel that first.')
  const { kind } = item
  await database.write([
    items.hidden(mediaId, clock.now()),
    audit.noted(by, 'media.deleted', mediaId, { kind }),
  ])
  announceMedia(parts, item, 'deleted')
  try {
    await finishDeletions(parts, mediaId)
  } catch (err) {
    // It is deleted for whoever asks; the rest is finished later.
    logger.warn({ err, mediaId }, 'the files of a deleted medium are not gone yet')
  }
}

export const noMedia = (): AppError =>
  new AppError('NOT_FOUND', 'There is no photo or video with this id.')

/** What deletions left, all or this one; how many are gone now. @throws AppError `STORAGE_UNAVAILABLE` */
export async function finishDeletions(parts: LibraryParts, mediaId?: string): Promise<number> {
  // As it stands now: a web copy may have come since.
  const left = await parts.items.deleting(mediaId)
  for (const item of left) await remove(parts, item)
  return left.length
}

async function remove(
  { database, items, mediaStore }: LibraryParts,
  item: MediaItemRow,
): Promise<void> {
  for (const key of keysOf(item)) await mediaStore.delete(key)
  await database.write([items.gone(item.media_id)])
}
