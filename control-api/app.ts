// The whole HTTP application on one page.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import fastify, { type FastifyHttpOptions } from 'fastify'
import cookies from '@fastify/cookie'
import type { SipTrace } from '#core/contracts'
import type { LogLevelSwitch } from '#core/telemetry'
import type { AccessControl } from './access/open-access.ts'
import type { PageCursors } from './calls/page-cursor.ts'
import type { IdempotencyStore } from './db/idempotency-store.ts'
import { CLIENT_LIMITS, type ClientLimits } from './events/event-clients.ts'
import type { Feature, Platform } from './features.ts'
import type { HttpServer } from './http-server.ts'
import { installApiDocs, openApiRoute } from './plugins/api-docs.ts'
import { installAuthentication } from './plugins/authentication.ts'
import { installBodyDepth } from './plugins/body-depth.ts'
import { linkOrigin } from './storage/s3/link-origin.ts'
import type { S3Config } from '#core/config'
import { installConsole } from './plugins/console-files.ts'
import { createRunOnce } from './plugins/idempotency.ts'
import {
  HTTP_LIMITS,
  httpLimitOptions,
  installHttpLimits,
  installPlainBodies,
  parserLimits,
  type HttpLimits,
} from './plugins/http-limits.ts'
import { installProblemDetails, sendProblem } from './plugins/problem-details.ts'
import { installRequestLimit } from './plugins/request-limit.ts'
import { installRequestTelemetry, newRequestId } from './plugins/request-telemetry.ts'
import { compileWhenAsked } from './plugins/lazy-validation.ts'
import { listRoutes, type ListedRoute } from './plugins/route-list.ts'
import { installSecurityHeaders, setSecurityHeaders } from './plugins/security-headers.ts'
import { installServedHosts } from './plugins/served-hosts.ts'
import { installWebSockets, isUpgrade } from './plugins/web-sockets.ts'
import type { ReadinessSwitch } from './readiness.ts'
import { accessRoutes } from './routes/access/access-routes.ts'
import { callRoutes } from './routes/calls/call-routes.ts'
import { howToRoute, type HowTo } from './routes/how-to.ts'
import { logLevelRoutes } from './routes/log-level.ts'
import { operationRoutes } from './routes/operation.ts'
import { trunkRoutes } from './routes/trunks/trunk-routes.ts'
import { NO_TRUNKS, type TrunkStates } from './routes/trunks/trunk-view.ts'

const BODY_LIMIT_BYTES = 64 * 1024
const REQUESTS_PER_SECOND = 300

export interface AppDeps extends Platform {
  readonly features: readonly Feature[]
  readonly cursors: PageCursors
  readonly idempotency: IdempotencyStore
  readonly access: AccessControl
  readonly readiness: ReadinessSwitch
  readonly sipTrace: SipTrace
  readonly logLevel: LogLevelSwitch
}

export interface AppConfig {
  readonly httpHost: string
  readonly publicUrl?: string | undefined
  readonly version: string
  readonly rehearsal: boolean
  /** Of the built console; absent: there is none. */
  readonly consoleDirectory?: string | undefined
  /** Where files are kept, when not on the disk. */
  readonly s3?: S3Config | undefined
  readonly defaultAgentId: string | undefined
  readonly howTo: () => HowTo
  readonly trunks?: () => TrunkStates
  /** Addresses, or networks, of proxies whose X-Forwarded-For and -Proto are believed; none by default. */
  readonly trustedProxies?: readonly string[] | undefined
  /** Of one key, or of one address without a key; 300 unless told. */
  readonly requestsPerSecond?: number
  /** Of its WebSockets. */
  readonly eventLimits?: Pick<ClientLimits, 'handshakeMs'>
  /** Other than HTTP_LIMITS, in tests. */
  readonly httpLimits?: Partial<HttpLimits>
}

export interface App {
  readonly server: HttpServer
  readonly routes: readonly ListedRoute[]
}

const SERVER_OPTIONS = {
  genReqId: newRequestId,
  logger: false, // Request lines are ours (plugins/request-telemetry): route patterns, never paths or queries.
  bodyLimit: BODY_LIMIT_BYTES,
  forceCloseConnections: 'idle',
  // What still comes while it closes is answered like anything else, and its connection then closed.
  return503OnClosing: false,
  routerOptions: { maxParamLength: 128 },
} as const satisfies FastifyHttpOptions<Server>

export async function createApp(deps: AppDeps, config: AppConfig): Promise<App> {
  const { logger, metrics, access } = deps
  const { requestsPerSecond: perSecond = REQUESTS_PER_SECOND } = config
  const limits = { ...HTTP_LIMITS, ...config.httpLimits }
  const ownPace = new WeakSet<Socket>()
  const app: HttpServer = fastify({
    ...SERVER_OPTIONS,
    ...httpLimitOptions(limits, metrics, ownPace),
    // What asks for another protocol than ours (curl --http2 does) is answered as if it had not (RFC 9110 §7.8).
    http: { ...parserLimits(limits), shouldUpgradeCallback: isUpgrade },
    trustProxy: config.trustedProxies?.length ? [...config.trustedProxies] : false,
    // A path that cannot be decoded meets no hook and no handler.
    frameworkErrors: (_error, request, reply) => {
      const detail = 'The path of the request cannot be decoded.'
      setSecurityHeaders(reply)
      void sendProblem(request, reply, { code: 'REQUEST_INVALID', detail })
    },
  })
  app.setValidatorCompiler(compileWhenAsked)
  // The schemas describe the answers for /docs; tests hold the views to them. No second rendering at run time.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body))

  installProblemDetails(app, logger)
  installRequestTelemetry(app, logger, metrics)
  installSecurityHeaders(app)
  installHttpLimits(app, limits, metrics, { ownPace, trustedProxies: config.trustedProxies })
  installServedHosts(app, config, metrics)
  await app.register(cookies)
  const limit = await installRequestLimit(app, metrics, { perSecond })
  installAuthentication(app, { ...access, limit, metrics }, config)
  const routes = listRoutes(app)
  installPlainBodies(app, metrics)
  installBodyDepth(app)
  await installApiDocs(app, config.version)

  const runOnce = createRunOnce(deps.idempotency, logger)
  operationRoutes(app, deps, config.version)
  logLevelRoutes(app, deps)
  accessRoutes(app, { ...deps, ...access })
  callRoutes(app, deps)
  for (const feature of deps.features) feature.routes?.(app, runOnce)
  const { handshakeMs } = config.eventLimits ?? CLIENT_LIMITS
  installWebSockets(app, deps.features, handshakeMs)
  howToRoute(app, { howTo: config.howTo, rehearsal: config.rehearsal })
  trunkRoutes(app, config.trunks ?? NO_TRUNKS)
  const { consoleDirectory: directory, s3 } = config
  const bucketOrigin = s3?.reads === 'presigned' ? linkOrigin(s3) : undefined
  await installConsole(app, logger, { directory, bucketOrigin })
  openApiRoute(app)
  await app.ready()
  return { server: app, routes }
}
