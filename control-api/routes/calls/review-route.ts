// POST /api/calls/{id}/status: what somebody who looked into the call says of it.
import { Type } from '@fastify/type-provider-typebox'
import { rfc3339 } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { AuditLog } from '../../access/audit-log.ts'
import { reviewStatusSchema } from '../../calls/call-view.ts'
import type { CallRecorder } from '../../calls/recorder.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { Database } from '../../db/database.ts'
import type { HttpServer } from '../../http-server.ts'
import { problem } from '../problem.ts'
import { findCall } from './find-call.ts'

export interface ReviewRouteDeps {
  readonly calls: CallRepository
  readonly recorder: CallRecorder
  readonly clock: Clock
  readonly database: Pick<Database, 'write'>
  readonly audit: AuditLog
}

const bodySchema = Type.Object(
  {
    status: Type.Union([reviewStatusSchema, Type.Null()], {
      description: 'Null takes back what was set',
    }),
    note: Type.Optional(
      Type.Union([Type.String({ maxLength: 2000 }), Type.Null()], {
        description: 'In words, for whoever looks next: kept in the timeline with the status',
      }),
    ),
  },
  { additionalProperties: false },
)

export function reviewRoute(app: HttpServer, deps: ReviewRouteDeps): void {
  const schema = {
    operationId: 'reviewCall',
    tags: ['calls'],
    summary: 'Set the review status of a call, live or ended; the timeline keeps each change',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    body: bodySchema,
    response: {
      200: Type.Object({
        call_id: Type.String(),
        review_status: Type.Union([reviewStatusSchema, Type.Null()]),
        note: Type.Union([Type.String(), Type.Null()]),
        at: Type.String({ format: 'date-time' }),
      }),
      '4xx': problem,
      503: problem,
    },
  }
  app.post('/api/calls/:call_id/status', { schema }, async (request) => {
    const { call_id: callId } = await findCall(deps.calls, request.params.call_id)
    const { status, note } = request.body
    const data = { status, note: blankToNull(note) }
    const at = deps.clock.now()
    const known = await deps.recorder.append({ type: 'call.reviewed', callId, at, data })
    if (!known) throw new AppError('NOT_FOUND', 'There is no call with this id.')
    // The timeline says what was set, but not by whom.
    const noted = deps.audit.noted(request.principal, 'call.reviewed', callId, { status })
    await deps.database.write([noted])
    return { call_id: callId, review_status: status, note: data.note, at: rfc3339(at) }
  })
}

const blankToNull = (note: string | null | undefined): string | null =>
  note === undefined || note === null || note.trim() === '' ? null : note.trim()
