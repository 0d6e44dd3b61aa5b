// What a browser may do with our answers: nothing but show them.
import type { FastifyReply } from 'fastify'
import type { HttpServer } from '../http-server.ts'

const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"

/** Of our pages: nothing from outside, nowhere to send a form, in nobody's frame. */
const OWN_PAGES = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
]

/**
 * Style elements are written by its components, which know the nonce; pictures and sound it makes itself are `blob:`.
 * @param nonce another one with each answer
 * @param bucketOrigin where browsers are sent to for photos and videos (S3_READS=presigned); undefined: they come from us
 */
export function consolePolicy(nonce: string, bucketOrigin?: string): string {
  // A redirect is held to the policy as well.
  const bucket = bucketOrigin === undefined ? '' : ` ${bucketOrigin}`
  return [
    ...OWN_PAGES,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data: blob:${bucket}`,
    `media-src 'self' blob:${bucket}`,
    "font-src 'self'",
  ].join('; ')
}

/** Swagger UI writes style elements of its own and has its pictures inline. */
export const DOCS_POLICY = [
  ...OWN_PAGES,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
].join('; ')

export function installSecurityHeaders(app: HttpServer): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    setSecurityHeaders(reply)
    done(null, payload)
  })
}

/** For answers that meet no hook, too. */
export function setSecurityHeaders(reply: FastifyReply): void {
  if (!reply.hasHeader('content-security-policy')) {
    reply.header('content-security-policy', API_POLICY)
  }
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  reply.header('x-content-type-options', 'nosniff')
  reply.header('x-frame-options', 'DENY')
  reply.header('referrer-policy', 'no-referrer')
  reply.header('cross-origin-resource-policy', 'same-origin')
  reply.header('cross-origin-opener-policy', 'same-origin')
}
