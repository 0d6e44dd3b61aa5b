// A call that is placed by Voximplant: admitted and recorded first, then asked for once. Its scenario fetches what it is to
// do with the token that it was started with. What becomes of a request without an answer is looked up in the history;
// nobody is rung twice.
import {
  ms,
  newCallId,
  termination,
  type CallId,
  type CallIdentity,
  type E164,
  type LiveCall,
  type OriginateRequest,
} from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { AppError, codeOf } from '#core/errors'
import { RESTART_SECONDS, waitFor } from '#core/lifecycle'
import { inBackground } from '#core/telemetry'
import { encodePlan, type CallPlan } from '../../calls/call-plan.ts'
import { decodeScenarioOptions } from '../applications/scenario-options.ts'
import type { StartedScenario, VendorAnswer, VoximplantRest } from '../vendor/vendor-answer.ts'
import { newVendorCall } from './call-store.ts'
import { customDataOf, tokenOf } from './call-token.ts'
import { hangUp } from './hang-up.ts'
import type { KnownApplication } from './known-applications.ts'
import { VoximplantCall } from './voximplant-call.ts'
import { TRUNK, type LiveDesk } from './live-desk.ts'

/** What the application has to have before a call can be placed by it. */
interface Line {
  readonly application: KnownApplication
  readonly rest: VoximplantRest
  readonly ruleId: string
  readonly from: E164
}

/** @throws AppError as CallControl.originate says, and what Voximplant refuses it with. */
export async function placeCall(desk: LiveDesk, request: OriginateRequest): Promise<LiveCall> {
  const { callId = newCallId() } = request
  requireAllowed(desk, request, callId)
  const line = await lineOf(desk, request)
  const identity = identityOf(desk, { request, callId, from: line.from })
  const call = await record(desk, { line, identity, plan: planOf(desk, request, identity) })
  const customData = customDataOf(tokenOf(line.application.signingKey, callId))
  const answer = line.rest.startScenarios(line.ruleId, customData)
  const taken = answer.then((value) => take(desk, call, value))
  try {
    await waitFor(taken, {
      name: 'StartScenarios',
      timeout: ms(desk.timing.startWithinMs),
    })
  } catch (error) {
    if (codeOf(error) !== 'TIMED_OUT') throw error
    // Heard all the same: until then nobody knows whether there is a call.
    unknown(call)
    inBackground(taken, call.logger, 'the start of a scenario')
  }
  return call.live
}

/** @throws AppError what the vendor said no with */
function take(desk: LiveDesk, call: VoximplantCall, answer: VendorAnswer<StartedScenario>): void {
  switch (answer.kind) {
    case 'ok': {
      const { sessionId, controlUrl } = answer.value
      if (!call.bind(sessionId)) {
        call.logger.error('StartScenarios names another session than the token was fetched by')
        return
      }
      call.controlledBy(controlUrl)
      call.keep()
      // It was hung up before the vendor had said which session it is.
      if (call.ending !== null && !call.isFinished) hangUp(desk, call, call.ending)
      return
    }
    case 'refused':
    case 'failed':
      // Its scenario has spoken already: whatever this answer was, it is there.
      if (call.sessionId !== null) return
      call.giveUp(answer.error.message)
      throw answer.error
    case 'unknown':
      call.logger.warn({ err: answer.error }, 'whether Voximplant places a call is not known')
      unknown(call)
      call.askAfter(desk.timing.searchAfterMs)
      return
    default:
      answer satisfies never
  }
}

function unknown(call: VoximplantCall): void {
  if (call.sessionId !== null || call.isFinished) return
  call.isUnknown = true
  call.keep()
}

function requireAllowed(desk: LiveDesk, request: OriginateRequest, callId: CallId): void {
  const { trunk, allowedTrunks, answerWith = 'agent' } = request
  if (desk.isDraining)
    throw new AppError('DRAINING', 'The process is about to stop.', {
      retryAfterSeconds: RESTART_SECONDS,
    })
  if (desk.book.find(callId))
    throw new AppError('STATE_CONFLICT', 'There is a call of this id already.')
  if (trunk !== undefined && trunk !== TRUNK)
    throw invalid('trunk', 'A call by Voximplant takes no trunk: leave it out.')
  if (allowedTrunks !== undefined && !allowedTrunks.includes(TRUNK))
    throw new AppError('DIAL_NOT_ALLOWED', 'This key may not place calls by Voximplant.')
  if (answerWith !== 'agent')
    throw invalid('answer_with', 'By Voximplant an agent answers: the menu is not possible.')
}

