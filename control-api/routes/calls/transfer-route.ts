// POST /api/calls/{id}/transfer: hand the caller to a human.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { decodeCallId, type CallControl, type TransferRefusal } from '#core/contracts'
import { AppError, type ErrorCode } from '#core/errors'
import { callSchema, viewCall, type CallView } from '../../calls/call-view.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { CallRecorder } from '../../calls/recorder.ts'
import type { HttpServer } from '../../http-server.ts'
import type { RunOnce } from '../../plugins/idempotency.ts'
import { findCall } from './find-call.ts'
import { decodeNumber } from './start-call-body.ts'

export interface TransferRouteDeps {
  readonly calls: CallRepository
  readonly recorder: CallRecorder
  readonly runOnce: RunOnce
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

const problem = {
  description: 'What went wrong (RFC 9457)',
  content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
}

const REFUSALS: Readonly<
  Record<Exclude<TransferRefusal, 'not-live'>, readonly [ErrorCode, string]>
> = {
  'not-answered': ['NOT_ANSWERED', 'There is nobody to transfer yet.'],
  transferring: ['TRANSFER_UNDER_WAY', 'A transfer of this call is under way, or was done.'],
}

export function transferRoute(app: HttpServer, deps: TransferRouteDeps): void {
  const schema = {
    tags: ['calls'],
    summary: 'Hand the caller to a human; the timeline tells what comes of it',
    headers: Type.Object({
      'idempotency-key': Type.Optional(
        Type.String({ description: 'The same key and body act once; kept 24 hours' }),
      ),
    }),
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    body: transferBody,
    response: { 202: callSchema, '4xx': problem, '5xx': problem },
  }
  app.post('/api/calls/:call_id/transfer', { schema }, (request, reply) => {
    const { body, params } = request
    return deps.runOnce(request, reply, {
      status: 202,
      asked: { ...body, call_id: params.call_id },
      run: () => transfer(deps, params.call_id, body),
    })
  })
}

/** @throws AppError `NUMBER_INVALID`, `NOT_FOUND`, `CALL_ENDED`, `SIP_UNAVAILABLE`, and as CallControl.transfer. */
async function transfer(
  deps: TransferRouteDeps,
  text: string,
  { to, mode = 'auto' }: Static<typeof transferBody>,
): Promise<CallView> {
  const number = decodeNumber('to', to)
  const callId = decodeCallId(text)
  const control = deps.callControl()
  const begun =
    callId === undefined ? undefined : control?.transfer(callId, { to: number, mode, by: 'api' })
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
