// POST /api/calls/{id}/transfer: hand the caller to a human.
import { Type, type Static } from '@fastify/type-provider-typebox'
import {
  decodeCallId,
  type CallControl,
  type CallId,
  type TransferRefusal,
  type TransferRequest,
} from '#core/contracts'
import { AppError, type ErrorCode } from '#core/errors'
import type { AuditLog } from '../../access/audit-log.ts'
import { callSchema, viewCall, type CallView } from '../../calls/call-view.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { CallRecorder } from '../../calls/recorder.ts'
import type { Database } from '../../db/database.ts'
import type { DialBudgets } from '../../dialling/dial-budgets.ts'
import type { HttpServer, Principal } from '../../http-server.ts'
import type { RunOnce } from '../../plugins/idempotency.ts'
import { problem } from '../problem.ts'
import { findCall } from './find-call.ts'
import { decodeNumber } from './start-call-body.ts'
import { idempotencyHeaders } from './start-routes.ts'

export interface TransferRouteDeps {
  readonly calls: CallRepository
  readonly recorder: CallRecorder
  readonly database: Database
  readonly audit: AuditLog
  readonly budgets: DialBudgets
  /** Undefined before the gateway is up. */
  readonly callControl: () => CallControl | undefined
}

const transferBody = Type.Object(
  {
    to: Type.String({
      maxLength: 64,
      description: 'E.164 with a leading plus',
      examples: ['+4930123456'],
    }),
    mode: Type.Optional(
      Type.Enum(['auto', 'refer', 'bridge'], {
        default: 'auto',
        description:
          'refer: the carrier does it; bridge: a second call that we connect; auto: what the trunk is configured for, else refer, and bridge where the carrier refuses',
      }),
    ),
  },
  { additionalProperties: false },
)

const REFUSALS: Readonly<
  Record<Exclude<TransferRefusal, 'not-live'>, readonly [ErrorCode, string]>
> = {
  'not-answered': ['NOT_ANSWERED', 'There is nobody to transfer yet.'],
  transferring: ['TRANSFER_UNDER_WAY', 'A transfer of this call is under way, or was done.'],
}

export function transferRoute(app: HttpServer, deps: TransferRouteDeps, runOnce: RunOnce): void {
  const schema = {
    operationId: 'transferCall',
    tags: ['calls'],
    summary: 'Hand the caller to a human; the timeline tells what comes of it',
    headers: idempotencyHeaders,
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    body: transferBody,
    response: { 202: callSchema, '4xx': problem, '5xx': problem },
  }
  app.post('/api/calls/:call_id/transfer', { schema }, (request, reply) => {
    const { body, params, principal } = request
    const run = () => transfer(deps, params.call_id, body, principal)
    const callId = decodeCallId(params.call_id)
    return runOnce(request, reply, {
      status: 202,
      // Its answer shows the call, and goes when that is erased.
      ...(callId === undefined ? {} : { callId }),
      asked: { ...body, call_id: params.call_id },
      run,
      // A call whose transfer is under way, or was done, is not transferred again, and none outlives its process.
      resume: run,
    })
  })
}

/** @throws AppError `NUMBER_INVALID`, `NOT_FOUND`, `CALL_ENDED`, `SIP_UNAVAILABLE`, and as CallControl.transfer. */
async function transfer(
  deps: TransferRouteDeps,
  text: string,
  { to, mode = 'auto' }: Static<typeof transferBody>,
  principal: Principal,
): Promise<CallView> {
  const number = decodeNumber('to', to)
  const callId = decodeCallId(text)
  const control = deps.callControl()
  const isLive = callId !== undefined && control?.find(callId) !== undefined
  const request = { to: number, mode, by: 'api' } as const
  const begun = isLive ? await begin(deps, control, { callId, request, principal }) : undefined
  if (callId !== undefined && begun === 'begun') {
    const live = deps.recorder.find(callId)
    return viewCall(live ?? (await findCall(deps.calls, text)))
  }
  if (begun === 'not-answered' || begun === 'transferring') throw new AppError(...REFUSALS[begun])
  const row = await findCall(deps.calls, text)
  if (row.status !== 'ended' && control === undefined)
    throw new AppError('SIP_UNAVAILABLE', 'The gateway is not up yet.')
  throw new AppError('CALL_ENDED', 'The call has ended already.')
}

interface Asked {
  readonly callId: CallId
  readonly request: TransferRequest
  readonly principal: Principal
}

/** Another phone rings: the budget of whoever asks pays for it, unless it does not. */
async function begin(
  { budgets, database, audit }: TransferRouteDeps,
  control: CallControl,
  { callId, request, principal }: Asked,
): Promise<'begun' | TransferRefusal> {
  const reservation = await budgets.reserve(principal, request)
  const allowedTrunks = principal.budget?.trunks
  let begun: 'begun' | TransferRefusal = 'not-live'
  try {
    await database.write([audit.noted(principal, 'call.transfer_requested', callId)])
    begun = control.transfer(callId, {
      ...request,
      ...(allowedTrunks === undefined ? {} : { allowedTrunks }),
    })
    return begun
  } finally {
    if (begun !== 'begun') await reservation.giveBack()
  }
}