/** @throws AppError `REQUEST_INVALID`, `STATE_CONFLICT`, `FROM_NOT_ALLOWED`: nothing rings then */
async function lineOf(desk: LiveDesk, request: OriginateRequest): Promise<Line> {
  const { applicationId, from, answeringMachine = 'off' } = request
  if (applicationId === undefined)
    throw invalid('application_id', 'A call by Voximplant needs the application it goes by.')
  const application = await desk.applications.read(applicationId)
  if (!application)
    throw invalid('application_id', 'There is no Voximplant application with this id.')
  const { row, account } = application
  const rest = desk.clients.of(account)
  if (row.rule_id === null || row.pushed_at === null)
    throw new AppError(
      'STATE_CONFLICT',
      'Nothing would dial: push the scenario of this application to Voximplant first.',
    )
  const number = row.phone_number === null ? undefined : decodePhoneNumber(row.phone_number)
  if (number === undefined)
    throw new AppError('STATE_CONFLICT', 'This application has no phone_number to call from.')
  if (from !== undefined && from !== number)
    throw new AppError('FROM_NOT_ALLOWED', 'Only the number of the application may be shown.')
  const { answering_machine_model: model } = decodeScenarioOptions(row.options)
  if (answeringMachine !== 'off' && model === null)
    throw invalid(
      'answering_machine',
      'The scenario of this application looks for none: set answering_machine_model in its options and push it.',
    )
  return { application, rest, ruleId: row.rule_id, from: number }
}

interface Identified {
  readonly request: OriginateRequest
  readonly callId: CallId
  readonly from: E164
}

const identityOf = (desk: LiveDesk, { request, callId, from }: Identified): CallIdentity => ({
  callId,
  direction: 'outbound',
  from,
  to: request.to,
  trunk: TRUNK,
  provider: 'voximplant',
  createdAt: desk.clock.now(),
  metadata: request.metadata,
  ...(request.placedBy === undefined ? {} : { placedBy: request.placedBy }),
  ...(request.retry === undefined ? {} : { retry: request.retry }),
})

function planOf(
  desk: LiveDesk,
  { agent, answeringMachine = 'off', ringTimeout, maxDuration }: OriginateRequest,
  identity: CallIdentity,
): CallPlan {
  const dynamicVariables = desk.directory.variablesFor(identity, agent.dynamicVariables)
  return {
    answerWith: 'agent',
    agent: { ...agent, dynamicVariables },
    answeringMachine,
    ringTimeout,
    maxDuration,
  }
}

interface Recorded {
  readonly line: Line
  readonly identity: CallIdentity
  readonly plan: CallPlan
}

/** Durable, so that no phone rings without a record. */
async function record(desk: LiveDesk, { line, identity, plan }: Recorded): Promise<VoximplantCall> {
  const { row, account } = line.application
  const { callId, createdAt, to } = identity
  const control = desk.callControl()
  if (!control) throw new AppError('SIP_UNAVAILABLE', 'The gateway is not up yet.')
  const slot = control.admit({ direction: 'outbound', to: to as E164, needsAgent: true })
  const application_id = row.application_id
  try {
    desk.recorder.assign(callId, { application_id })
    const kept = { call_id: callId, application_id, vendor_account_id: account.vendor_account_id }
    await desk.store.add(
      newVendorCall({ ...kept, state: 'asked', plan: encodePlan(plan), created_at: createdAt }),
    )
    await desk.journal.open(identity)
  } catch (error) {
    desk.recorder.forgetAssigned(callId)
    slot.release()
    closeRecord(desk, callId)
    throw error
  }
  const call = new VoximplantCall(desk, {
    identity,
    applicationId: application_id,
    vendorAccountId: account.vendor_account_id,
    plan,
    limits: { ringMs: plan.ringTimeout, maxDurationMs: plan.maxDuration },
    slot,
    sessionId: null,
  })
  desk.book.add(call)
  return call
}

/** The one that comes too late is closed: nobody would ever end it. */
function closeRecord({ events, clock }: LiveDesk, callId: CallId): void {
  const data = { termination: termination('server_error', 'internal-error', 'gateway') }
  events.publish({ type: 'call.ended', callId, at: clock.now(), data })
}

const invalid = (field: string, why: string): AppError =>
  new AppError('REQUEST_INVALID', why, { details: { field } })
