// Why the vendor did not speak, in words: from its status and the slug in its body, never from its free
// text, which may repeat ours.
import { connectionFaultOf } from '#core/errors'

/** The shape of the library's errors that is looked at. */
interface VendorError {
  readonly statusCode?: unknown
  readonly body?: unknown
  readonly cause?: unknown
}

export function describeRefusal(error: unknown, voiceId: string): string {
  if (!(error instanceof Error)) return 'the vendor could not be asked'
  const { statusCode, body, cause }: VendorError = error
  if (typeof statusCode === 'number') return describeAnswer(statusCode, body, voiceId)
  if (error.constructor.name === 'ElevenLabsTimeoutError' || error.name === 'TimeoutError')
    return 'the vendor did not answer in time'
  return `the vendor could not be reached (${connectionFaultOf(cause ?? error)})`
}

/** An answer other than 2xx; its body as it was decoded. */
export function describeAnswer(status: number, body: unknown, voiceId: string): string {
  const slug = slugOf(body)
  const answered = `the vendor answered ${status}${slug === undefined ? '' : ` ${slug}`}`
  if (slug === 'quota_exceeded' || status === 402)
    return `${answered}: the account's quota is used up`
  switch (status) {
    case 401:
      return `${answered}: the key is not valid, or may not speak`
    case 403:
      return `${answered}: the key may not do this`
    case 404:
      return `${answered}: the voice ${voiceId} is not known`
    case 422:
      return `${answered}: the text, model or language was not accepted`
    case 429:
      return `${answered}: too much was asked at once`
    default:
      return status >= 500 ? `${answered}: it is out of order` : answered
  }
}

/** `{"detail":{"status":"quota_exceeded",…}}`, or `code` in newer bodies. */
function slugOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('detail' in body)) return undefined
  const { detail } = body
  if (typeof detail !== 'object' || detail === null) return undefined
  const slug = 'status' in detail ? detail.status : 'code' in detail ? detail.code : undefined
  return typeof slug === 'string' && /^[a-z_]{1,64}$/.test(slug) ? slug : undefined
}
