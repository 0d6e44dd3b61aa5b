// What D-ID says no with (docs.d-id.com, API 4.2.1, read autumn 2026): `{kind, description}`, of its gateway `{message}`;
// of a job that failed, the same under `error`.
import type { ProviderFailureKind } from '../animation-provider.ts'
import { fieldsIn, isFields, rowsIn, textIn, type Fields } from '../requests/answer-fields.ts'
import type { Operation, Refusal } from '../requests/provider-requests.ts'

const KINDS: Readonly<Record<string, ProviderFailureKind>> = {
  AuthorizationError: 'auth',
  AuthenticationError: 'auth',
  InsufficientCreditsError: 'credits',
  PermissionError: 'permission',
  InvalidFileSizeError: 'bad_image',
  InvalidImageResolutionError: 'bad_image',
  InvalidFaceError: 'bad_image',
  FaceError: 'bad_image',
  SourceError: 'bad_image',
  UnsupportedMimeTypeError: 'bad_image',
  ImageModerationError: 'moderation',
  CelebrityRecognizedError: 'moderation',
  TextModerationError: 'moderation',
  AudioModerationError: 'moderation',
  NotFoundError: 'not_found',
  TooManyRequestsError: 'rate_limited',
  InternalServerError: 'transient',
}

const STATUSES: Readonly<Record<number, ProviderFailureKind>> = {
  400: 'invalid_input',
  401: 'auth',
  402: 'credits',
  403: 'permission',
  404: 'not_found',
  408: 'transient',
  // The same is under way, or the job renders.
  409: 'transient',
  413: 'bad_image',
  415: 'bad_image',
  422: 'invalid_input',
  425: 'transient',
  429: 'rate_limited',
  451: 'moderation',
}

export function dIdRefusal(status: number, body: Fields, operation: Operation): Refusal {
  const said = saidIn(body)
  const isUnsettled = status === 409
  return { ...said, kind: kindOf(status, said, operation), isUnsettled }
}

function kindOf(status: number, said: Said, operation: Operation): ProviderFailureKind {
  if (status >= 500) return 'transient'
  const byStatus = STATUSES[status] ?? 'unknown'
  // 429 is always a matter of time, whatever it is called.
  if (byStatus === 'rate_limited') return byStatus
  const kind = namedKind(said.code) ?? (isAboutPhoto(said, byStatus) ? 'bad_image' : byStatus)
  return kind === 'bad_image' && operation === 'upload_audio' ? 'invalid_input' : kind
}

const namedKind = (code: string | null): ProviderFailureKind | undefined =>
  code !== null && Object.hasOwn(KINDS, code) ? KINDS[code] : undefined

const isAboutPhoto = ({ words }: Said, kind: ProviderFailureKind): boolean =>
  (kind === 'invalid_input' || kind === 'unknown') &&
  /\b(?:faces?|image|photo|resolution|source_url)\b/i.test(words)

/** Of a job that came to `error` or `rejected`. */
export function dIdJobRefusal(status: string, job: Fields): Refusal {
  const said = saidIn(fieldsIn({ error: job['error'] }))
  const otherwise = status === 'rejected' ? 'moderation' : 'unknown'
  const kind = namedKind(said.code) ?? (isAboutPhoto(said, otherwise) ? 'bad_image' : otherwise)
  return { ...said, kind }
}

interface Said {
  readonly code: string | null
  readonly words: string
}

function saidIn(body: Fields): Said {
  const { error } = body
  const fields = isFields(error) ? error : (rowsIn(body['errors'])[0] ?? body)
  const words =
    textIn(fields, 'description') ??
    textIn(fields, 'message') ??
    textIn(fields, 'details') ??
    (typeof error === 'string' ? error : '')
  return { code: textIn(fields, 'kind') ?? textIn(fields, 'code'), words }
}
