// Errors as D-ID words them (docs.d-id.com/reference, OpenAPI 4.2.1), and as the gateway before it does.
import { Refusal, type Answer, type RefusalKind } from '#simulators/animation-studio'
import type { DIdOptions } from './options.ts'

export const answerOf = (status: number, kind: string, description: string): Answer => ({
  status,
  body: { kind, description },
})

const gatewayAnswer = (
  status: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): Answer => ({ status, body: { message }, headers })

export const refusal = (status: number, kind: string, description: string): Refusal =>
  new Refusal(answerOf(status, kind, description))

export const badRequest = (description: string): Refusal =>
  refusal(400, 'BadRequestError', description)

export const notFound = (): Refusal => refusal(404, 'NotFoundError', 'not found')

export const unauthorized = ({ unauthorizedShape }: DIdOptions): Answer =>
  unauthorizedShape === 'gateway'
    ? gatewayAnswer(401, 'Unauthorized')
    : answerOf(401, 'AuthorizationError', 'user unauthenticated')

export function rateLimited({ rateLimitShape }: DIdOptions, retryAfterSeconds: number): Answer {
  const headers = { 'retry-after': String(retryAfterSeconds) }
  return rateLimitShape === 'own'
    ? { ...answerOf(429, 'TooManyRequestsError', 'too many requests'), headers }
    : gatewayAnswer(429, 'Too Many Requests', headers)
}

export const noCredit = (): Answer =>
  answerOf(402, 'InsufficientCreditsError', 'not enough credits')

export const PAYLOAD_TOO_LARGE = gatewayAnswer(413, 'Request Too Long')

/** A submission that is refused on purpose. */
export function wordsFor(why: RefusalKind, options: DIdOptions, retryAfterSeconds: number): Answer {
  switch (why) {
    case 'moderation':
      return answerOf(451, 'ImageModerationError', 'image moderation failed')
    case 'text-moderation':
      return answerOf(451, 'TextModerationError', 'text moderation failed')
    case 'celebrity':
      return answerOf(451, 'CelebrityRecognizedError', 'celebrity recognized')
    case 'no-credit':
      return noCredit()
    case 'bad-face':
      return answerOf(400, 'InvalidFaceError', 'face not detected')
    case 'permission':
      return answerOf(403, 'PermissionError', 'no permission for talks')
    case 'wrong-key':
      return unauthorized(options)
    case 'rate-limited':
      return rateLimited(options, retryAfterSeconds)
    default:
      return why satisfies never
  }
}
