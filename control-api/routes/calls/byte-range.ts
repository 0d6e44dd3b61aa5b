// The Range header of a request for bytes (RFC 9110 §14.1.2, §14.2): one range, or the whole.
import type { ByteRange } from '#core/contracts'

export type AskedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  /** It begins behind the last byte. */
  | { readonly kind: 'unsatisfiable' }

const ONE_RANGE = /^bytes[ \t]*=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i
const WHOLE: AskedRange = { kind: 'whole' }

/** What is malformed, of another unit or several ranges at once is ignored, as it may be: the whole is sent. */
export function decodeRange(header: string | undefined, totalBytes: number): AskedRange {
  const match = header === undefined ? null : ONE_RANGE.exec(header)
  if (!match) return WHOLE
  const [first = '', last = ''] = match.slice(1)
  if (first === '' && last === '') return WHOLE
  return first === '' ? suffix(Number(last), totalBytes) : part(Number(first), last, totalBytes)
}

function part(first: number, last: string, totalBytes: number): AskedRange {
  const asked = last === '' ? totalBytes - 1 : Number(last)
  if (last !== '' && asked < first) return WHOLE
  if (first >= totalBytes) return { kind: 'unsatisfiable' }
  return { kind: 'part', range: { first, last: Math.min(asked, totalBytes - 1) } }
}

function suffix(bytes: number, totalBytes: number): AskedRange {
  if (bytes === 0 || totalBytes === 0) return { kind: 'unsatisfiable' }
  const range = { first: Math.max(0, totalBytes - bytes), last: totalBytes - 1 }
  return { kind: 'part', range }
}
