// What the parts of the library share.
import type { Platform } from '../../features.ts'
import type { PhotoTools } from '../photo/photo-tools.ts'
import type { VideoTools } from '../video/video-tools.ts'
import type { MediaItemStore } from './media-item-store.ts'
import type { MediaItemRow } from './media-library.ts'

export interface LibraryParts extends Pick<
  Platform,
  'announcements' | 'audit' | 'clock' | 'database' | 'jobs' | 'logger' | 'mediaStore' | 'metrics'
> {
  readonly items: MediaItemStore
  readonly photos: PhotoTools
  readonly video: VideoTools
  readonly workFolder: string
}

/** Tells whoever listens how it stands; of one that is gone, that it is. */
export function announceMedia(
  { announcements }: Pick<LibraryParts, 'announcements'>,
  item: MediaItemRow,
  state: 'ready' | 'deleted' = 'ready',
): void {
  announcements.announce('media.changed', {
    media_id: item.media_id,
    memorial_id: item.memorial_id,
    kind: item.kind,
    state,
    transcode_state: item.transcode_state,
    transcode_progress: item.transcode_progress,
  })
}

/** Those that there are of it. */
export const keysOf = (item: Pick<MediaItemRow, 'key' | 'preview_key' | 'web_key'>) =>
  [item.key, item.preview_key, item.web_key].filter((key) => key !== null)
