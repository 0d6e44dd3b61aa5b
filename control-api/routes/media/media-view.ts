// A photo or a video as the API shows it.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import type { MediaItemRow } from '../../media-jobs/library/media-library.ts'
import type { PhotoFacts } from '../../media-jobs/photo/photo-facts.ts'
import { VIDEO_CONTAINERS, type VideoFacts } from '../../media-jobs/video/video-facts.ts'
import { nullable } from '../../view-parts.ts'

const strict = { additionalProperties: false }
const text = (description: string) => nullable(Type.String({ description }))

const photoMetadataSchema = Type.Object(
  {
    bytes: Type.Integer(),
    width: Type.Integer(),
    height: Type.Integer(),
    source: Type.Object(
      { format: Type.String(), width: Type.Integer(), height: Type.Integer() },
      { ...strict, description: 'As it came, before it was made upright and smaller' },
    ),
  },
  strict,
)

const videoMetadataSchema = Type.Object(
  {
    container: Type.Enum([...VIDEO_CONTAINERS]),
    bytes: Type.Integer(),
    duration_ms: Type.Number(),
    video_codec: Type.String(),
    pixel_format: text('As ffmpeg names it'),
    audio_codec: text('Null: it has no sound'),
    width: Type.Integer({ description: 'As displayed' }),
    height: Type.Integer({ description: 'As displayed' }),
    rotation_degrees: Type.Integer({ description: 'Clockwise, as it is turned to be displayed' }),
    frames_per_second: nullable(Type.Number()),
    bits_per_second: nullable(Type.Number()),
  },
  strict,
)

const transcodeSchema = Type.Object(
  {
    state: Type.Enum(['waiting', 'running', 'done', 'failed']),
    progress: Type.Number({ minimum: 0, maximum: 1 }),
    error: text('Why it failed'),
  },
  strict,
)

export const mediaSchema = Type.Object(
  {
    media_id: Type.String(),
    memorial_id: text('Whose it is; null: nobody’s'),
    kind: Type.Enum(['photo', 'video']),
    origin: Type.Enum(['upload', 'link', 'animation']),
    task_id: text('The animation that it came of'),
    name: text('As it was uploaded'),
    content_type: Type.String(),
    bytes: Type.Integer(),
    sha256: Type.String(),
    width: Type.Integer({ description: 'As displayed' }),
    height: Type.Integer({ description: 'As displayed' }),
    duration_seconds: nullable(Type.Number({ description: 'Null for a photo' })),
    metadata: Type.Union([videoMetadataSchema, photoMetadataSchema]),
    url: Type.String({ description: 'The file itself' }),
    preview_url: text('A small JPEG of it'),
    web_url: text('An MP4 that every browser plays, made of it'),
    is_web_safe: Type.Boolean({ description: 'Every browser shows or plays the file itself' }),
    transcode: nullable(transcodeSchema),
    created_by: Type.String({ description: 'The id of the key' }),
    created_at: Type.String({ format: 'date-time' }),
  },
  { ...strict, title: 'Media' },
)
export type MediaView = Static<typeof mediaSchema>

export function viewMedia(row: MediaItemRow): MediaView {
  const url = `/api/v1/media/${row.media_id}`
  return {
    media_id: row.media_id,
    memorial_id: row.memorial_id,
    kind: row.kind,
    origin: row.origin,
    task_id: row.task_id,
    name: row.original_name,
    content_type: row.content_type,
    bytes: row.bytes,
    sha256: row.sha256,
    width: row.width,
    height: row.height,
    duration_seconds: row.duration_ms === null ? null : row.duration_ms / 1000,
    ...viewFacts(row),
    url: `${url}/content`,
    preview_url: row.preview_key === null ? null : `${url}/preview`,
    web_url: row.web_key === null ? null : `${url}/web`,
    transcode: viewTranscode(row),
    created_by: row.created_by,
    created_at: rfc3339(epochMs(row.created_at)),
  }
}

/** We wrote them ourselves, so their shape is taken on trust. */
function viewFacts(row: MediaItemRow): Pick<MediaView, 'metadata' | 'is_web_safe'> {
  if (row.kind === 'photo') {
    const { bytes, width, height, source } = JSON.parse(row.facts) as PhotoFacts
    return { metadata: { bytes, width, height, source }, is_web_safe: true }
  }
  const facts = JSON.parse(row.facts) as VideoFacts
  const metadata = {
    container: facts.container,
    bytes: facts.bytes,
    duration_ms: facts.durationMs,
    video_codec: facts.videoCodec,
    pixel_format: facts.pixelFormat,
    audio_codec: facts.audioCodec,
    width: facts.width,
    height: facts.height,
    rotation_degrees: facts.rotationDegrees,
    frames_per_second: facts.framesPerSecond,
    bits_per_second: facts.bitsPerSecond,
  }
  return { metadata, is_web_safe: facts.isWebSafe }
}

const viewTranscode = (row: MediaItemRow): MediaView['transcode'] =>
  row.transcode_state === null
    ? null
    : {
        state: row.transcode_state,
        progress: row.transcode_progress ?? 0,
        error: row.transcode_error,
      }
