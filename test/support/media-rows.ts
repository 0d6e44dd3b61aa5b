// Rows of media and of animations as tests need them, with files of these names in the store.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Insertable } from 'kysely'
import type { Database } from '../../control-api/db/database.ts'
import type { AnimationsTable, MediaItemsTable } from '../../control-api/db/schema.ts'
import { mediaKey, newMediaId, newTaskId } from '../../control-api/media-jobs/media-keys.ts'
import type { MediaStore } from '../../core/contracts/index.ts'

type NewItem = Insertable<MediaItemsTable>

/** @returns its id */
export async function plantPhoto(
  database: Database,
  store: MediaStore,
  more: Partial<NewItem> = {},
): Promise<string> {
  const { media_id: mediaId = newMediaId() } = more
  const [key, previewKey] = [mediaKey(mediaId, 'jpg'), mediaKey(mediaId, 'preview.jpg')]
  for (const one of [key, previewKey]) await plantFile(store, one)
  const now = Date.now()
  await database.write([
    database.query.insertInto('media_items').values({
      ...{ media_id: mediaId, memorial_id: 'memorial-1', kind: 'photo', origin: 'upload' },
      ...{ task_id: null, state: 'ready', original_name: null, content_type: 'image/jpeg' },
      ...{ key, bytes: 5, sha256: '0'.repeat(64), width: 1, height: 1, duration_ms: null },
      ...{ facts: '{}', preview_key: previewKey, web_key: null, web_bytes: null },
      ...{ web_sha256: null, transcode_state: null, transcode_progress: null },
      ...{ transcode_error: null, created_by: 'key_1', created_at: now, updated_at: now },
      ...more,
    } satisfies NewItem),
  ])
  return mediaId
}

export async function plantAnimation(
  database: Database,
  more: Partial<Insertable<AnimationsTable>>,
): Promise<string> {
  const now = Date.now()
  const taskId = newTaskId()
  await database.write([
    database.query.insertInto('animations').values({
      ...{ task_id: taskId, provider: 'd-id', state: 'queued', prompt: 'words' },
      ...{ speech: 'provider', submissions: 0, tries: 0, looks: 0 },
      ...{ created_by: 'key_1', created_at: now, updated_at: now },
      ...more,
    }),
  ])
  return taskId
}

export async function plantFile(store: MediaStore, key: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-media-'))
  const path = join(folder, 'one')
  await writeFile(path, 'words')
  await store.putFile(key, path, key.endsWith('.mp4') ? 'video/mp4' : 'image/jpeg')
  await rm(folder, { recursive: true })
}

export const keysIn = async (store: MediaStore): Promise<string[]> =>
  (await Array.fromAsync(store.entries(''))).map(({ key }) => key).toSorted()
