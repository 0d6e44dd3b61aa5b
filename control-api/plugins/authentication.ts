// Who sent a request, and whether they may: a key in the header, or the console's session.
import { isLoopback } from '#core/config'
import { AppError } from '#core/errors'
import type { FastifyRequest } from 'fastify'
import type { Metrics } from '#core/telemetry'
import { isOurs } from '../access/api-key.ts'
import type { KeyCheck } from '../access/key-check.ts'
import type { KeyRing, KnownKey } from '../access/key-ring.ts'
import type { SessionCookie } from '../access/session-cookie.ts'
import type { Sessions } from '../access/sessions.ts'
import { isFromHere } from '../from-here.ts'
import { accessOf, mayUse, type Access, type HttpServer, type Principal } from '../http-server.ts'
import { CONSOLE_ASSETS } from './console-files.ts'
import { createOriginCheck, isActing } from './own-origin.ts'
import type { RequestLimit } from './request-limit.ts'

export interface AuthenticationDeps {
  readonly keys: KeyRing
  readonly sessions: Sessions
  readonly cookie: SessionCookie
  readonly checkKey: KeyCheck
  readonly limit: RequestLimit
  readonly metrics: Metrics
}

export interface AuthenticationConfig {
  readonly httpHost: string
  readonly publicUrl?: string | undefined
}

/** Whoever asks a route that is open to everybody. */
const ANYBODY: Principal = { keyId: 'anybody', role: 'metrics', by: 'nobody' }
/** Rehearsal: nothing needs a key. */
const REHEARSAL: Principal = { keyId: 'rehearsal', role: 'admin', by: 'nobody' }

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i
const IS_BEARER = /^Bearer\b/i
/** As a shell sends it whose variable is not set. */
const IS_EMPTY = /^Bearer *$/i

const withoutKey = (authorization: string): string =>
  IS_EMPTY.test(authorization)
    ? 'The Authorization header ends behind "Bearer", without a key.'
    : 'The Authorization header is not "Bearer KEY".'

export function installAuthentication(
  app: HttpServer,
  deps: AuthenticationDeps,
  config: AuthenticationConfig,
): void {
  const metricsAreOpen = isLoopback(config.httpHost)
  const whoIs = createIdentification(deps, config)
  app.decorateRequest('principal')
  // Routes of plugins that are not ours: they cannot say it themselves.
  app.addHook('onRoute', (route) => {
    if (isFileOfPages(route.url)) route.config = { ...route.config, access: 'open' }
  })
  app.addHook('onRequest', async (request) => {
    const access = accessTo(request)
    request.principal = deps.keys.required ? ANYBODY : REHEARSAL
    const refusal = await identify(request, access)
    await deps.limit(request)
    if (refusal) throw refusal
    if (access !== 'open' && !mayUse(request.principal.role, access)) {
      const { role } = request.principal
      throw new AppError('FORBIDDEN', `This needs the role ${access}; this key's is ${role}.`)
    }
  })

  /** Why not, when they cannot be known; limits hold for them as well. */
  async function identify(request: FastifyRequest, access: Access): Promise<AppError | undefined> {
    if (access === 'open') return undefined
    try {
      request.principal = (await whoIs(request)) ?? request.principal
    } catch (error) {
      if (error instanceof AppError) return error
      throw error
    }
    const isKnown = request.principal !== ANYBODY
    return isKnown ? undefined : new AppError('UNAUTHENTICATED', 'No API key was sent.')
  }

  function accessTo(request: FastifyRequest): Access {
    // An unknown path has nothing to hide; it answers 404 to everybody.
    if (request.is404) return 'open'
    const access = accessOf(request.method, request.routeOptions.config)
    const isOpen = access === 'metrics' && metricsAreOpen && isFromHere(request)
    return isOpen ? 'open' : access
  }
}

type Identification = (request: FastifyRequest) => Promise<Principal | undefined>

function createIdentification(
  { keys, sessions, cookie, checkKey, metrics }: AuthenticationDeps,
  { publicUrl }: AuthenticationConfig,
): Identification {
  const originOf = createOriginCheck(publicUrl === undefined ? undefined : new URL(publicUrl))
  return async (request) => {
    const { authorization } = request.headers
    const value = cookie.read(request)
    // The header wins: a program says who it is, a browser only has been told to.
    if (authorization !== undefined && (value === undefined || IS_BEARER.test(authorization)))
      return byKey(request, authorization)
    return value === undefined ? undefined : bySession(request, value)
  }

  function byKey(request: FastifyRequest, authorization: string): Principal | undefined {
    const key = BEARER.exec(authorization)?.[1]
    // In rehearsal a key of ours still is what it is, so that roles can be tried; anything else is as good as none.
    if (!keys.required && (key === undefined || !isOurs(key))) return undefined
    if (key === undefined) throw new AppError('UNAUTHENTICATED', withoutKey(authorization))
    const known = checkKey(request.ip, key)
    return principalOf(known, 'key', () => Promise.resolve(keys.find(known.id)?.role))
  }

  async function bySession(request: FastifyRequest, value: string): Promise<Principal | undefined> {
    const session = await sessions.find(value)
    if (!session) {
      if (!keys.required) return undefined
      throw new AppError('UNAUTHENTICATED', 'The session is over: sign in again.')
    }
    if (isActing(request) && originOf(request) !== 'ours') {
      metrics.add('http_refused_total', 1, { reason: 'origin' })
      throw new AppError('ORIGIN_NOT_ALLOWED', 'A session acts from pages of ours alone.')
    }
    return principalOf(session.key, 'session', async () => (await sessions.find(value))?.key.role)
  }
}

const principalOf = (
  { id, role, budget }: KnownKey,
  by: 'key' | 'session',
  roleNow: NonNullable<Principal['roleNow']>,
): Principal => ({
  keyId: id,
  role,
  by,
  ...(budget === null ? {} : { budget }),
  roleNow,
})

/** @fastify/swagger-ui and @fastify/static. */
const isFileOfPages = (url: string): boolean =>
  ['/docs', CONSOLE_ASSETS].some((top) => url === top || url.startsWith(`${top}/`))
