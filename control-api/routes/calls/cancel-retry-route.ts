// POST /api/calls/{id}/cancel-retry: nobody is rung again for this call.
import { Type } from '@fastify/type-provider-typebox'
import type { CallId } from '#core/contracts'
import { AppError } from '#core/errors'
import type { AuditLog } from '../../access/audit-log.ts'
import { callSchema, viewCall } from '../../calls/call-view.ts'
import type { CallRecorder } from '../../calls/recorder.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { Database } from '../../db/database.ts'
import type { CallRow } from '../../db/schema.ts'
import type { CallRequests } from '../../dialling/call-requests.ts'
import { firstOf, mayFollow, withoutFurther } from '../../dialling/next-attempt.ts'
import type { HttpServer, Principal } from '../../http-server.ts'
import { problem } from '../problem.ts'
import { findCall } from './find-call.ts'

export interface CancelRetryDeps {
  readonly database: Database
  readonly calls: CallRepository
  readonly recorder: CallRecorder
  readonly requests: CallRequests
  readonly audit: AuditLog
}

export function cancelRetryRoute(app: HttpServer, deps: CancelRetryDeps): void {
  const schema = {
    operationId: 'cancelRetry',
    tags: ['calls'],
    summary: 'Dial no further attempt of a call; one that is under way goes on',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    response: { 200: callSchema, '4xx': problem, '5xx': problem },
  }
  app.post('/api/calls/:call_id/cancel-retry', { schema }, async (request) => {
    const row = await findCall(deps.calls, request.params.call_id)
    await cancel(deps, row, request.principal)
    return viewCall(await findCall(deps.calls, row.call_id))
  })
}

/** @throws AppError `STATE_CONFLICT` when none would follow */
async function cancel(
  { database, recorder, requests, audit }: CancelRetryDeps,
  asked: CallRow,
  by: Principal,
): Promise<void> {
  const { query } = database
  const first = firstOf(asked)
  const chain = await query
    .selectFrom('calls')
    .selectAll()
    .where((where) => where.or([where('call_id', '=', first), where('retry_of', '=', first)]))
    .execute()
  const due = chain.filter(
    (row) => row.next_attempt_at !== null || (row.status !== 'ended' && mayFollow(row)),
  )
  if (due.length === 0) throw new AppError('STATE_CONFLICT', 'No further attempt is due.')
  for (const row of due) {
    const callId = row.call_id as CallId
    const live = recorder.find(callId)
    if (live) recorder.assign(callId, withoutFurther(live))
  }
  await database.write([
    ...due.map((row) =>
      query.updateTable('calls').set(withoutFurther(row)).where('call_id', '=', row.call_id),
    ),
    ...requests.forgotten(first),
    audit.noted(by, 'retry.canceled', asked.call_id),
  ])
}
