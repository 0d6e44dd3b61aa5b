// ffprobe and ffmpeg of this machine, locked down: known containers alone, files alone, bounded time, memory and threads.
import type { Lifecycle } from '#core/lifecycle'
import type { CheckedVideo } from './video-facts.ts'

export interface VideoTools extends Pick<Lifecycle, 'close'> {
  /** False: ffmpeg is not installed. Asked anew each time. */
  isInstalled(): Promise<boolean>
  /**
   * Reads what it is, then decodes all of it.
   * @throws AppError `VIDEO_TOOLS_MISSING`; `MEDIA_BUSY` when too many wait
   */
  check(path: string, signal: AbortSignal): Promise<CheckedVideo>
  /**
   * A JPEG of the frame at 1 s, or of an earlier one where there is none.
   * @throws AppError the same; `MEDIA_DAMAGED`
   */
  preview(path: string, target: string, signal: AbortSignal): Promise<void>
  /**
   * An MP4 (H.264, AAC) that every browser plays, its index in front.
   * @param onProgress 0 to 1
   * @throws AppError the same
   */
  transcode(
    path: string,
    target: string,
    run: {
      readonly durationMs: number
      readonly signal: AbortSignal
      readonly onProgress: (share: number) => void
    },
  ): Promise<void>
}
