// Placing a call: the request decoded, the call dialled or found, the record shown.
import type { CallId } from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import type { TraceContext, Tracing } from '#core/telemetry'
import { viewCall, type CallView } from '../../calls/call-view.ts'
import type { Dialler } from '../../dialling/dialler.ts'
import type { Dialling } from '../../dialling/dial-budgets.ts'
import {
  decodeStartCall,
  type StartCallBody,
  type StartCallRules,
  type StartingApplication,
} from './start-call-body.ts'

export interface PlaceCallDeps {
  readonly dialler: Dialler
  readonly rules: StartCallRules
  /** Of Voximplant, by our id. */
  readonly applicationOf: (applicationId: string) => Promise<StartingApplication | undefined>
  readonly tracing: Pick<Tracing, 'askedBy'>
}

export interface Placing {
  readonly callId: CallId
  readonly body: StartCallBody
  readonly by: Dialling
  /** Traced themselves. */
  readonly asker: TraceContext | undefined
}

/** Rejects only when no call was placed: see RunOnce. */
export async function placeCall(
  { dialler, rules, applicationOf, tracing }: PlaceCallDeps,
  { callId, body, by, asker }: Placing,
): Promise<CallView> {
  const { provider, application_id: id } = body
  const application = provider === 'voximplant' && id != null ? await applicationOf(id) : undefined
  const request = decodeStartCall(body, rules, application)
  // No sooner than it is placed, and no longer: those of calls that never begin would push out others.
  tracing.askedBy(callId, asker)
  try {
    return viewCall(await dialler.place({ callId, request, retry: body.retry, by }))
  } catch (error) {
    tracing.askedBy(callId, undefined)
    throw error
  }
}

/** After a request that broke off: the call it placed, or, when there is no record of one, the call. */
export async function placeCallOnce(deps: PlaceCallDeps, placing: Placing): Promise<CallView> {
  const { dialler } = deps
  const known = await dialler.find(placing.callId)
  if (known) return viewCall(known)
  try {
    return await placeCall(deps, placing)
  } catch (error) {
    if (codeOf(error) !== 'STATE_CONFLICT') throw error
    // The first request is at it still, or another node is.
    const placed = await dialler.find(placing.callId)
    if (placed) return viewCall(placed)
    throw new AppError('CONFLICT', 'The first request with this key is still placing its call.', {
      cause: error,
      retryAfterSeconds: 1,
    })
  }
}
