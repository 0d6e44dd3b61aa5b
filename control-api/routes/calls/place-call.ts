// Placing a call: the request decoded, the gateway asked, the record shown.
import { ms, type CallControl, type LiveCall } from '#core/contracts'
import { AppError } from '#core/errors'
import { RESTART_SECONDS, waitFor } from '#core/lifecycle'
import { agentColumns, newCallRow, type AssignedAgent } from '../../calls/call-row.ts'
import { viewCall, type CallView } from '../../calls/call-view.ts'
import type { CallRecorder } from '../../calls/recorder.ts'
import type { ReadinessSwitch } from '../../readiness.ts'
import { decodeStartCall, type StartCallBody } from './start-call-body.ts'

/** The gateway answers when the record is durable, long before the INVITE is answered. */
const ORIGINATE_TIMEOUT = ms(15_000)

export interface PlaceCallDeps {
  readonly recorder: CallRecorder
  readonly readiness: ReadinessSwitch
  readonly callControl: () => CallControl | undefined
}

/** Rejects only when no call was placed: see RunOnce. */
export async function placeCall(
  deps: PlaceCallDeps,
  body: StartCallBody,
  defaultAgentId: string | undefined,
): Promise<CallView> {
  const request = decodeStartCall(body, defaultAgentId)
  const control = deps.callControl()
  if (deps.readiness.get() === 'draining') {
    throw new AppError('DRAINING', 'The process is about to stop and takes no new calls.', {
      retryAfterSeconds: RESTART_SECONDS,
    })
  }
  if (!control) throw new AppError('SIP_UNAVAILABLE', 'The gateway is not up yet.')
  const call = await waitFor(control.originate(request), {
    name: 'the gateway taking the call',
    timeout: ORIGINATE_TIMEOUT,
  })
  const { agentId, language } = request.agent
  const agent = { agentId, ...(language === undefined ? {} : { language }) }
  deps.recorder.assignAgent(call.callId, agent)
  return viewCall(deps.recorder.find(call.callId) ?? rowOf(call, agent))
}

/** For a call whose record is not ours (another node's): as the gateway holds it. */
const rowOf = (call: LiveCall, agent: AssignedAgent) => ({
  ...newCallRow(call, 0),
  ...agentColumns(agent),
  status: call.status,
  answered_at: call.answeredAt,
})
