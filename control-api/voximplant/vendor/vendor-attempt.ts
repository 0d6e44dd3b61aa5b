// What one request to Voximplant came to. Its errors come with any status: the body is read first. No key, no address and
// nothing that it quotes is in what we say.
import { AppError, connectionFaultOf } from '#core/errors'
import { failureOf, meaningOf, refusalOf } from './vendor-refusals.ts'
import { isFields, numberIn, rowsIn } from '../../vendor-answers/answer-fields.ts'

export type Attempt<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | Refused
  /** A fresh token may be taken. */
  | (Refused & { readonly isTokenOver: true })
  /** Nothing was done; it may be asked again. */
  | Passing<'not-now'>
  /** It may have been done; what does no harm twice may be asked again. */
  | Passing<'broken'>

interface Refused {
  readonly kind: 'refused'
  readonly code: number | null
  readonly error: AppError
}
interface Passing<K extends string> {
  readonly kind: K
  readonly error: AppError
  readonly retryAfterMs: number | null
}

export const passing = <K extends 'not-now' | 'broken'>(
  kind: K,
  error: AppError,
  retryAfterMs: number | null = null,
): Passing<K> => ({ kind, error, retryAfterMs })

export const refused = (error: AppError, code: number | null = null): Refused => ({
  kind: 'refused',
  code,
  error,
})

/** What it said of an error; undefined: it said of none. */
export function errorIn(body: unknown, retryAfterMs: number | null): Attempt<never> | undefined {
  if (!isFields(body)) return undefined
  const fields = isFields(body['error']) ? body['error'] : rowsIn(body['errors'])[0]
  if (fields === undefined) return undefined
  const code = numberIn(fields, 'code') ?? 0
  const error = refusalOf(code, fields['msg'], secondsOf(retryAfterMs))
  const meaning = meaningOf(code)
  switch (meaning) {
    case 'refused':
      return refused(error, code)
    case 'token-over':
      return { ...refused(error, code), isTokenOver: true }
    case 'not-now':
    case 'broken':
      return passing(meaning, error, retryAfterMs)
    default:
      return meaning satisfies never
  }
}

/** Of an answer that has no error in its body, and is none. */
export function attemptOf(status: number, retryAfterMs: number | null): Attempt<never> {
  const error = failureOf(`answered ${status}`, secondsOf(retryAfterMs))
  if (status === 429) return passing('not-now', error, retryAfterMs)
  if (status >= 500 || [408, 409, 425].includes(status))
    return passing('broken', error, retryAfterMs)
  if (status === 401 || status === 403)
    return refused(
      new AppError('PROVIDER_REFUSED', `Voximplant answered ${status}: the key may not do this.`, {
        details: { vendor: 'voximplant' },
      }),
    )
  return refused(
    failureOf(`answered ${status}, which its API never does: check VOXIMPLANT_BASE_URL`),
  )
}

const secondsOf = (ms: number | null): number | undefined =>
  ms === null ? undefined : Math.ceil(ms / 1000)

/** Faults of the connection before anything could leave. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Of what fetch threw. */
export function attemptOfFault(error: unknown, isTimeout: boolean): Attempt<never> {
  if (isTimeout) return passing('broken', failureOf('did not answer in time'))
  const fault = connectionFaultOf(error)
  const ours = failureOf(`could not be asked (${fault})`)
  return passing(NOT_SENT.has(fault) ? 'not-now' : 'broken', ours)
}
