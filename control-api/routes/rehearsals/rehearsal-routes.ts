// /api/rehearsals: run a scenario against the simulated carrier and agent, and watch (GET /api/events?detail=node).
import { Type } from '@fastify/type-provider-typebox'
import type { AuditLog } from '../../access/audit-log.ts'
import type { Database } from '../../db/database.ts'
import type { HttpServer } from '../../http-server.ts'
import type { RehearsalRuns } from '../../rehearsals/rehearsal-runs.ts'
import { problem } from '../problem.ts'
import { runSchema, runSummarySchema, viewRun, viewRunSummary } from './rehearsal-view.ts'

export interface RehearsalRoutesDeps {
  readonly runs: RehearsalRuns
  readonly database: Pick<Database, 'write'>
  readonly audit: Pick<AuditLog, 'noted'>
}

const strict = { additionalProperties: false }
const tags = ['rehearsal']
const params = Type.Object({ run_id: Type.String({ maxLength: 64 }) })

export function rehearsalRoutes(app: HttpServer, deps: RehearsalRoutesDeps): void {
  scenariosRoute(app, deps)
  startRoute(app, deps)
  readRoutes(app, deps)
  cancelRoute(app, deps)
}

function scenariosRoute(app: HttpServer, { runs }: RehearsalRoutesDeps): void {
  const schema = {
    tags,
    operationId: 'listScenarios',
    summary: 'What can be rehearsed, and whether it can be here and now',
    response: {
      200: Type.Object(
        {
          items: Type.Array(
            Type.Object(
              {
                name: Type.String(),
                story: Type.String(),
                direction: Type.Enum(['inbound', 'outbound']),
                lasts_seconds: Type.Union([Type.Number(), Type.Null()], {
                  description: 'Of those that take much longer than a call usually does',
                }),
              },
              strict,
            ),
          ),
          available: Type.Boolean(),
          why_not: Type.Union([Type.String(), Type.Null()]),
        },
        strict,
      ),
    },
  }
  app.get('/api/rehearsals/scenarios', { schema }, async () => {
    const scenarios = await runs.scenarios()
    return {
      items: scenarios.map(({ lastsSeconds, ...facts }) => ({
        ...facts,
        lasts_seconds: lastsSeconds,
      })),
      available: runs.whyNot === null,
      why_not: runs.whyNot,
    }
  })
}

function startRoute(app: HttpServer, { runs, database, audit }: RehearsalRoutesDeps): void {
  const schema = {
    tags,
    operationId: 'startRehearsal',
    summary: 'Play a scenario, or all of them, in a process of its own; calls here are not touched',
    body: Type.Object(
      {
        scenario: Type.String({
          pattern: '^[a-z0-9-]{1,64}$',
          description: 'A name of the list of scenarios, or `all`',
        }),
      },
      strict,
    ),
    response: { 202: runSchema, 400: problem, 409: problem },
  }
  app.post('/api/rehearsals', { schema }, async (request, reply) => {
    const { scenario } = request.body
    const run = await runs.start(scenario)
    const noted = audit.noted(request.principal, 'rehearsal.started', run.runId, { scenario })
    try {
      await database.write([noted])
    } catch (error) {
      // What is not noted is not done.
      await runs.cancel(run.runId)
      throw error
    }
    return reply.status(202).send(viewRun(run))
  })
}

function readRoutes(app: HttpServer, { runs }: RehearsalRoutesDeps): void {
  const list = {
    tags,
    operationId: 'listRehearsals',
    summary: 'The last runs, newest first; they are kept in memory only',
    response: {
      200: Type.Object({ items: Type.Array(runSummarySchema), next_cursor: Type.Null() }, strict),
    },
  }
  app.get('/api/rehearsals', { schema: list }, () => ({
    items: runs.list().map(viewRunSummary),
    next_cursor: null,
  }))
  const one = {
    tags,
    operationId: 'getRehearsal',
    summary: 'A run: the results so far, each with its ladder',
    params,
    response: { 200: runSchema, 404: problem },
  }
  app.get('/api/rehearsals/:run_id', { schema: one }, (request) =>
    viewRun(runs.find(request.params.run_id)),
  )
}

function cancelRoute(app: HttpServer, { runs, database, audit }: RehearsalRoutesDeps): void {
  const schema = {
    tags,
    operationId: 'cancelRehearsal',
    summary: 'End a run; nothing of it runs any more when this is answered',
    params,
    response: { 204: { type: 'null', description: 'It is over' }, 404: problem },
  }
  app.delete('/api/rehearsals/:run_id', { schema }, async (request, reply) => {
    const { runId, state } = runs.find(request.params.run_id)
    if (state === 'running')
      await database.write([audit.noted(request.principal, 'rehearsal.canceled', runId)])
    await runs.cancel(runId)
    return reply.status(204).send()
  })
}
