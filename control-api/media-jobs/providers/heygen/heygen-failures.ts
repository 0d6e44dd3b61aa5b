// What HeyGen says no with (API v3, developers.heygen.com, read autumn 2026): `{error: {code, message, param}}`; of a video
// that failed, `failure_code` and `failure_message`.
import type { ProviderFailureKind } from '../animation-provider.ts'
import { fieldsIn, isFields, numberIn, textIn, type Fields } from '../requests/answer-fields.ts'
import type { Operation, Refusal } from '../requests/provider-requests.ts'

const CODES: Readonly<Record<string, ProviderFailureKind>> = {
  unauthorized: 'auth',
  authentication_failed: 'auth',
  insufficient_credit: 'credits',
  insufficient_credits: 'credits',
  forbidden: 'permission',
  resource_access_denied: 'permission',
  not_found: 'not_found',
  resource_not_found: 'not_found',
  request_in_progress: 'transient',
  payload_too_large: 'invalid_input',
  invalid_parameter: 'invalid_input',
  validation_error: 'invalid_input',
  rate_limit_exceeded: 'rate_limited',
  internal_error: 'transient',
  service_unavailable: 'transient',
  timeout: 'transient',
}

const STATUSES: Readonly<Record<number, ProviderFailureKind>> = {
  400: 'invalid_input',
  401: 'auth',
  402: 'credits',
  403: 'permission',
  404: 'not_found',
  408: 'transient',
  413: 'invalid_input',
  415: 'invalid_input',
  422: 'invalid_input',
  425: 'transient',
  429: 'rate_limited',
  451: 'moderation',
}

const MODERATION = /moderat|policy|nsfw|prohibited|celebrit|sensitive_content/i
const PHOTO = /\b(?:faces?|image|photo|resolution)\b/i
/** The first request is nearly always over by then. */
const IN_PROGRESS_RETRY_MS = 5000

export function heyGenRefusal(status: number, body: Fields, operation: Operation): Refusal {
  const said = saidIn(body)
  const kind = kindOf(status, said, operation)
  // The same request is under way: nobody knows yet what comes of it.
  if (status === 409 && said.code === 'request_in_progress')
    return { ...said, kind, isUnsettled: true, retryAfterMs: IN_PROGRESS_RETRY_MS }
  return { ...said, kind }
}

function kindOf(status: number, said: Said, operation: Operation): ProviderFailureKind {
  if (status >= 500) return 'transient'
  const byStatus = STATUSES[status] ?? 'unknown'
  if (byStatus === 'rate_limited') return byStatus
  const kind = kindOfWords(said, byStatus)
  const isPhoto = operation === 'upload_image' && kind === 'invalid_input'
  return isPhoto ? 'bad_image' : kind
}

/** Of a video that came to `failed`. */
export function heyGenJobRefusal(video: Fields): Refusal {
  const { error } = video
  const legacy = saidIn(isFields(error) ? { error } : {})
  const said = {
    code: textIn(video, 'failure_code') ?? legacy.code,
    words: textIn(video, 'failure_message') ?? legacy.words,
  }
  return { ...said, kind: kindOfWords(said, 'unknown') }
}

function kindOfWords(
  { code, words, param }: Said,
  otherwise: ProviderFailureKind,
): ProviderFailureKind {
  if (MODERATION.test(code ?? '')) return 'moderation'
  const kind = (code !== null && Object.hasOwn(CODES, code) ? CODES[code] : undefined) ?? otherwise
  if (kind !== 'invalid_input' && kind !== 'unknown') return kind
  // Codes join their words by underscores, which `\b` does not see.
  const about = [code, param].map((one) => one?.replaceAll('_', ' ') ?? '').join(' ')
  if (PHOTO.test(about) || /\bfaces?\b/i.test(words)) return 'bad_image'
  return MODERATION.test(words) ? 'moderation' : kind
}

interface Said {
  readonly code: string | null
  readonly words: string
  readonly param?: string | null
}

function saidIn(body: Fields): Said {
  const { error } = body
  const fields = isFields(error) ? error : body
  const number = numberIn(fields, 'code')
  return {
    code: textIn(fields, 'code') ?? (number === null ? null : String(number)),
    words:
      textIn(fields, 'message') ??
      textIn(fields, 'detail') ??
      (typeof error === 'string' ? error : ''),
    param: textIn(fieldsIn(error), 'param'),
  }
}
