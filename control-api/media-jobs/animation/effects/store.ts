// The video and its preview go into the media store; what a crash had put there already is not missed here.
import { contentTypeOf } from '../../../storage/media-key.ts'
import type { NewVideoItem } from '../../library/media-library.ts'
import { mediaKey } from '../../media-keys.ts'
import type { VideoFacts } from '../../video/video-facts.ts'
import { resultOf, type AnimationRow } from '../animation-row.ts'
import type { WorkFileKind } from '../work-files.ts'
import { ownFailure, type Effect, type EffectDeps } from './effect.ts'

interface StoredVideo {
  readonly mediaId: string
  readonly facts: VideoFacts
  readonly bytes: number
  readonly sha256: string
}

/** Undefined: the row does not say. */
function storedVideo(row: AnimationRow): StoredVideo | undefined {
  const { result_media_id: mediaId } = row
  const { facts, bytes, sha256 } = resultOf(row)
  if (mediaId === null || facts === undefined || bytes === undefined || sha256 === undefined)
    return undefined
  return { mediaId, facts, bytes, sha256 }
}

const keysOf = ({ mediaId, facts }: StoredVideo) => ({
  video: mediaKey(mediaId, facts.container),
  preview: mediaKey(mediaId, 'preview.jpg'),
})

export const createStore =
  (deps: EffectDeps): Effect =>
  async ({ row, signal }) => {
    const video = storedVideo(row)
    if (video === undefined) return { kind: 'file-missing' }
    const keys = keysOf(video)
    try {
      for (const kind of ['video', 'preview'] as const) {
        const isThere = await put(deps, row, { kind, key: keys[kind] })
        if (!isThere) return { kind: 'file-missing' }
      }
      return { kind: 'stored' }
    } catch (error) {
      signal.throwIfAborted()
      return { kind: 'store-failed', failure: ownFailure(error) }
    }
  }

/** False: it is neither here nor there. */
async function put(
  { mediaStore, files }: EffectDeps,
  { task_id: taskId }: AnimationRow,
  { kind, key }: { readonly kind: WorkFileKind; readonly key: string },
): Promise<boolean> {
  if ((await files.sizeOf(taskId, kind)) === undefined)
    return (await mediaStore.size(key)) !== undefined
  await mediaStore.putFile(key, files.pathOf(taskId, kind), contentTypeOf(key))
  return true
}

/** To be written with the end of its animation. */
export function videoItemOf(row: AnimationRow, now: number): NewVideoItem | undefined {
  const video = storedVideo(row)
  if (video === undefined) return undefined
  const { facts, bytes, sha256, mediaId } = video
  const keys = keysOf(video)
  return {
    media_id: mediaId,
    memorial_id: row.memorial_id,
    kind: 'video',
    origin: 'animation',
    task_id: row.task_id,
    original_name: null,
    content_type: contentTypeOf(keys.video),
    key: keys.video,
    bytes,
    sha256,
    width: facts.width,
    height: facts.height,
    duration_ms: facts.durationMs,
    facts: JSON.stringify(facts),
    preview_key: keys.preview,
    created_by: row.created_by,
    created_at: now,
    updated_at: now,
  }
}
