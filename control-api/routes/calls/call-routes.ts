// /api/calls: list, look at and end calls. Placing them: start-routes.ts.
import { Type } from '@fastify/type-provider-typebox'
import { decodeCallId, type CallControl, type MediaStore, type SipTrace } from '#core/contracts'
import { AppError } from '#core/errors'
import { inBackground, type Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { AuditLog } from '../../access/audit-log.ts'
import { callSchema, statusSchema, viewCall } from '../../calls/call-view.ts'
import type { PageCursors } from '../../calls/page-cursor.ts'
import type { CallRecorder } from '../../calls/recorder.ts'
import type { CallRepository } from '../../calls/repository.ts'
import { callIdsOf } from '../../calls/sip-summary.ts'
import { timelineItemSchema, viewTimeline } from '../../calls/timeline-view.ts'
import type { Database } from '../../db/database.ts'
import type { HttpServer } from '../../http-server.ts'
import { problemSchema } from '../../plugins/problem-details.ts'
import { problem } from '../problem.ts'
import { findCall } from './find-call.ts'
import { listRoutes } from './list-routes.ts'
import { recordingActionRoutes } from './recording-action-routes.ts'
import { recordingRoute } from './recording-route.ts'
import { reviewRoute } from './review-route.ts'
import { transcriptRoute } from './transcript-route.ts'

export interface CallRoutesDeps {
  readonly calls: CallRepository
  readonly recorder: CallRecorder
  readonly cursors: PageCursors
  readonly clock: Clock
  readonly logger: Logger
  readonly database: Database
  readonly audit: AuditLog
  /** Undefined before the gateway is up. */
  readonly callControl: () => CallControl | undefined
  readonly sipTrace: SipTrace
  readonly mediaStore: MediaStore
}

const oneCall = Type.Object({ call_id: Type.String({ maxLength: 64 }) })
const tags = ['calls']

export function callRoutes(app: HttpServer, deps: CallRoutesDeps): void {
  app.addSchema(problemSchema)
  listRoutes(app, deps)
  readRoutes(app, deps)
  transcriptRoute(app, deps)
  hangUpRoute(app, deps)
  reviewRoute(app, deps)
  recordingRoute(app, deps)
  recordingActionRoutes(app, deps)
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
      const { database, audit, logger } = deps
      // A database that is away must not keep anybody from hanging up.
      const noted = database.write([audit.noted(request.principal, 'call.hung_up', callId)])
      inBackground(noted, logger, 'noting who hung up', { callId })
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
