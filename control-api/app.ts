// The whole HTTP application on one page.
import fastify, { type FastifyServerOptions } from 'fastify'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { SipTrace } from '#core/contracts'
import type { PageCursors } from './calls/page-cursor.ts'
import type { IdempotencyStore } from './db/idempotency-store.ts'
import type { Feature, Platform } from './features.ts'
import type { HttpServer } from './http-server.ts'
import type { KeyRing } from './keys/key-ring.ts'
import { installApiDocs, openApiRoute } from './plugins/api-docs.ts'
import { installAuthentication } from './plugins/authentication.ts'
import { installBodyDepth } from './plugins/body-depth.ts'
import { createRunOnce } from './plugins/idempotency.ts'
import { installProblemDetails, sendProblem } from './plugins/problem-details.ts'
import { installRequestTelemetry } from './plugins/request-telemetry.ts'
import { installSecurityHeaders, setSecurityHeaders } from './plugins/security-headers.ts'
import { installServedHosts } from './plugins/served-hosts.ts'
import type { ReadinessSwitch } from './readiness.ts'
import { callRoutes } from './routes/calls/call-routes.ts'
import { consoleRoutes, type HowTo } from './routes/console.ts'
import { notBuiltRoutes } from './routes/not-built.ts'
import { operationRoutes } from './routes/operation.ts'

const BODY_LIMIT_BYTES = 64 * 1024
/** A request that trickles in holds a socket no longer than this. */
const REQUEST_TIMEOUT_MS = 30_000

export interface AppDeps extends Platform {
  readonly features: readonly Feature[]
  readonly cursors: PageCursors
  readonly idempotency: IdempotencyStore
  readonly keys: KeyRing
  readonly readiness: ReadinessSwitch
  readonly sipTrace: SipTrace
}

export interface AppConfig {
  readonly httpHost: string
  readonly publicUrl?: string | undefined
  readonly version: string
  readonly rehearsal: boolean
  readonly defaultAgentId: string | undefined
  readonly howTo: () => HowTo
}

const SERVER_OPTIONS = {
  logger: false, // Request lines are ours (plugins/request-telemetry): route patterns, never paths or queries.
  bodyLimit: BODY_LIMIT_BYTES,
  requestTimeout: REQUEST_TIMEOUT_MS,
  forceCloseConnections: 'idle',
  // What still comes while it closes is answered like anything else, and its connection then closed.
  return503OnClosing: false,
  routerOptions: { maxParamLength: 128 },
} as const satisfies FastifyServerOptions

export async function createApp(deps: AppDeps, config: AppConfig): Promise<HttpServer> {
  const { logger, metrics } = deps
  const app: HttpServer = fastify({
    ...SERVER_OPTIONS,
    // A path that cannot be decoded meets no hook and no handler.
    frameworkErrors: (_error, request, reply) => {
      const detail = 'The path of the request cannot be decoded.'
      setSecurityHeaders(reply)
      void sendProblem(request, reply, { code: 'REQUEST_INVALID', detail })
    },
  })
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  // The schemas describe the answers for /docs; tests hold the views to them. No second rendering at run time.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body))

  installProblemDetails(app, logger)
  installRequestTelemetry(app, logger, metrics)
  installSecurityHeaders(app)
  installServedHosts(app, config)
  installAuthentication(app, deps.keys, config.httpHost)
  installBodyDepth(app)
  await installApiDocs(app, config.version)

  const runOnce = createRunOnce(deps.idempotency, logger)
  operationRoutes(app, deps, config.version)
  callRoutes(app, { ...deps, runOnce }, config)
  for (const feature of deps.features) feature.routes?.(app, runOnce)
  consoleRoutes(app, { howTo: config.howTo, rehearsal: config.rehearsal })
  notBuiltRoutes(app)
  openApiRoute(app)
  await app.ready()
  return app
}
