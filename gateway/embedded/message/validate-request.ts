// What a request must look like before a transaction is spent on it (RFC 3261 §8.1.1, §8.2; judged by RFC 4475).
import { isContentReadable } from './readable-content.ts'
import { parseNameAddr, parseNameAddrList, tagOf } from './name-addr.ts'
import { parseCSeq, tokensOf, type CSeq, type SipRequest } from './sip-message.ts'
import { parseUri, schemeOf } from './uri.ts'
import { parseVia, type Via } from './via.ts'

/** The parts every layer above needs, read once. */
export interface RequestEssentials {
  readonly via: Via
  readonly cseq: CSeq
  readonly callId: string
  readonly fromTag: string
  readonly toTag: string
}

export interface Rejection {
  readonly status: number
  readonly reason: string
  readonly extra?: readonly (readonly [name: string, value: string])[]
}

export type RequestVerdict =
  | { readonly kind: 'valid'; readonly essentials: RequestEssentials }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** Not even an answer can be addressed, or the method is ACK, which is never answered. */
  | { readonly kind: 'dropped'; readonly reason: string }

export const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'PRACK',
  'UPDATE',
  'INFO',
  'MESSAGE',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'PUBLISH',
])
/** 100rel and timer are done by this server; the others are the application's to honour. */
const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set(['100rel', 'timer', 'norefersub'])
const ONCE = ['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards', 'Content-Type'] as const
/** What every response repeats (§8.2.6.2), and the application's too: beside its SDP it has to fit into one frame. */
const ECHOED = ['From', 'To', 'Call-ID', 'CSeq'] as const
/** Many times what RFC 4475 §3.1.1.7 calls long. */
const MAX_ECHOED_BYTES = 2000
/** Call-ID and tag name the dialog in frames whose tokens are separated by a bar; the grammar has none in either. */
const UNSAFE_IN_ID = /[^\x21-\x7e]|\|/
const ALLOW = [...KNOWN_METHODS].join(', ')

const bad = (reason: string): Rejection => ({ status: 400, reason })

export function validateRequest(request: SipRequest): RequestVerdict {
  const topVia = request.headers.get('Via')
  if (topVia === undefined) return { kind: 'dropped', reason: 'no-via' }
  const via = parseVia(topVia)
  const rejection = firstProblem(request, via)
  if (rejection !== undefined) {
    return request.method === 'ACK'
      ? { kind: 'dropped', reason: 'bad-ack' }
      : { kind: 'rejected', rejection }
  }
  const { headers } = request
  const cseq = parseCSeq(headers.get('CSeq'))
  const from = parseNameAddr(headers.get('From') ?? '')
  const to = parseNameAddr(headers.get('To') ?? '')
  if (via === undefined || cseq === undefined || from === undefined || to === undefined) {
    return { kind: 'rejected', rejection: bad('Bad Request') }
  }
  const essentials = {
    via,
    cseq,
    callId: headers.get('Call-ID') ?? '',
    fromTag: from.parameters.get('tag') ?? '',
    toTag: to.parameters.get('tag') ?? '',
  }
  return { kind: 'valid', essentials }
}

function firstProblem(request: SipRequest, via: Via | undefined): Rejection | undefined {
  if (/^SIP\/\d+\.\d+$/.test(request.version) && request.version !== 'SIP/2.0') {
    return { status: 505, reason: 'Version Not Supported' }
  }
  if (request.version !== 'SIP/2.0') return bad('Malformed Request Line')
  if (request.defect !== undefined) return bad(request.defect)
  if (via === undefined) return bad('Malformed Via')
  return (
    checkMandatory(request) ??
    checkMethod(request) ??
    checkRequestUri(request) ??
    checkOptional(request)
  )
}

function checkMandatory({ method, headers }: SipRequest): Rejection | undefined {
  for (const name of ONCE) if (headers.count(name) > 1) return bad(`Repeated ${name}`)
  const echoedBytes = ECHOED.reduce(
    (sum, name) => sum + Buffer.byteLength(headers.get(name) ?? ''),
    0,
  )
  if (echoedBytes > MAX_ECHOED_BYTES) return { status: 513, reason: 'Message Too Large' }
  const cseq = parseCSeq(headers.get('CSeq'))
  if (cseq === undefined) return bad('Missing or Malformed CSeq')
  if (cseq.method !== method) return bad('CSeq Method Mismatch')
  const callId = headers.get('Call-ID') ?? ''
  if (callId === '' || UNSAFE_IN_ID.test(callId)) return bad('Missing or Malformed Call-ID')
  for (const name of ['From', 'To'] as const) {
    if (parseNameAddr(headers.get(name) ?? '') === undefined)
      return bad(`Missing or Malformed ${name}`)
  }
  return UNSAFE_IN_ID.test(tagOf(headers.get('From'))) ? bad('Malformed From') : undefined
}

function checkMethod({ method }: SipRequest): Rejection | undefined {
  if (KNOWN_METHODS.has(method)) return undefined
  return { status: 501, reason: 'Not Implemented', extra: [['Allow', ALLOW]] }
}

function checkRequestUri({ uri }: SipRequest): Rejection | undefined {
  const scheme = schemeOf(uri)
  if (scheme === undefined) return bad('Malformed Request-URI')
  if (scheme !== 'sip' && scheme !== 'sips' && scheme !== 'tel') {
    return { status: 416, reason: 'Unsupported URI Scheme' }
  }
  const parsed = parseUri(uri)
  // Headers are not allowed in a Request-URI (§19.1.1).
  return parsed === undefined || parsed.headers !== undefined
    ? bad('Malformed Request-URI')
    : undefined
}

function checkOptional({ method, headers, body }: SipRequest): Rejection | undefined {
  if (!isContentReadable(headers, body)) return bad('Malformed Content')
  // Zero is no fault here: the limit is for those who forward (§16.3), and this server is always the endpoint.
  const maxForwards = headers.get('Max-Forwards')
  if (maxForwards !== undefined && !(/^\d{1,4}$/.test(maxForwards) && Number(maxForwards) <= 255)) {
    return bad('Malformed Max-Forwards')
  }
  const date = headers.get('Date')
  if (date !== undefined && !date.endsWith(' GMT')) return bad('Malformed Date')
  for (const contact of headers.getAll('Contact')) {
    if (contact !== '*' && parseNameAddrList(contact) === undefined) return bad('Malformed Contact')
  }
  // Require has no meaning in CANCEL and in the ACK of a failure (§8.2.2.3).
  if (method === 'CANCEL' || method === 'ACK' || !headers.has('Require')) return undefined
  const unknown = tokensOf(headers, 'Require').filter(
    (option) => !KNOWN_EXTENSIONS.has(option.toLowerCase()),
  )
  if (unknown.length === 0) return undefined
  return { status: 420, reason: 'Bad Extension', extra: [['Unsupported', unknown.join(', ')]] }
}
