// POST /api/calls/{id}/recording/start, /pause and /resume: recording by hand, where the policy allows it.
import { Type } from '@fastify/type-provider-typebox'
import {
  decodeCallId,
  type CallControl,
  type RecordingAction,
  type RecordingRefusal,
} from '#core/contracts'
import { AppError } from '#core/errors'
import { inBackground, type Logger } from '#core/telemetry'
import type { AuditLog } from '../../access/audit-log.ts'
import type { CallRecorder } from '../../calls/recorder.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { Database } from '../../db/database.ts'
import type { HttpServer } from '../../http-server.ts'
import { problem } from '../problem.ts'
import { findCall } from './find-call.ts'

export interface RecordingActionDeps {
  readonly calls: CallRepository
  /** What is known of calls that are live. */
  readonly recorder: Pick<CallRecorder, 'find'>
  /** Undefined before the gateway is up. */
  readonly callControl: () => CallControl | undefined
  readonly database: Pick<Database, 'write'>
  readonly audit: AuditLog
  readonly logger: Logger
}

const SUMMARIES: Readonly<Record<RecordingAction, string>> = {
  start: 'Record this call from now on, where RECORD_CALLS waits for consent',
  pause: 'Record silence instead of both sides: times in the recording stay true',
  resume: 'Record both sides again',
}

const NOTED = {
  start: 'recording.started',
  pause: 'recording.paused',
  resume: 'recording.resumed',
} as const

const REFUSALS: Readonly<Record<RecordingRefusal, string>> = {
  off: 'RECORD_CALLS is off.',
  'not-answered': 'The call is not answered yet: start it then.',
  'not-started': 'Recording was not started: POST /api/calls/{id}/recording/start first.',
  over: 'The recording has ended.',
}

export function recordingActionRoutes(app: HttpServer, deps: RecordingActionDeps): void {
  for (const action of ['start', 'pause', 'resume'] as const) {
    const schema = {
      tags: ['calls'],
      summary: SUMMARIES[action],
      params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
      response: {
        202: Type.Object({
          call_id: Type.String(),
          recording: Type.Enum(['recording', 'paused']),
        }),
        404: problem,
        409: problem,
        503: problem,
      },
    }
    app.post(`/api/calls/:call_id/recording/${action}`, { schema }, async (request, reply) => {
      const callId = await act(deps, request.params.call_id, action)
      const { audit, database, logger } = deps
      // It is done already, whatever the database says.
      const noted = database.write([audit.noted(request.principal, NOTED[action], callId)])
      inBackground(noted, logger, 'noting who changed a recording', { callId })
      const recording = action === 'pause' ? ('paused' as const) : ('recording' as const)
      return reply.status(202).send({ call_id: callId, recording })
    })
  }
}

/** @throws AppError `NOT_RECORDING`, `NOT_FOUND`, `SIP_UNAVAILABLE`, `CALL_ENDED`. */
async function act(
  deps: RecordingActionDeps,
  text: string,
  action: RecordingAction,
): Promise<string> {
  const callId = decodeCallId(text)
  const control = deps.callControl()
  const isRefused = callId !== undefined && deps.recorder.find(callId)?.consent_given === 0
  // Whoever pauses records less: that is always right.
  if (isRefused && action !== 'pause')
    throw new AppError('NOT_RECORDING', 'The caller did not consent to being recorded.')
  const done = callId === undefined ? undefined : control?.record(callId, action)
  if (callId !== undefined && done === 'done') return callId
  if (done !== undefined && done !== 'done' && done !== 'not-live')
    throw new AppError('NOT_RECORDING', REFUSALS[done])
  const row = await findCall(deps.calls, text)
  if (row.status !== 'ended' && control === undefined)
    throw new AppError('SIP_UNAVAILABLE', 'The gateway is not up yet.')
  throw new AppError('CALL_ENDED', 'The call has ended already.')
}
