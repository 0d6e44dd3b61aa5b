// What is known of a video file.

/** What our players and the replaced system take. */
export const VIDEO_CONTAINERS = ['mp4', 'mov', 'avi', 'mkv', 'webm'] as const
export type VideoContainer = (typeof VIDEO_CONTAINERS)[number]

export interface VideoFacts {
  readonly container: VideoContainer
  readonly bytes: number
  readonly durationMs: number
  readonly videoCodec: string
  readonly pixelFormat: string | null
  /** Null: it has no sound. */
  readonly audioCodec: string | null
  /** As displayed: rotation is applied. */
  readonly width: number
  readonly height: number
  /** Clockwise, as it must be turned to be displayed. */
  readonly rotationDegrees: 0 | 90 | 180 | 270
  readonly framesPerSecond: number | null
  readonly bitsPerSecond: number | null
  /** Every browser plays it: H.264 (8 bit, 4:2:0) and AAC, or no sound, in an MP4. */
  readonly isWebSafe: boolean
}

/** What is wrong with a file that is no video of ours. `damaged` is worth another download; the others never change. */
export type VideoFault = {
  readonly kind: 'not-a-video' | 'unsupported' | 'damaged' | 'too-long' | 'too-large' | 'too-slow'
  /** In words for whoever sent it: no paths. */
  readonly message: string
}
export type CheckedVideo =
  | { readonly kind: 'good'; readonly facts: VideoFacts }
  | { readonly kind: 'bad'; readonly fault: VideoFault }
