// Routes for whoever runs this: liveness, readiness, metrics.
import { Type } from '@fastify/type-provider-typebox'
import type { CallControl } from '#core/contracts'
import { messageOf } from '#core/errors'
import type { LabelsOf, Logger, Metrics } from '#core/telemetry'
import type { Database } from '../db/database.ts'
import type { HttpServer } from '../http-server.ts'
import type { ReadinessSwitch } from '../readiness.ts'

/** Answers of the database are good for so long: whoever asks /ready often must not load it. */
const CHECK_EVERY_MS = 1000

export interface OperationDeps {
  readonly database: Database
  readonly metrics: Metrics
  readonly logger: Logger
  readonly readiness: ReadinessSwitch
  /** Undefined before the gateway is up. */
  readonly callControl: () => CallControl | undefined
}

const healthSchema = Type.Object({ status: Type.Literal('ok'), version: Type.String() })

const readySchema = Type.Object({
  status: Type.Enum(['starting', 'ready', 'draining', 'failing']),
  checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean() })),
})

export function operationRoutes(app: HttpServer, deps: OperationDeps, version: string): void {
  const paths = [
    ['/health', 'getHealth'],
    ['/api/health', 'getApiHealth'],
  ] as const
  for (const [url, operationId] of paths) {
    app.get(
      url,
      {
        config: { access: 'open' },
        schema: {
          operationId,
          tags: ['operation'],
          summary: 'Is the process alive?',
          security: [],
          response: { 200: healthSchema },
        },
      },
      () => ({ status: 'ok' as const, version }),
    )
  }
  const parts = partsOf(deps)
  exposeParts(deps, parts)
  readyRoute(app, deps, parts)
  metricsRoute(app, deps.metrics)
}

/** A part that no work is done without. */
interface Part {
  readonly name: 'database' | 'sip'
  readonly component: LabelsOf<'component_up'>['component']
  readonly isUp: () => Promise<boolean> | boolean
}

const partsOf = (deps: OperationDeps): readonly Part[] => [
  { name: 'database', component: 'database', isUp: rarely(databaseCheck(deps)) },
  {
    name: 'sip',
    component: 'sip-server',
    isUp: () => deps.callControl()?.isConnected() ?? false,
  },
]

/** What /ready says, as metrics. */
function exposeParts({ metrics, readiness }: OperationDeps, parts: readonly Part[]): void {
  metrics.onScrape('draining', () =>
    metrics.set('draining', readiness.get() === 'draining' ? 1 : 0),
  )
  for (const { component, isUp } of parts)
    metrics.onScrape(component, async () =>
      metrics.set('component_up', (await isUp()) ? 1 : 0, { component }),
    )
}

function readyRoute(app: HttpServer, deps: OperationDeps, parts: readonly Part[]): void {
  app.get(
    '/ready',
    {
      config: { access: 'open' },
      schema: {
        tags: ['operation'],
        summary:
          'May this process be sent work? 503 while starting, draining, or when a check fails',
        security: [],
        response: { 200: readySchema, 503: readySchema },
      },
    },
    async (_request, reply) => {
      const checks = await Promise.all(
        parts.map(async ({ name, isUp }) => ({ name, ok: await isUp() })),
      )
      const state = deps.readiness.get()
      const healthy = checks.every(({ ok }) => ok)
      const status = state === 'ready' && !healthy ? ('failing' as const) : state
      return reply.status(status === 'ready' ? 200 : 503).send({ status, checks })
    },
  )
}

function metricsRoute(app: HttpServer, metrics: Metrics): void {
  app.get(
    '/metrics',
    {
      config: { access: 'metrics' },
      schema: {
        tags: ['operation'],
        summary: 'Prometheus metrics; without a key on loopback only',
        produces: ['text/plain'],
      },
    },
    async (_request, reply) => {
      const { contentType, body } = await metrics.render()
      return reply.header('content-type', contentType).send(body)
    },
  )
}

/** Asks at most once a second; askers meanwhile share the answer, also one that is not there yet. */
function rarely(check: () => Promise<boolean>): () => Promise<boolean> {
  let last: { readonly askedAt: number; readonly answer: Promise<boolean> } | undefined
  return () => {
    const now = performance.now()
    if (!last || now - last.askedAt >= CHECK_EVERY_MS) last = { askedAt: now, answer: check() }
    return last.answer
  }
}

/** Says in the log when it begins to fail and when that is over, not each time it is asked. */
function databaseCheck({ database, logger }: OperationDeps): () => Promise<boolean> {
  let isFailing = false
  return async () => {
    try {
      await database.ping()
      if (isFailing) logger.info('the database works again')
      isFailing = false
    } catch (error) {
      if (!isFailing) logger.error({ reason: messageOf(error) }, 'the database does not work')
      isFailing = true
    }
    return !isFailing
  }
}
