// The photo behind a link becomes a media item.
import { fetchFile, PHOTO_LIMITS } from '../fetch-file.ts'
import type { AnimationEvent } from '../machine/event.ts'
import { ownFailure, type Effect, type EffectDeps } from './effect.ts'

const MAX_PHOTO_BYTES = 25 * 1024 * 1024

const notTaken = (message: string, isPassing: boolean, toDo?: string): AnimationEvent => ({
  kind: 'photo-failed',
  failure: { message, isPassing, toDo },
})

export const createFetchPhoto =
  ({ library, files, photoPolicy, fetchLimits }: EffectDeps): Effect =>
  async ({ row, signal }) => {
    const { task_id: taskId, image_url: url } = row
    if (url === null) return notTaken('There is no link to a photo.', false)
    const path = files.pathOf(taskId, 'fetched')
    try {
      const file = { url, path, maxBytes: MAX_PHOTO_BYTES, signal }
      const fetched = await fetchFile(photoPolicy, file, fetchLimits ?? PHOTO_LIMITS)
      if (fetched.kind !== 'fetched')
        return notTaken(
          `The photo behind image_url cannot be had: ${fetched.why}.`,
          fetched.kind === 'failed',
          'See that the link leads anybody to the photo, then "retry"; or upload it, and ask again.',
        )
      const added = await library.addPhoto(
        {
          path,
          memorialId: row.memorial_id,
          origin: 'link',
          originalName: null,
          createdBy: row.created_by,
        },
        signal,
      )
      return added.kind === 'added'
        ? { kind: 'photo-taken', mediaId: added.item.media_id }
        : notTaken(`The photo behind image_url cannot be used: ${added.message}`, false)
    } catch (error) {
      signal.throwIfAborted()
      return { kind: 'photo-failed', failure: ownFailure(error) }
    } finally {
      await files.remove(taskId, 'fetched')
    }
  }
