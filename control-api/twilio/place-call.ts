// A call that is placed by Twilio: admitted and recorded first, then asked for once. What becomes of a request without an
// answer is looked up; nobody is rung twice.
import {
  newCallId,
  termination,
  type CallId,
  type CallIdentity,
  type E164,
  type LiveCall,
  type OriginateRequest,
} from '#core/contracts'
import { AppError } from '#core/errors'
import { inBackground } from '#core/telemetry'
import { encodePlan, needsAgent, type CallPlan } from '../calls/call-plan.ts'
import { PROVIDER_FAILED } from '../calls/vendor-endings.ts'
import type { NewVendorCall } from './client.ts'
import { hangUp } from './hang-up.ts'
import { newProviderCall } from './provider-call-store.ts'
import { TwilioCall } from './twilio-call.ts'
import { TRUNK, type TwilioDesk } from './twilio-desk.ts'

/** Twilio's own addition to the time it lets ring. */
const RING_BUFFER_SECONDS = 5
/** Without an answer of Twilio: then it is looked for. */
const SEARCH_AFTER_MS = 3000

/** @throws AppError as CallControl.originate says, and what Twilio refuses it with. */
export async function placeCall(desk: TwilioDesk, request: OriginateRequest): Promise<LiveCall> {
  const { callId = newCallId() } = request
  requireAllowed(desk, request, callId)
  const identity = identityOf(desk, request, callId)
  const plan = planOf(desk, request, identity)
  const call = await record(desk, { identity, plan, to: request.to })
  const answer = await desk.rest.createCall(vendorCall(desk, identity, plan))
  switch (answer.kind) {
    case 'ok':
      call.bind(answer.value.sid)
      call.tell({ status: answer.value.status })
      endIfDue(desk, call)
      break
    case 'refused':
    case 'failed': {
      const isOurs = answer.error.code === 'NUMBER_INVALID'
      const ending = isOurs
        ? termination('client_error', 'provider-failed', 'carrier')
        : PROVIDER_FAILED
      call.giveUp(ending, answer.error.message)
      throw answer.error
    }
    case 'unknown':
      call.logger.warn({ err: answer.error }, 'whether Twilio places a call is not known')
      call.askAfter(SEARCH_AFTER_MS)
      break
    default:
      answer satisfies never
  }
  return call.live
}

/** It was hung up before Twilio had said which call it is. */
function endIfDue(desk: TwilioDesk, call: TwilioCall): void {
  if (call.ending === null || call.isFinished) return
  inBackground(hangUp(desk.rest, call, call.ending), call.logger, 'ending a call')
}

function requireAllowed(desk: TwilioDesk, request: OriginateRequest, callId: CallId): void {
  const { trunk, allowedTrunks, from } = request
  const { phoneNumber } = desk.twilio
  if (desk.isDraining) throw new AppError('DRAINING', 'The process is about to stop.')
  if (desk.book.find(callId))
    throw new AppError('STATE_CONFLICT', 'There is a call of this id already.')
  if (trunk !== undefined && trunk !== TRUNK)
    throw new AppError('REQUEST_INVALID', 'A call by Twilio takes no trunk: leave it out.', {
      details: { field: 'trunk' },
    })
  if (allowedTrunks !== undefined && !allowedTrunks.includes(TRUNK))
    throw new AppError('DIAL_NOT_ALLOWED', 'This key may not place calls by Twilio.')
  if (from !== undefined && from !== phoneNumber)
    throw new AppError('FROM_NOT_ALLOWED', 'By Twilio only TWILIO_PHONE_NUMBER may be shown.')
}

const identityOf = (
  desk: TwilioDesk,
  { to, metadata, placedBy, retry }: OriginateRequest,
  callId: CallId,
): CallIdentity => ({
  callId,
  direction: 'outbound',
  from: desk.twilio.phoneNumber,
  to,
  trunk: TRUNK,
  provider: 'twilio',
  createdAt: desk.clock.now(),
  metadata,
  ...(placedBy === undefined ? {} : { placedBy }),
  ...(retry === undefined ? {} : { retry }),
})

function planOf(desk: TwilioDesk, request: OriginateRequest, identity: CallIdentity): CallPlan {
  const { agent, answerWith = 'agent', answeringMachine = 'off' } = request
  const dynamicVariables = desk.directory.variablesFor(identity, agent.dynamicVariables)
  return {
    answerWith,
    agent: needsAgent({ answerWith }) ? { ...agent, dynamicVariables } : null,
    answeringMachine,
    ringTimeout: request.ringTimeout,
    maxDuration: request.maxDuration,
  }
}

/** Durable, so that no phone rings without a record. */
async function record(
  desk: TwilioDesk,
  { identity, plan, to }: { identity: CallIdentity; plan: CallPlan; to: E164 },
): Promise<TwilioCall> {
  const { callId, createdAt } = identity
  const control = desk.callControl()
  if (!control) throw new AppError('SIP_UNAVAILABLE', 'The gateway is not up yet.')
  const slot = control.admit({ direction: 'outbound', to, needsAgent: needsAgent(plan) })
  try {
    const kept = { call_id: callId, provider_call_id: null, plan: encodePlan(plan) }
    await desk.store.add(newProviderCall({ ...kept, created_at: createdAt }))
    await desk.journal.open(identity)
  } catch (error) {
    slot.release()
    throw error
  }
  const call = new TwilioCall(desk, { identity, plan, slot, sid: null })
  desk.book.add(call)
  return call
}

function vendorCall(desk: TwilioDesk, { callId, to }: CallIdentity, plan: CallPlan): NewVendorCall {
  const { urls, twilio } = desk
  return {
    to,
    from: twilio.phoneNumber,
    url: urls.voice(callId),
    statusCallback: urls.status(callId),
    ringSeconds: Math.max(5, Math.round(plan.ringTimeout / 1000) - RING_BUFFER_SECONDS),
    maxSeconds: Math.round(plan.maxDuration / 1000),
    machineCallback: plan.answeringMachine === 'off' ? undefined : urls.status(callId, 'machine'),
  }
}
