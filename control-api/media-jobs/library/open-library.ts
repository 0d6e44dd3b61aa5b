// The library of media: photos and videos that are kept, their uploads, their routes, what deletions left.
import { openPageCursors } from '../../calls/page-cursor.ts'
import { AppError, messageOf } from '#core/errors'
import { inBackground } from '#core/telemetry'
import type { ControlApiConfig } from '../../control-api-config.ts'
import type { Platform } from '../../features.ts'
import type { HttpServer } from '../../http-server.ts'
import { mediaRoutes } from '../../routes/media/media-routes.ts'
import { uploadRoute } from '../../routes/media/upload-route.ts'
import { UPLOAD_LIMITS, type UploadLimits } from '../../routes/media/upload-limits.ts'
import { createPhotoTools } from '../photo/photo-tools.ts'
import type { VideoTools } from '../video/video-tools.ts'
import { openWorkFolder, workFolderOf } from '../work-folder.ts'
import { addPhoto } from './add-media.ts'
import { copyOut } from './copy-out.ts'
import { finishDeletions } from './delete-media.ts'
import { announceMedia, type LibraryParts } from './library-parts.ts'
import { createMediaItemStore } from './media-item-store.ts'
import type { MediaLibrary } from './media-library.ts'
import { endStuckTranscodes } from './stuck-transcodes.ts'
import { workOnTranscodes } from './transcode-job.ts'

export interface OpenedLibrary extends MediaLibrary {
  /** Of one file. */
  readonly maxUploadBytes: number
  routes(app: HttpServer): void
  /** Files of deleted media that could not be deleted yet; how many media are gone now. @throws AppError `STORAGE_UNAVAILABLE` */
  readonly finishDeletions: () => Promise<number>
  /** Transcodings that nothing is at work on any more: how many are said to have failed now. */
  readonly endTranscodes: () => Promise<number>
  /** Uploads that run are broken off. */
  close(): Promise<void>
}

export interface LibraryOptions {
  readonly config: Pick<ControlApiConfig, 'dataDir' | 'media'>
  readonly video: VideoTools
  /** Other than UPLOAD_LIMITS, in tests. */
  readonly uploads?: Partial<UploadLimits>
}

/** As MEDIA_MAX_UPLOAD_MB where nobody says. */
const DEFAULT_UPLOAD_BYTES = 500 * 1024 * 1024

/** To be opened before jobs start. @throws AppError `CONFIGURATION_INVALID` when the work folder cannot be had */
export async function openMediaLibrary(
  platform: Platform,
  { config, video, uploads }: LibraryOptions,
): Promise<OpenedLibrary> {
  const { database, clock, logger } = platform
  const workFolder = workFolderOf(config)
  await openFolder(workFolder)
  const items = createMediaItemStore(database)
  const parts: LibraryParts = { ...platform, items, photos: createPhotoTools(), video, workFolder }
  const cursors = await openPageCursors(database, clock)
  workOnTranscodes(parts)
  inBackground(finishDeletions(parts), logger, 'finishing deletions of media')
  const closing = new AbortController()
  const limits: UploadLimits = {
    ...UPLOAD_LIMITS,
    maxBytes: config.media?.maxUploadBytes ?? DEFAULT_UPLOAD_BYTES,
    ...uploads,
  }
  return {
    maxUploadBytes: limits.maxBytes,
    find: (mediaId) => items.find(mediaId),
    addPhoto: (photo, signal) => addPhoto(parts, photo, signal),
    itemAdded: (item, cause) => items.addedWith(item, cause),
    changed(mediaId) {
      const announce = async (): Promise<void> => {
        const item = await items.find(mediaId)
        if (item) announceMedia(parts, item)
      }
      inBackground(announce(), logger, 'announcing a medium')
    },
    copyOut: (item, target, signal) => copyOut(parts.mediaStore, { key: item.key, target, signal }),
    finishDeletions: () => finishDeletions(parts),
    endTranscodes: () => endStuckTranscodes(parts),
    routes(app) {
      uploadRoute(app, parts, { limits, closing: closing.signal })
      mediaRoutes(app, parts, cursors)
    },
    close() {
      closing.abort(new AppError('DRAINING', 'The server is shutting down.'))
      return Promise.resolve()
    },
  }
}

async function openFolder(workFolder: string): Promise<void> {
  try {
    await openWorkFolder(workFolder)
  } catch (error) {
    const detail = `DATA_DIR: ${messageOf(error)}`
    throw new AppError('CONFIGURATION_INVALID', detail, { cause: error })
  }
}
