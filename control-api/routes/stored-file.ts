// A file of the media store, whole or a part of it (RFC 9110 §14), so that a player can seek.
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { MediaStore } from '#core/contracts'
import { AppError } from '#core/errors'
import { decodeRange } from './calls/byte-range.ts'
import { problem } from './problem.ts'

export interface StoredFile {
  /** Its name in the media store. */
  readonly key: string
  readonly etag: string
  readonly totalBytes: number
  readonly contentType: string
  /** Ours: nothing in it needs quoting. */
  readonly fileName: string
}

export interface SentAs {
  /** What it is, as a sentence begins: `The recording`. */
  readonly what: string
  /** When it is in the store no longer. */
  readonly missing: () => AppError
}

export const rangeHeaders = (what: string) =>
  Type.Object({
    range: Type.Optional(Type.String({ description: 'One range of bytes; more are ignored' })),
    'if-range': Type.Optional(Type.String({ description: `The ETag of the ${what}` })),
  })

/** @param what such as `recording` */
export function fileResponses(what: string, contentTypes: readonly string[]) {
  const schema = Type.String({ format: 'binary' })
  const file = { content: Object.fromEntries(contentTypes.map((type) => [type, { schema }])) }
  return {
    200: { description: `The whole ${what}`, ...file },
    206: { description: 'The bytes asked for', ...file },
    304: { description: 'If-None-Match names it', type: 'null' },
    404: problem,
    416: problem,
    503: problem,
  }
}

/** @throws AppError `RANGE_NOT_SATISFIABLE`, `STORAGE_UNAVAILABLE`; what `missing` says. */
export async function sendStored(
  store: Pick<MediaStore, 'open'>,
  file: StoredFile,
  { what, missing }: SentAs,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  if (isKnown(request, file)) return describeStored(reply, file).status(304).send()
  const { key, etag, totalBytes } = file
  // What somebody has a part of must be what we have (RFC 9110 §13.1.5); we send no dates, so a date is never it.
  const ifRange = request.headers['if-range']
  const isSame = ifRange === undefined || ifRange === etag
  const asked = decodeRange(isSame ? request.headers.range : undefined, totalBytes)
  if (asked.kind === 'unsatisfiable') {
    void reply.header('content-range', `bytes */${totalBytes}`)
    throw new AppError('RANGE_NOT_SATISFIABLE', `${what} has no bytes from there on.`)
  }
  const range = asked.kind === 'part' ? asked.range : undefined
  const opened = await store.open(key, range)
  if (!opened) throw missing()
  const { first, last } = range ?? { first: 0, last: opened.totalBytes - 1 }
  if (range) {
    void reply.status(206).header('content-range', `bytes ${first}-${last}/${opened.totalBytes}`)
  }
  return describeStored(reply, file)
    .header('content-length', last - first + 1)
    .send(opened.stream)
}

export function describeStored(reply: FastifyReply, file: StoredFile): FastifyReply {
  return (
    reply
      .header('content-type', file.contentType)
      .header('accept-ranges', 'bytes')
      .header('etag', file.etag)
      // Voices and faces stay in no cache.
      .header('cache-control', 'private, no-store')
      .header('content-disposition', `inline; filename="${file.fileName}"`)
  )
}

/** RFC 9110 §13.1.2, by weak comparison. */
function isKnown(request: FastifyRequest, { etag }: StoredFile): boolean {
  const known = request.headers['if-none-match']
  if (known === undefined) return false
  const tags = known.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || known.trim() === '*'
}
