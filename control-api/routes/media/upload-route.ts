// POST /api/v1/memorials/{id}/media/upload: a photo or a video, as a form with one file, kept when it is what we take.
import { rm } from 'node:fs/promises'
import multipart from '@fastify/multipart'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, ERROR_REGISTRY, codeOf, type ErrorCode } from '#core/errors'
import type { HttpServer } from '../../http-server.ts'
import { expectRoom } from '../../media-jobs/disk-room.ts'
import { contentOf, type FileContent } from '../../media-jobs/file-content.ts'
import { addPhoto, addVideo } from '../../media-jobs/library/add-media.ts'
import type { LibraryParts } from '../../media-jobs/library/library-parts.ts'
import type { MediaItemRow } from '../../media-jobs/library/media-library.ts'
import type { NormalisedPhoto } from '../../media-jobs/photo/photo-facts.ts'
import type { VideoFault } from '../../media-jobs/video/video-facts.ts'
import { workFile } from '../../media-jobs/work-folder.ts'
import { problem } from '../problem.ts'
import { letGo } from './let-go.ts'
import { mediaSchema, viewMedia } from './media-view.ts'
import { memorialIdSchema } from './memorial-id.ts'
import { receiveFile, type ReceivedFile } from './receive-file.ts'
import { FORM_BYTES, type UploadLimits } from './upload-limits.ts'
import { createUploadPlaces, type UploadPlaces } from './upload-places.ts'
import { tooLarge, watchUpload } from './upload-watch.ts'

export interface UploadOptions {
  readonly limits: UploadLimits
  /** Breaks uploads off. */
  readonly closing: AbortSignal
}

interface UploadParts extends UploadOptions {
  readonly parts: LibraryParts
  readonly places: UploadPlaces
}

const schema = {
  operationId: 'uploadMedia',
  tags: ['media'],
  summary: 'Send a photo (JPEG, PNG, WebP) or a video (MP4, MOV, AVI, MKV, WebM) of a memorial',
  consumes: ['multipart/form-data'],
  params: Type.Object({ id: memorialIdSchema }),
  response: { 201: mediaSchema, '4xx': problem, 503: problem },
}

export function uploadRoute(app: HttpServer, parts: LibraryParts, options: UploadOptions): void {
  const places = createUploadPlaces(options.limits)
  void app.register(async (scope: HttpServer) => {
    scope.removeAllContentTypeParsers()
    await scope.register(multipart, { throwFileSizeLimit: false })
    // Not read: the handler says what is.
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.post(
      '/api/v1/memorials/:id/media/upload',
      { schema, config: { hasOwnPace: true } },
      async (request, reply) => {
        const upload: UploadParts = { ...options, parts, places }
        const item = await take(upload, request, reply, request.params.id)
        return reply.status(201).send(viewMedia(item))
      },
    )
  })
}

async function take(
  upload: UploadParts,
  request: FastifyRequest,
  reply: FastifyReply,
  memorialId: string,
): Promise<MediaItemRow> {
  const { parts, places, closing } = upload
  const gone = new AbortController()
  const onClose = (): void => {
    // Behind the answer that is its ordinary end.
    if (!reply.raw.writableFinished) gone.abort(brokenOff())
  }
  reply.raw.once('close', onClose)
  const counted: Counted = { kind: 'unknown' }
  try {
    expectForm(request, upload.limits)
    const signal = AbortSignal.any([gone.signal, closing])
    const item = await places.take(request.principal.keyId, signal, () =>
      keep(upload, { request, memorialId, signal, counted }),
    )
    count(parts, counted, 'taken')
    return item
  } catch (error) {
    count(parts, counted, gone.signal.aborted ? 'broken-off' : resultOf(error))
    letGo(request.raw, reply.raw, upload.limits.lingerMs)
    throw error
  }
}

/** What is known of it by the time it is counted. */
interface Counted {
  kind: 'photo' | 'video' | 'unknown'
}

interface Taken {
  readonly request: FastifyRequest
  readonly memorialId: string
  readonly signal: AbortSignal
  readonly counted: Counted
}

