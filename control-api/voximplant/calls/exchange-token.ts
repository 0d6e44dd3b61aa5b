// What a session of ours is to do, told to the one that has its token: whom it calls, and who talks to them.
import type { AgentTarget, CallId } from '#core/contracts'
import { AppError } from '#core/errors'
import { callIdOfGoodToken } from './call-token.ts'
import type { KnownApplication } from './known-applications.ts'
import type { TokenRequest } from './scenario-message.ts'
import { claimSession } from './session-claim.ts'
import type { VoximplantCall } from './voximplant-call.ts'
import type { LiveDesk } from './live-desk.ts'

export interface CallOrder {
  readonly call_id: CallId
  readonly to: string
  readonly from: string | null
  readonly agent_id: string
  readonly dynamic_variables: AgentTarget['dynamicVariables']
  readonly conversation_config_override: {
    readonly agent: { readonly first_message?: string; readonly language?: string }
  } | null
  readonly ring_timeout_seconds: number
  readonly max_duration_seconds: number
  readonly answering_machine: 'off' | 'detect' | 'gate'
}

/**
 * Binds the token to the session when it answers.
 * @throws AppError `FORBIDDEN` of a wrong token; `STATE_CONFLICT` of a call that is over, or another session's, and of an
 *   account that is not used any more
 */
export async function exchangeToken(
  desk: LiveDesk,
  application: KnownApplication,
  { token, sessionId, sentAt }: TokenRequest,
): Promise<CallOrder> {
  const callId = callIdOfGoodToken(application.signingKey, token)
  if (callId === undefined)
    throw new AppError('FORBIDDEN', 'This token is none of this application.')
  if (application.account.is_active === 0)
    throw new AppError('STATE_CONFLICT', 'This Voximplant account is deactivated.')
  const call = desk.book.find(callId)
  if (!call || isEnding(call)) throw over()
  const order = orderOf(call)
  if (!order) {
    call.logger.warn('what a call was to be is not known any more: it is not placed')
    throw over()
  }
  if (!(await claimSession(desk, call, sessionId))) {
    call.logger.error('a second session came with the token of a call')
    throw new AppError('STATE_CONFLICT', 'This token is another session’s.')
  }
  call.exchanged(sentAt)
  // Durable: whoever is dialled from now on is dialled by this session.
  await call.save()
  // It was hung up meanwhile.
  if (isEnding(call)) throw over()
  return order
}

const isEnding = ({ isFinished, ending }: VoximplantCall): boolean => isFinished || ending !== null

function orderOf({ identity, plan }: VoximplantCall): CallOrder | undefined {
  if (!plan?.agent) return undefined
  const { agent } = plan
  return {
    call_id: identity.callId,
    to: identity.to,
    from: identity.from,
    agent_id: agent.agentId,
    dynamic_variables: agent.dynamicVariables,
    conversation_config_override: overrideOf(agent),
    ring_timeout_seconds: Math.round(plan.ringTimeout / 1000),
    max_duration_seconds: Math.round(plan.maxDuration / 1000),
    answering_machine: plan.answeringMachine,
  }
}

/** Only what is really set: a field that the agent does not allow ends the conversation. */
function overrideOf({
  firstMessage,
  language,
}: AgentTarget): CallOrder['conversation_config_override'] {
  if (firstMessage === undefined && language === undefined) return null
  return {
    agent: {
      ...(firstMessage === undefined ? {} : { first_message: firstMessage }),
      ...(language === undefined ? {} : { language }),
    },
  }
}

const over = (): AppError => new AppError('STATE_CONFLICT', 'This call is over.')
