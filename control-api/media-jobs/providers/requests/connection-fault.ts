// What became of a request that has no answer, from what fetch threw. Its words may quote headers and addresses: the code
// of the fault is all that is kept.
import { connectionCodeOf } from '#core/errors'
import { AnswerTooLarge } from '../../../vendor-answers/answer-body.ts'

export interface ConnectionFault {
  readonly kind: 'transient' | 'auth'
  readonly words: string
  /** It may have arrived. */
  readonly isSent: boolean
}

/** Before anything could leave. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** @param why who gave up: our time limit, or whoever asked; undefined: neither */
export function faultIn(error: unknown, why: 'timeout' | 'aborted' | undefined): ConnectionFault {
  const passing = (words: string, isSent = true): ConnectionFault => ({
    kind: 'transient',
    words,
    isSent,
  })
  if (error instanceof AnswerTooLarge) return passing('an answer that is too large')
  if (why === 'timeout') return passing('no answer in time')
  if (why === 'aborted') return passing('no answer was waited for')
  const code = connectionCodeOf(error)
  if (code === undefined && error instanceof TypeError && error.cause === undefined)
    return { kind: 'auth', words: 'the key has letters that no key has', isSent: false }
  return passing(
    `no answer: ${code ?? 'the connection failed'}`,
    code === undefined || !NOT_SENT.has(code),
  )
}
