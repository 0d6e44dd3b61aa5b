// The session description in the body of a SIP message: alone, or one part of a multipart (RFC 3261 §8.2.3, RFC 5621).
import type { SrfMessage } from './drachtio-types.ts'
import { parameterOf, splitParts, valueOf, type MimeEntity } from './multipart.ts'

export type SessionBody =
  | { readonly kind: 'sdp'; readonly sdp: string }
  /** No body, or none that has to be understood. */
  | { readonly kind: 'none' }
  /** To be refused with 415 and these headers, which say what we understand (RFC 3261 §21.4.13). */
  | { readonly kind: 'not-understood'; readonly headers: Readonly<Record<string, string>> }

type BodyMessage = Pick<SrfMessage, 'body' | 'get' | 'has'>

const NONE = { kind: 'none' } as const
const OTHER_TYPE = { kind: 'not-understood', headers: { Accept: 'application/sdp' } } as const
const OTHER_ENCODING = {
  kind: 'not-understood',
  headers: { 'Accept-Encoding': 'identity' },
} as const

/** Of Content-Transfer-Encoding: those that leave the content as it is (RFC 2045 §6.2). */
const UNCHANGING = ['', '7bit', '8bit', 'binary']

export function readSessionBody(message: BodyMessage): SessionBody {
  const header = (name: string): string => (message.has(name) ? message.get(name) : '')
  return readEntity({ header, content: message.body }, readParts)
}

/** Of an answer or an ACK, which nobody can refuse: what we do not understand is no SDP. */
export function sdpIn(message: BodyMessage): string {
  const body = readSessionBody(message)
  return body.kind === 'sdp' ? body.sdp : ''
}

type ReadMultipart = (content: string, boundary: string) => SessionBody

function readEntity(entity: MimeEntity, readMultipart: ReadMultipart): SessionBody {
  const read = understand(entity, readMultipart)
  return read.kind === 'not-understood' && handlingOf(entity) === 'optional' ? NONE : read
}

function understand({ header, content }: MimeEntity, readMultipart: ReadMultipart): SessionBody {
  if (content === '') return NONE
  if (!isPlain(header)) return OTHER_ENCODING
  const contentType = header('Content-Type')
  const type = valueOf(contentType)
  if (type.startsWith('multipart/'))
    return readMultipart(content, parameterOf(contentType, 'boundary'))
  // Without a type, which is not allowed, it is taken for what it nearly always is.
  const isSdp = type === 'application/sdp' || (type === '' && content.startsWith('v='))
  // An early session is another session (RFC 3959).
  const isOurs = isSdp && valueOf(header('Content-Disposition')) !== 'early-session'
  return isOurs ? { kind: 'sdp', sdp: content } : OTHER_TYPE
}

const isPlain = (header: MimeEntity['header']): boolean =>
  ['', 'identity'].includes(valueOf(header('Content-Encoding'))) &&
  UNCHANGING.includes(valueOf(header('Content-Transfer-Encoding')))

/** The first description counts; what else is there must be understood only where it says so (RFC 5621 §4). */
function readParts(content: string, boundary: string): SessionBody {
  const parts = splitParts(content, boundary)
  if (!parts || parts.length === 0) return OTHER_TYPE
  const read = parts.map((part) => ({
    required: handlingOf(part) === 'required',
    body: readEntity(part, () => OTHER_TYPE),
  }))
  const found = read.find(({ body }) => body.kind === 'sdp')
  const inTheWay = read.find(
    ({ required, body }) => body.kind === 'not-understood' && (required || !found),
  )
  return (inTheWay ?? found)?.body ?? NONE
}

const handlingOf = ({ header }: MimeEntity): string =>
  parameterOf(header('Content-Disposition'), 'handling').toLowerCase()
