// Sound from the media store, whole or a part of it (RFC 9110 §14), so that a player can seek.
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { MediaStore } from '#core/contracts'
import { AppError } from '#core/errors'
import { decodeRange } from './byte-range.ts'

export interface StoredAudio {
  /** Its name in the media store. */
  readonly key: string
  readonly etag: string
  readonly totalBytes: number
  readonly contentType: 'audio/wav' | 'audio/mpeg'
  /** Ours: nothing in it needs quoting. */
  readonly fileName: string
}

const problem = {
  description: 'What went wrong (RFC 9457)',
  content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
}

export const audioHeaders = Type.Object({
  range: Type.Optional(Type.String({ description: 'One range of bytes; more are ignored' })),
  'if-range': Type.Optional(Type.String({ description: 'The ETag of the recording' })),
})

export function audioResponses(...contentTypes: readonly StoredAudio['contentType'][]) {
  const schema = Type.String({ format: 'binary' })
  const audio = { content: Object.fromEntries(contentTypes.map((type) => [type, { schema }])) }
  return {
    200: { description: 'The whole recording', ...audio },
    206: { description: 'The bytes asked for', ...audio },
    304: { description: 'If-None-Match names it', type: 'null' },
    404: problem,
    416: problem,
    503: problem,
  }
}

export const DELETED = 'The recording of this call was deleted.'

export const noRecording = (why: string): AppError => new AppError('RECORDING_NOT_FOUND', why)

/** @throws AppError `RECORDING_NOT_FOUND`, `RANGE_NOT_SATISFIABLE`, `STORAGE_UNAVAILABLE`. */
export async function sendAudio(
  store: MediaStore,
  audio: StoredAudio,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (isKnown(request, audio)) return describeAudio(reply, audio).status(304).send()
  const { key, etag, totalBytes } = audio
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
  if (!opened) throw noRecording(DELETED)
  const { first, last } = range ?? { first: 0, last: opened.totalBytes - 1 }
  if (range) {
    void reply.status(206).header('content-range', `bytes ${first}-${last}/${opened.totalBytes}`)
  }
  return describeAudio(reply, audio)
    .header('content-length', last - first + 1)
    .send(opened.stream)
}

export function describeAudio(reply: FastifyReply, audio: StoredAudio): FastifyReply {
  return (
    reply
      .header('content-type', audio.contentType)
      .header('accept-ranges', 'bytes')
      .header('etag', audio.etag)
      // A caller's voice stays in no cache.
      .header('cache-control', 'private, no-store')
      .header('content-disposition', `inline; filename="${audio.fileName}"`)
  )
}

/** RFC 9110 §13.1.2, by weak comparison. */
function isKnown(request: FastifyRequest, { etag }: StoredAudio): boolean {
  const known = request.headers['if-none-match']
  if (known === undefined) return false
  const tags = known.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || known.trim() === '*'
}
