// GET and HEAD /api/v1/media/{id}/content, /preview and /web: the files of a medium, by us or from the bucket.
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { AppError } from '#core/errors'
import type { HttpServer } from '../../http-server.ts'
import type { LibraryParts } from '../../media-jobs/library/library-parts.ts'
import type { MediaItemRow } from '../../media-jobs/library/media-library.ts'
import { noMedia } from '../../media-jobs/library/delete-media.ts'
import { contentTypeOf } from '../../storage/media-key.ts'
import {
  describeStored,
  fileResponses,
  rangeHeaders,
  sendStored,
  type StoredFile,
} from '../stored-file.ts'

type StoredDeps = Pick<LibraryParts, 'items' | 'mediaStore'>

interface FilePath {
  readonly name: 'content' | 'preview' | 'web'
  readonly operationId: string
  readonly summary: string
  readonly contentTypes: readonly string[]
}

const VIDEOS = [
  'video/mp4',
  'video/quicktime',
  'video/x-msvideo',
  'video/x-matroska',
  'video/webm',
] as const

const FILES: readonly FilePath[] = [
  {
    name: 'content',
    operationId: 'getMediaContent',
    summary: 'The photo or video itself; parts of it by Range',
    contentTypes: ['image/jpeg', ...VIDEOS],
  },
  {
    name: 'preview',
    operationId: 'getMediaPreview',
    summary: 'A small JPEG of a photo or a video',
    contentTypes: ['image/jpeg'],
  },
  {
    name: 'web',
    operationId: 'getMediaWeb',
    summary: 'The MP4 that every browser plays, made of a video by /transcode',
    contentTypes: ['video/mp4'],
  },
]

export const mediaParams = Type.Object({ media_id: Type.String({ maxLength: 64 }) })

const gone = (): AppError => new AppError('NOT_FOUND', 'The file is no longer in the media store.')
const SENT_AS = { what: 'The file', missing: gone }

export function storedMediaRoutes(app: HttpServer, deps: StoredDeps): void {
  for (const file of FILES) fileRoute(app, deps, file)
}

function fileRoute(app: HttpServer, deps: StoredDeps, path: FilePath): void {
  const { name, operationId, summary, contentTypes } = path
  const schema = {
    operationId,
    tags: ['media'],
    summary,
    params: mediaParams,
    headers: rangeHeaders('file'),
    response: {
      ...fileResponses('file', contentTypes),
      302: {
        description: 'Where it may be fetched for a while (S3_READS=presigned)',
        type: 'null',
      },
    },
  }
  const url = `/api/v1/media/:media_id/${name}`
  app.get(url, { schema, exposeHeadRoute: false }, async (request, reply) => {
    const file = await findFile(deps, request.params.media_id, name)
    const link = await deps.mediaStore.link(file.key, { fileName: file.fileName })
    if (link !== undefined) return sendAway(reply, link)
    return sendStored(deps.mediaStore, file, SENT_AS, { request, reply })
  })
  // Range has no meaning here (RFC 9110 §14.2): the answer tells of the whole. A link is made for GET alone.
  app.head(url, { schema: { ...schema, hide: true } }, async (request, reply) => {
    const file = await findFile(deps, request.params.media_id, name)
    if ((await deps.mediaStore.size(file.key)) === undefined) throw gone()
    return describeStored(reply, file).header('content-length', file.totalBytes).send()
  })
}

const sendAway = (reply: FastifyReply, link: string): FastifyReply =>
  reply.header('cache-control', 'private, no-store').redirect(link, 302)

/** @throws AppError `NOT_FOUND`, `STORAGE_UNAVAILABLE` */
async function findFile(
  { items, mediaStore }: StoredDeps,
  mediaId: string,
  name: FilePath['name'],
): Promise<StoredFile> {
  const item = await items.find(mediaId)
  if (!item) throw noMedia()
  switch (name) {
    case 'content':
      return whole(item, { key: item.key, sha256: item.sha256, totalBytes: item.bytes })
    case 'preview': {
      const { preview_key: key } = item
      const totalBytes = key === null ? undefined : await mediaStore.size(key)
      if (key === null || totalBytes === undefined)
        throw new AppError('NOT_FOUND', 'There is no preview of it.')
      // Made once with the file, and never anew.
      return whole(item, { key, sha256: `${item.sha256}-preview`, totalBytes })
    }
    case 'web': {
      const { web_key: key, web_bytes: totalBytes, web_sha256: sha256 } = item
      if (key === null || totalBytes === null || sha256 === null)
        throw new AppError('NOT_FOUND', 'No web copy of it was made: ask /transcode for one.')
      return whole(item, { key, sha256, totalBytes })
    }
    default:
      return name satisfies never
  }
}

const whole = (
  item: MediaItemRow,
  { key, sha256, totalBytes }: { key: string; sha256: string; totalBytes: number },
): StoredFile => ({
  key,
  etag: `"${sha256}"`,
  totalBytes,
  contentType: contentTypeOf(key),
  fileName: `${item.media_id}${key.slice(key.indexOf('.'))}`,
})
