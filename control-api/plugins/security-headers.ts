// What a browser may do with our answers: nothing but show them.
import type { FastifyReply } from 'fastify'
import type { HttpServer } from '../http-server.ts'

const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"

/** For our own page: its own script, style and requests, nothing inline and nothing from outside. */
export const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Swagger UI writes style elements of its own and has its pictures inline. */
export const DOCS_POLICY = CONSOLE_POLICY.replace(
  "style-src 'self'",
  "style-src 'self' 'unsafe-inline'",
)

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
}
