// GET and HEAD /api/calls/{id}/recording: the audio, whole or a part of it (RFC 9110 §14), so that a player can seek.
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { MediaStore } from '#core/contracts'
import { AppError } from '#core/errors'
import type { CallRepository } from '../../calls/repository.ts'
import type { CallRow } from '../../db/schema.ts'
import type { HttpServer } from '../../http-server.ts'
import { decodeRange } from './byte-range.ts'
import { findCall } from './find-call.ts'

export interface RecordingRouteDeps {
  readonly calls: CallRepository
  readonly mediaStore: MediaStore
}

const CONTENT_TYPE = 'audio/wav'
const audio = {
  content: { [CONTENT_TYPE]: { schema: Type.String({ format: 'binary' }) } },
}
const problem = {
  description: 'What went wrong (RFC 9457)',
  content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
}

export function recordingRoute(app: HttpServer, deps: RecordingRouteDeps): void {
  const schema = {
    tags: ['calls'],
    summary: 'The recording of a call: stereo WAV, the caller left, the agent right',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    headers: Type.Object({
      range: Type.Optional(Type.String({ description: 'One range of bytes; more are ignored' })),
      'if-range': Type.Optional(Type.String({ description: 'The ETag of the recording' })),
    }),
    response: {
      200: { description: 'The whole recording', ...audio },
      206: { description: 'The bytes asked for', ...audio },
      304: { description: 'If-None-Match names it', type: 'null' },
      404: problem,
      416: problem,
      503: problem,
    },
  }
  const url = '/api/calls/:call_id/recording'
  app.get(url, { schema, exposeHeadRoute: false }, async (request, reply) => {
    const recording = await findRecording(deps, request.params.call_id)
    if (isKnown(request, recording)) return describe(reply, recording).status(304).send()
    return send(deps.mediaStore, recording, request, reply)
  })
  // Range has no meaning here (RFC 9110 §14.2): the answer tells of the whole.
  app.head(url, { schema: { ...schema, hide: true } }, async (request, reply) => {
    const recording = await findRecording(deps, request.params.call_id)
    return describe(reply, recording).header('content-length', recording.totalBytes).send()
  })
}

interface Recording {
  readonly callId: string
  readonly key: string
  readonly etag: string
  readonly totalBytes: number
}

/** @throws AppError `NOT_FOUND`, `RECORDING_NOT_FOUND`, `STORAGE_UNAVAILABLE`. */
async function findRecording(deps: RecordingRouteDeps, callId: string): Promise<Recording> {
  const row = await findCall(deps.calls, callId)
  const { recording_key: key, recording_sha256: sha256 } = row
  if (row.recording_state !== 'stored' || key === null || sha256 === null)
    throw notFound(whyNone(row))
  const totalBytes = await deps.mediaStore.size(key)
  if (totalBytes === undefined) throw notFound(DELETED)
  return { callId: row.call_id, key, etag: `"${sha256}"`, totalBytes }
}

const DELETED = 'The recording of this call was deleted.'

function whyNone(row: CallRow): string {
  switch (row.recording_state) {
    case null:
      return 'Nothing of this call was recorded.'
    case 'recording':
      return 'The recording of this call is not finished yet.'
    case 'failed':
      return 'The recording of this call could not be kept.'
    case 'stored':
    case 'deleted':
      return DELETED
    default:
      return row.recording_state satisfies never
  }
}

const notFound = (why: string): AppError => new AppError('RECORDING_NOT_FOUND', why)

function describe(reply: FastifyReply, { callId, etag }: Recording): FastifyReply {
  return (
    reply
      .header('content-type', CONTENT_TYPE)
      .header('accept-ranges', 'bytes')
      .header('etag', etag)
      // A caller's voice stays in no cache.
      .header('cache-control', 'private, no-store')
      // The id is ours: nothing in it needs quoting.
      .header('content-disposition', `inline; filename="${callId}.wav"`)
  )
}

/** RFC 9110 §13.1.2, by weak comparison. */
function isKnown(request: FastifyRequest, { etag }: Recording): boolean {
  const known = request.headers['if-none-match']
  if (known === undefined) return false
  const tags = known.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || known.trim() === '*'
}

async function send(
  store: MediaStore,
  recording: Recording,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { key, etag, totalBytes } = recording
  // What somebody has a part of must be what we have (RFC 9110 §13.1.5); we send no dates, so a date is never it.
  const ifRange = request.headers['if-range']
  const isSame = ifRange === undefined || ifRange === etag
  const asked = decodeRange(isSame ? request.headers.range : undefined, totalBytes)
  if (asked.kind === 'unsatisfiable') {
    void reply.header('content-range', `bytes */${totalBytes}`)
    throw new AppError('RANGE_NOT_SATISFIABLE', `The recording has ${totalBytes} bytes.`)
  }
  const range = asked.kind === 'part' ? asked.range : undefined
  const opened = await store.open(key, range)
  if (!opened) throw notFound(DELETED)
  const { first, last } = range ?? { first: 0, last: opened.totalBytes - 1 }
  if (range) {
    void reply.status(206).header('content-range', `bytes ${first}-${last}/${opened.totalBytes}`)
  }
  return describe(reply, recording)
    .header('content-length', last - first + 1)
    .send(opened.stream)
}
