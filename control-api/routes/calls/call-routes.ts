// /api/calls: place, list, look at and end calls.
import { Type } from '@fastify/type-provider-typebox'
import { decodeCallId, type CallControl, type MediaStore, type SipTrace } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import { callSchema, statusSchema, viewCall } from '../../calls/call-view.ts'
import type { PageCursors } from '../../calls/page-cursor.ts'
import type { CallRecorder } from '../../calls/recorder.ts'
import type { CallRepository } from '../../calls/repository.ts'
import { callIdsOf } from '../../calls/sip-summary.ts'
import { timelineItemSchema, viewTimeline } from '../../calls/timeline-view.ts'
import type { HttpServer } from '../../http-server.ts'
import type { RunOnce } from '../../plugins/idempotency.ts'
import { problemSchema } from '../../plugins/problem-details.ts'
import type { ReadinessSwitch } from '../../readiness.ts'
import { debugRoute } from './debug-route.ts'
import { findCall } from './find-call.ts'
import { listRoutes } from './list-routes.ts'
import { placeCall } from './place-call.ts'
import { recordingActionRoutes } from './recording-action-routes.ts'
import { recordingRoute } from './recording-route.ts'
import { reviewRoute } from './review-route.ts'
import { startCallSchema } from './start-call-body.ts'
import { transcriptRoute } from './transcript-route.ts'
import { transferRoute } from './transfer-route.ts'

export interface CallRoutesDeps {
  readonly calls: CallRepository
  readonly recorder: CallRecorder
  readonly cursors: PageCursors
  readonly clock: Clock
  readonly readiness: ReadinessSwitch
  readonly runOnce: RunOnce
  /** Undefined before the gateway is up. */
  readonly callControl: () => CallControl | undefined
  readonly sipTrace: SipTrace
  readonly mediaStore: MediaStore
}

const oneCall = Type.Object({ call_id: Type.String({ maxLength: 64 }) })
const problem = {
  description: 'What went wrong (RFC 9457)',
  content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
}
const tags = ['calls']

export function callRoutes(
  app: HttpServer,
  deps: CallRoutesDeps,
  options: { readonly defaultAgentId: string | undefined; readonly version: string },
): void {
  app.addSchema(problemSchema)
  startRoutes(app, deps, options.defaultAgentId)
  listRoutes(app, deps)
  readRoutes(app, deps)
  transcriptRoute(app, deps)
  debugRoute(app, deps, options.version)
  hangUpRoute(app, deps)
  transferRoute(app, deps)
  reviewRoute(app, deps)
  recordingRoute(app, deps)
  recordingActionRoutes(app, deps)
}

function startRoutes(
  app: HttpServer,
  deps: CallRoutesDeps,
  defaultAgentId: string | undefined,
): void {
  const schema = {
    tags,
    summary: 'Place a call; it is recorded and about to be dialled when this answers',
    headers: Type.Object({
      'idempotency-key': Type.Optional(
        Type.String({ description: 'The same key and body act once; kept 24 hours' }),
      ),
    }),
    body: startCallSchema,
    response: { 202: callSchema, '4xx': problem, '5xx': problem },
  }
  for (const url of ['/api/calls/start', '/api/calls']) {
    app.post(url, { schema }, (request, reply) =>
      deps.runOnce(request, reply, {
        status: 202,
        run: () => placeCall(deps, request.body, defaultAgentId),
      }),
    )
  }
}

function readRoutes(app: HttpServer, { calls, sipTrace }: CallRoutesDeps): void {
  app.get(
    '/api/calls/:call_id',
    {
      schema: {
        tags,
        summary: 'One call',
        params: oneCall,
        response: { 200: callSchema, 404: problem },
      },
    },
    async (request) => viewCall(await findCall(calls, request.params.call_id)),
  )
  app.get(
    '/api/calls/:call_id/timeline',
    {
      schema: {
        tags,
        summary: 'Everything that happened on a call, in order',
        params: oneCall,
        response: {
          200: Type.Object({ items: Type.Array(timelineItemSchema) }),
          404: problem,
        },
      },
    },
    async (request) => {
      const row = await findCall(calls, request.params.call_id)
      const events = await calls.events(row.call_id)
      const trace = await sipTrace.ofCall(callIdsOf(events))
      const messages = trace.kind === 'kept' ? trace.messages : []
      return { items: viewTimeline(row.created_at, events, messages) }
    },
  )
}

function hangUpRoute(app: HttpServer, deps: CallRoutesDeps): void {
  const schema = {
    tags,
    summary: 'End a call',
    params: oneCall,
    response: {
      202: Type.Object({ call_id: Type.String(), status: statusSchema }),
      404: problem,
      409: problem,
    },
  }
  app.post('/api/calls/:call_id/hangup', { schema }, async (request, reply) => {
    const callId = decodeCallId(request.params.call_id)
    if (callId !== undefined && deps.callControl()?.hangUp(callId) === true) {
      const status = deps.callControl()?.find(callId)?.status ?? 'ended'
      return reply.status(202).send({ call_id: callId, status })
    }
    const row = await findCall(deps.calls, request.params.call_id)
    if (row.status !== 'ended' && deps.callControl() === undefined) {
      throw new AppError('SIP_UNAVAILABLE', 'The gateway is not up yet.')
    }
    throw new AppError('CALL_ENDED', 'The call has ended already.')
  })
}
