// Twilio's signature of a request: base64 HMAC-SHA1, keyed with the account's auth token, over the exact address and the
// sorted parameters of a form (twilio.com/docs, usage/security; read autumn 2026). It signs no time: whatever is signed
// may come again, and must change nothing then.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** In the order they came; a name may stand more than once. */
export type SignedParams = readonly (readonly [name: string, value: string])[]

export interface SignedRequest {
  /** Exactly as it was asked for: scheme, host, path and query. */
  readonly url: string
  /** Of a form; [] of anything else. */
  readonly params: SignedParams
  /** What is not a form: its hash stands in the query, as `bodySHA256`. */
  readonly rawBody?: string
}

/** @param tokens the account's auth token, and the one before it while it is being replaced */
export function isSignedBy(
  tokens: readonly string[],
  signature: string,
  { url, params, rawBody }: SignedRequest,
): boolean {
  const given = Buffer.from(signature)
  const tail = tailOf(params)
  // All are tried, whatever comes of the first: how many there are is no secret, which of them fits is none's business.
  const fits = tokens.flatMap((token) =>
    spellingsOf(url).map((one) => isSame(given, Buffer.from(hmac(token, one + tail)))),
  )
  return fits.includes(true) && isBodySigned(url, rawBody)
}

/** What Twilio sends along with a request. For tests, and for whoever plays Twilio. */
export const signatureOf = (token: string, url: string, params: SignedParams): string =>
  hmac(token, url + tailOf(params))

const hmac = (token: string, data: string): string =>
  createHmac('sha1', token).update(data, 'utf8').digest('base64')

/** Names in the order of their characters, capitals first; of a repeated one each value once, in order. */
function tailOf(params: SignedParams): string {
  const values = new Map<string, Set<string>>()
  for (const [name, value] of params) {
    const known = values.get(name)
    if (known) known.add(value)
    else values.set(name, new Set([value]))
  }
  return [...values.keys()]
    .sort()
    .flatMap((name) => [...(values.get(name) ?? [])].sort().map((value) => name + value))
    .join('')
}

const URL_PARTS = /^(https?|wss?):\/\/([^/?#]+)(.*)$/i
const STANDARD_PORT: Readonly<Record<string, string>> = {
  http: ':80',
  ws: ':80',
  https: ':443',
  wss: ':443',
}

/** Whether the port stands in what is signed is not told anywhere; of a stream neither is a slash behind the path. */
function spellingsOf(url: string): readonly string[] {
  const [, scheme = '', authority = '', rest = ''] = URL_PARTS.exec(url) ?? []
  if (scheme === '') return []
  const [, host = '', port = ''] = /^(.*?)(:\d+)?$/.exec(authority) ?? []
  const named = port === '' ? (STANDARD_PORT[scheme.toLowerCase()] ?? '') : port
  const isStream = scheme.toLowerCase().startsWith('ws')
  const ends = isStream && !rest.includes('?') ? [rest, flipSlash(rest)] : [rest]
  return ends.flatMap((end) => [`${scheme}://${host}${end}`, `${scheme}://${host}${named}${end}`])
}

const flipSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : `${path}/`)

function isBodySigned(url: string, rawBody: string | undefined): boolean {
  if (rawBody === undefined) return true
  const said = URL.parse(url)?.searchParams.get('bodySHA256') ?? ''
  const is = createHash('sha256').update(rawBody, 'utf8').digest('hex')
  return isSame(Buffer.from(said), Buffer.from(is))
}

/** The length of what is right is no secret. */
const isSame = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other)