async function keep(
  upload: UploadParts,
  { request, memorialId, signal, counted }: Taken,
): Promise<MediaItemRow> {
  const { parts } = upload
  const path = workFile(parts.workFolder, 'upload-')
  try {
    const { name } = await receive(upload, request, path, signal)
    const content = await contentOf(path, signal)
    counted.kind = content.kind === 'other' ? 'unknown' : content.kind
    const { keyId: createdBy } = request.principal
    const file = { path, memorialId, originalName: name, createdBy }
    return await add(parts, content, file, signal)
  } finally {
    await rm(path, { force: true })
  }
}

async function receive(
  { parts, limits }: UploadParts,
  request: FastifyRequest,
  target: string,
  signal: AbortSignal,
): Promise<ReceivedFile> {
  const { workFolder } = parts
  await expectRoom(workFolder, lengthOf(request), limits.reservedBytes)
  const { socket } = request.raw
  const watch = watchUpload({ limits, workFolder, bytesRead: () => socket.bytesRead })
  try {
    return await receiveFile(request, {
      target,
      limits,
      signal: AbortSignal.any([signal, watch.signal]),
    })
  } finally {
    watch.end()
  }
}

interface NewFile {
  readonly path: string
  readonly memorialId: string
  readonly originalName: string | null
  readonly createdBy: string
}

async function add(
  parts: LibraryParts,
  content: FileContent,
  file: NewFile,
  signal: AbortSignal,
): Promise<MediaItemRow> {
  switch (content.kind) {
    case 'photo': {
      const added = await addPhoto(parts, { ...file, origin: 'upload' }, signal)
      if (added.kind === 'added') return added.item
      throw new AppError(PHOTO_FAULTS[added.fault], added.message)
    }
    case 'video': {
      const added = await addVideo(parts, file, signal)
      if (added.kind === 'added') return added.item
      throw new AppError(VIDEO_FAULTS[added.fault.kind], added.fault.message)
    }
    case 'other':
      throw new AppError(
        'MEDIA_REFUSED',
        'Its content is no photo (JPEG, PNG, WebP) and no video (MP4, MOV, AVI, MKV, WebM).',
      )
    default:
      return content satisfies never
  }
}

const PHOTO_FAULTS: Readonly<
  Record<Extract<NormalisedPhoto, { kind: 'bad' }>['fault'], ErrorCode>
> = {
  'not-a-photo': 'MEDIA_REFUSED',
  'too-small': 'MEDIA_REFUSED',
  'too-large': 'MEDIA_TOO_LARGE',
  damaged: 'MEDIA_DAMAGED',
}

const VIDEO_FAULTS: Readonly<Record<VideoFault['kind'], ErrorCode>> = {
  'not-a-video': 'MEDIA_REFUSED',
  unsupported: 'MEDIA_REFUSED',
  'too-large': 'MEDIA_TOO_LARGE',
  'too-long': 'MEDIA_TOO_LARGE',
  'too-slow': 'MEDIA_TOO_LARGE',
  damaged: 'MEDIA_DAMAGED',
}

/** @throws AppError `UNSUPPORTED_MEDIA_TYPE`, `MEDIA_TOO_LARGE`: nothing of it is read. */
function expectForm(request: FastifyRequest, limits: UploadLimits): void {
  if (!request.isMultipart())
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'The body is no form.', {
      details: { what_to_do: 'Send it as multipart/form-data with the field file.' },
    })
  if (lengthOf(request) > limits.maxBytes + FORM_BYTES) throw tooLarge(limits)
}

/** 0 where it does not say. */
const lengthOf = ({ headers }: FastifyRequest): number => Number(headers['content-length'] ?? 0)

const brokenOff = (): AppError =>
  new AppError('REQUEST_INVALID', 'The upload was broken off by its sender.')

const resultOf = (error: unknown): 'refused' | 'failed' => {
  const code = codeOf(error)
  return code !== undefined && ERROR_REGISTRY[code].httpStatus < 500 ? 'refused' : 'failed'
}

function count(
  { metrics }: LibraryParts,
  { kind }: Counted,
  result: 'taken' | 'refused' | 'broken-off' | 'failed',
): void {
  metrics.add('media_uploads_total', 1, { kind, result })
}
