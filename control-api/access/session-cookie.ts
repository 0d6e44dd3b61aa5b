// The cookie of a console session: out of reach of scripts and of other sites.
import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** How the document calls it; behind https it has the prefix. */
export const COOKIE_NAME = 'voicegate_session'
/** Browsers take such a name over https alone, and from no other host (RFC 6265bis §4.1.3.2). */
const SECURE_NAME = `__Host-${COOKIE_NAME}`

export interface SessionCookie {
  read(request: FastifyRequest): string | undefined
  write(request: FastifyRequest, reply: FastifyReply, value: string, expiresAt: number): void
  clear(request: FastifyRequest, reply: FastifyReply): void
}

export function createSessionCookie(publicUrl: string | undefined): SessionCookie {
  const isPublicSecure = publicUrl !== undefined && new URL(publicUrl).protocol === 'https:'
  const isSecure = (request: FastifyRequest): boolean =>
    isPublicSecure || request.protocol === 'https'
  const nameFor = (request: FastifyRequest): string =>
    isSecure(request) ? SECURE_NAME : COOKIE_NAME
  const optionsFor = (request: FastifyRequest): CookieSerializeOptions => ({
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    secure: isSecure(request),
  })
  return {
    read: (request) => request.cookies[nameFor(request)],
    write(request, reply, value, expiresAt) {
      const options = { ...optionsFor(request), expires: new Date(expiresAt) }
      reply.setCookie(nameFor(request), value, options)
    },
    clear(request, reply) {
      reply.clearCookie(nameFor(request), optionsFor(request))
    },
  }
}
