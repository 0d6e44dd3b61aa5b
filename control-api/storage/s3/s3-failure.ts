// What a bucket's refusals and failures are to us. Their texts name keys, buckets and addresses: only codes are kept.
import { AppError } from '#core/errors'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const NO_SUCH_KEY = new Set(['NoSuchKey', 'NotFound'])

/** There is no such object. A HEAD has no body to say so: any 404 but of the bucket. */
export const isNoObject = (error: unknown): boolean => NO_SUCH_KEY.has(s3CodeOf(error))

/** The range begins behind the end. */
export const isNoRange = (error: unknown): boolean => statusOf(error) === 416

/** Asking again will not help: the bucket, its region or the key to it is wrong, or the key may not do this. */
export function isRefusal(error: unknown): boolean {
  if (s3CodeOf(error) === 'CredentialsProviderError') return true
  const status = statusOf(error)
  return status !== undefined && REFUSED.has(status) && !PASSING.has(s3CodeOf(error))
}

const REFUSED = new Set([301, 400, 401, 403, 404])
/** Of status 400 and 403, and yet of the moment. A clock that is wrong is named like them. */
const PASSING = new Set(['RequestTimeout', 'SlowDown', 'ExpiredToken', 'InternalError'])

/** Of HTTP; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const metadata = fieldOf(error, '$metadata')
  const status = fieldOf(metadata, 'httpStatusCode')
  return typeof status === 'number' ? status : undefined
}

/** `NoSuchKey`, `AccessDenied`; of what was no answer the system's code, such as `ECONNREFUSED`. */
export function s3CodeOf(error: unknown): string {
  const names = [fieldOf(error, 'name'), fieldOf(error, 'code')]
  const ordered = statusOf(error) === undefined ? names.toReversed() : names
  // The name is what the server wrote.
  const code = ordered.find(
    (name) => typeof name === 'string' && /^[A-Za-z0-9_.]{1,64}$/.test(name),
  )
  if (typeof code !== 'string' || code === 'Error') return 'unknown reason'
  // The client's word for an answer without a body, such as any to a HEAD.
  return code.startsWith('Unknown') ? `HTTP ${statusOf(error) ?? 'unknown'}` : code
}

export function s3Failure(error: unknown): AppError {
  const code = s3CodeOf(error)
  const status = statusOf(error)
  return new AppError('STORAGE_UNAVAILABLE', `The media store in the bucket failed (${code}).`, {
    details: { system_code: code, ...(status === undefined ? {} : { status }) },
  })
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
