// Keys that come by signalling: the body of an INFO, in the two forms that gateways and phones use, which no RFC
// describes. `application/dtmf-relay` (Cisco): lines `Signal=5` and `Duration=160`; `application/dtmf`: the key alone.
import { decodeDtmfDigit, DTMF_DIGITS, type DtmfDigit } from '#core/contracts'
import type { SrfMessage } from './drachtio-types.ts'
import { parameterOf, valueOf } from './multipart.ts'

export type InfoBody =
  | { readonly kind: 'key'; readonly digit: DtmfDigit }
  /** Understood, and nothing to be done: no body, a hook flash, or one that need not be understood. */
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
    }

const NOTHING = { kind: 'nothing' } as const
const MALFORMED = { kind: 'refused', status: 400, headers: {} } as const
const OTHER_TYPE = {
  kind: 'refused',
  status: 415,
  headers: { Accept: 'application/dtmf-relay, application/dtmf' },
} as const

const KEY_TYPES = ['application/dtmf-relay', 'application/dtmf']
/** Two short lines; whoever writes more means something else. */
const MAX_LENGTH = 256

export function readInfo(message: Pick<SrfMessage, 'body' | 'get' | 'has'>): InfoBody {
  const header = (name: string): string => (message.has(name) ? message.get(name) : '')
  if (message.body === '') return NOTHING
  if (KEY_TYPES.includes(valueOf(header('Content-Type')))) return readKey(message.body)
  const handling = parameterOf(header('Content-Disposition'), 'handling')
  return handling.toLowerCase() === 'optional' ? NOTHING : OTHER_TYPE
}

function readKey(body: string): InfoBody {
  if (body.length > MAX_LENGTH) return MALFORMED
  const written = (/^[ \t]*signal[ \t]*=([^\r\n]*)/im.exec(body)?.[1] ?? body).trim()
  if (isFlash(written)) return NOTHING
  const digit = decodeDtmfDigit(written) ?? decodeEventCode(written)
  return digit === undefined ? MALFORMED : { kind: 'key', digit }
}

const isFlash = (written: string): boolean => /^(?:16|!|hf|flash)$/i.test(written)

/** Some write `*` as its event code, 10 (RFC 4733 §3.2). A lone figure is itself either way. */
const decodeEventCode = (written: string): DtmfDigit | undefined =>
  /^1[0-5]$/.test(written) ? decodeDtmfDigit(DTMF_DIGITS[Number(written)] ?? '') : undefined
