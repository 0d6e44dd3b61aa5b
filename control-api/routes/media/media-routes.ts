// GET /api/v1/media, GET and DELETE /api/v1/media/{id}, POST /api/v1/media/{id}/transcode, and their files.
import { Type } from '@fastify/type-provider-typebox'
import type { PageCursors } from '../../calls/page-cursor.ts'
import type { HttpServer } from '../../http-server.ts'
import { deleteMedia, noMedia } from '../../media-jobs/library/delete-media.ts'
import type { LibraryParts } from '../../media-jobs/library/library-parts.ts'
import { positionOf, type MediaFilter } from '../../media-jobs/library/media-item-store.ts'
import { askTranscode } from '../../media-jobs/library/transcode-job.ts'
import { nextCursorSchema, pageFields, readPage } from '../access/asked-page.ts'
import { problem } from '../problem.ts'
import { memorialIdSchema } from './memorial-id.ts'
import { mediaSchema, viewMedia } from './media-view.ts'
import { mediaParams, storedMediaRoutes } from './stored-media.ts'

const strict = { additionalProperties: false }
const refusals = { '4xx': problem, 503: problem }

const querySchema = Type.Object(
  {
    memorial_id: Type.Optional(memorialIdSchema),
    kind: Type.Optional(Type.Enum(['photo', 'video'])),
    ...pageFields,
  },
  strict,
)

export function mediaRoutes(app: HttpServer, parts: LibraryParts, cursors: PageCursors): void {
  listRoute(app, parts, cursors)
  detailRoute(app, parts)
  deleteRoute(app, parts)
  transcodeRoute(app, parts)
  storedMediaRoutes(app, parts)
}

function listRoute(app: HttpServer, { items }: LibraryParts, cursors: PageCursors): void {
  const schema = {
    operationId: 'listMedia',
    tags: ['media'],
    summary: 'Photos and videos, newest first',
    querystring: querySchema,
    response: {
      200: Type.Object({ items: Type.Array(mediaSchema), next_cursor: nextCursorSchema }, strict),
      ...refusals,
    },
  }
  app.get('/api/v1/media', { schema }, async ({ query }) => {
    const filter: MediaFilter = { memorialId: query.memorial_id, kind: query.kind }
    const { rows, nextCursor } = await readPage(query, {
      cursors,
      listed: { list: 'media', filter },
      read: (after, limit) => items.page(filter, after, limit),
      positionOf,
    })
    return { items: rows.map(viewMedia), next_cursor: nextCursor }
  })
}

function detailRoute(app: HttpServer, { items }: LibraryParts): void {
  const schema = {
    operationId: 'getMedia',
    tags: ['media'],
    summary: 'A photo or a video, and what is known of it',
    params: mediaParams,
    response: { 200: mediaSchema, ...refusals },
  }
  app.get('/api/v1/media/:media_id', { schema }, async (request) => {
    const item = await items.find(request.params.media_id)
    if (!item) throw noMedia()
    return viewMedia(item)
  })
}

function deleteRoute(app: HttpServer, parts: LibraryParts): void {
  const schema = {
    operationId: 'deleteMedia',
    tags: ['media'],
    summary: 'Delete a photo or a video for good; not while an animation of it is under way',
    params: mediaParams,
    response: { 204: { description: 'It is gone', type: 'null' }, ...refusals },
  }
  app.delete('/api/v1/media/:media_id', { schema }, async (request, reply) => {
    await deleteMedia(parts, request.params.media_id, request.principal)
    return reply.status(204).send()
  })
}

function transcodeRoute(app: HttpServer, parts: LibraryParts): void {
  const schema = {
    operationId: 'transcodeMedia',
    tags: ['media'],
    summary: 'Make an MP4 of a video that every browser plays',
    params: mediaParams,
    response: {
      200: { ...mediaSchema, description: 'Nothing to do: it is played everywhere already' },
      202: { ...mediaSchema, description: 'Under way: see transcode' },
      ...refusals,
    },
  }
  app.post('/api/v1/media/:media_id/transcode', { schema }, async (request, reply) => {
    const asked = await askTranscode(parts, request.params.media_id, request.principal)
    return reply.status(asked.isUnderWay ? 202 : 200).send(viewMedia(asked.item))
  })
}
