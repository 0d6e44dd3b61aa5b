// Answers and errors as HeyGen v3 words them: `{data}`, `{error: {code, message, param}}`.
import { Refusal, type Answer, type RefusalKind } from '#simulators/animation-studio'

export const dataOf = (data: unknown, more: object = {}): Answer => ({
  status: 200,
  body: { data, ...more },
})

export const errorOf = (
  status: number,
  code: string,
  message: string,
  more: { readonly param?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Answer => ({
  status,
  body: {
    error: { code, message, ...(more.param === undefined ? {} : { param: more.param }) },
  },
  headers: more.headers,
})

export const refusal = (status: number, code: string, message: string): Refusal =>
  new Refusal(errorOf(status, code, message))

export const invalid = (param: string, message: string): Refusal =>
  new Refusal(errorOf(400, 'invalid_parameter', `${param}: ${message}`, { param }))

export const notFound = (what: string): Refusal => refusal(404, 'not_found', `${what} not found`)

export const unauthorized = (): Answer =>
  errorOf(401, 'unauthorized', 'the API key is missing or wrong')

export const rateLimited = (retryAfterSeconds: number): Answer =>
  errorOf(429, 'rate_limit_exceeded', 'too many requests', {
    headers: { 'retry-after': String(retryAfterSeconds) },
  })

export const noCredit = (): Answer =>
  errorOf(402, 'insufficient_credit', 'not enough credits for this video')

export const PAYLOAD_TOO_LARGE = errorOf(413, 'payload_too_large', 'the file is larger than 32 MB')

export const RETIRED: Answer = {
  status: 410,
  body: { code: 400_410, data: null, message: 'API v1 and v2 are retired: use v3' },
}

/** A submission that is refused on purpose. */
export function wordsFor(why: RefusalKind, retryAfterSeconds: number): Answer {
  switch (why) {
    case 'moderation':
      return errorOf(400, 'content_moderation_failed', 'the image was refused by moderation')
    case 'text-moderation':
      return errorOf(400, 'content_moderation_failed', 'the script was refused by moderation')
    case 'celebrity':
      return errorOf(400, 'content_moderation_failed', 'a public figure was recognised')
    case 'bad-face':
      return errorOf(400, 'invalid_parameter', 'image: no face was found', { param: 'image' })
    case 'no-credit':
      return noCredit()
    case 'permission':
      return errorOf(403, 'forbidden', 'the plan does not allow this')
    case 'wrong-key':
      return unauthorized()
    case 'rate-limited':
      return rateLimited(retryAfterSeconds)
    default:
      return why satisfies never
  }
}
