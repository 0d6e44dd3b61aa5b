// /api/session: the console signs in with a key, asks who it is, and signs out.
import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '#core/errors'
import type { KeyCheck } from '../../access/key-check.ts'
import type { KeyRing } from '../../access/key-ring.ts'
import type { SessionCookie } from '../../access/session-cookie.ts'
import type { Sessions } from '../../access/sessions.ts'
import { mayUse, type HttpServer } from '../../http-server.ts'
import { problem } from '../problem.ts'
import { roleSchema } from './key-body.ts'
import { viewTime } from '../../view-parts.ts'

export interface SessionRoutesDeps {
  readonly keys: KeyRing
  readonly sessions: Sessions
  readonly cookie: SessionCookie
  readonly checkKey: KeyCheck
}

const tags = ['access']
const whoSchema = Type.Object({
  key_id: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  role: roleSchema,
  expires_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
    description: 'Of the session, or of the key that was sent; null: never',
  }),
})

export function sessionRoutes(app: HttpServer, deps: SessionRoutesDeps): void {
  signInRoute(app, deps)
  const { keys, sessions, cookie } = deps
  const whoOptions = {
    schema: { tags, summary: 'Who am I?', response: { 200: whoSchema, '4xx': problem } },
  }
  app.get('/api/session', whoOptions, async (request) => {
    const { keyId, role, by } = request.principal
    const key = keys.find(keyId)
    const session = by === 'session' ? await sessions.find(cookie.read(request) ?? '') : undefined
    const expiresAt = session?.expiresAt ?? key?.expiresAt ?? null
    return { key_id: keyId, name: key?.name ?? null, role, expires_at: viewTime(expiresAt) }
  })

  const signOutOptions = {
    config: { access: 'viewer' } as const,
    schema: {
      operationId: 'signOut',
      tags,
      summary: 'Sign out: the session is over',
      response: { 204: Type.Null(), '4xx': problem },
    },
  }
  app.delete('/api/session', signOutOptions, async (request, reply) => {
    const value = cookie.read(request)
    if (request.principal.by === 'session' && value !== undefined) await sessions.close(value)
    cookie.clear(request, reply)
    return reply.status(204).send(null)
  })
}

function signInRoute(app: HttpServer, { sessions, cookie, checkKey }: SessionRoutesDeps): void {
  const options = {
    config: { access: 'open' } as const,
    schema: {
      operationId: 'signIn',
      tags,
      summary: 'Sign in with a key: a session for the console, in a cookie',
      body: Type.Object(
        { key: Type.String({ minLength: 1, maxLength: 512 }) },
        { additionalProperties: false },
      ),
      response: { 200: whoSchema, '4xx': problem },
    },
  }
  app.post('/api/session', options, async (request, reply) => {
    const key = checkKey(request.ip, request.body.key)
    if (!mayUse(key.role, 'viewer')) {
      const detail = `The console needs the role viewer; this key's is ${key.role}.`
      throw new AppError('FORBIDDEN', detail)
    }
    // Whoever sat here before is out: their session must not live on behind a cookie that is gone.
    const former = cookie.read(request)
    const isSession = former !== undefined && (await sessions.find(former)) !== undefined
    const session = await sessions.open(key)
    if (isSession) await sessions.close(former)
    cookie.write(request, reply, session.cookie, session.expiresAt)
    const { id, name, role } = key
    return { key_id: id, name, role, expires_at: viewTime(session.expiresAt) }
  })
}
