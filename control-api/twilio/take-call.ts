// A call that comes in: who answers it is decided once, and it has its record before it is told so.
import { ms, newCallId, termination, type AgentTarget, type CallIdentity } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { AppError, codeOf } from '#core/errors'
import { RESTART_SECONDS, waitFor } from '#core/lifecycle'
import { encodePlan, needsAgent, type CallPlan } from '../calls/call-plan.ts'
import { callerOf } from '../calls/caller-of.ts'
import { newProviderCall } from './provider-call-store.ts'
import { TwilioCall } from './twilio-call.ts'
import { TRUNK, type TwilioDesk } from './twilio-desk.ts'
import type { WebhookParams } from './webhook-params.ts'

/** As of inbound calls of SIP: an hour stops a forgotten line. */
const MAX_DURATION = ms(3_600_000)
const DECISION_DEADLINE = ms(2000)

export type Taken =
  | { readonly kind: 'call'; readonly call: TwilioCall }
  /** There is no place for it, or nobody to answer: it is told busy, which costs nothing. */
  | { readonly kind: 'busy' }

export class Reception {
  readonly #desk: TwilioDesk

  constructor(desk: TwilioDesk) {
    this.#desk = desk
  }

  /** @throws AppError `DRAINING`, `SIP_UNAVAILABLE`, `DATABASE_UNAVAILABLE`: Twilio may try again */
  async take(sid: string, params: WebhookParams, known: string | undefined): Promise<Taken> {
    const desk = this.#desk
    const { answerWith } = desk.twilio
    if (desk.isDraining) throw draining()
    const control = desk.callControl()
    if (!control) throw new AppError('SIP_UNAVAILABLE', 'The gateway is not up yet.')
    const identity = this.#identityOf(params, known)
    const agent = needsAgent({ answerWith }) ? await this.#agentOf(identity) : null
    if (answerWith === 'agent' && (agent === null || !desk.canStream())) return { kind: 'busy' }
    const plan: CallPlan = {
      answerWith,
      agent,
      answeringMachine: 'off',
      ringTimeout: ms(60_000),
      maxDuration: MAX_DURATION,
    }
    let slot
    try {
      slot = control.admit({ direction: 'inbound', needsAgent: agent !== null })
    } catch (error) {
      if (codeOf(error) === 'DRAINING') throw error
      const { callId } = identity
      desk.logger.warn({ err: error, callId }, 'a call of Twilio was not admitted')
      return { kind: 'busy' }
    }
    try {
      await this.#record(identity, plan, known === undefined ? sid : null)
    } catch (error) {
      slot.release()
      throw error
    }
    const call = new TwilioCall(desk, { identity, plan, slot, sid })
    desk.book.add(call)
    call.invited(sid)
    return { kind: 'call', call }
  }

  /** Both records by one commit of the database. @param sid null: its first one is there, from before a crash */
  async #record(identity: CallIdentity, plan: CallPlan, sid: string | null): Promise<void> {
    const { store, journal, events, clock } = this.#desk
    const { callId, createdAt } = identity
    const kept = { call_id: callId, provider_call_id: sid, plan: encodePlan(plan) }
    try {
      await Promise.all([
        sid === null ? undefined : store.add(newProviderCall({ ...kept, created_at: createdAt })),
        journal.open(identity),
      ])
    } catch (error) {
      // The one without the other is closed: nobody would ever end it.
      const ended = termination('server_error', 'internal-error', 'gateway')
      const data = { termination: ended }
      events.publish({ type: 'call.ended', callId, at: clock.now(), data })
      throw error
    }
  }

  #identityOf(params: WebhookParams, known: string | undefined): CallIdentity {
    const { clock, twilio } = this.#desk
    const to = params.text('To')
    return {
      callId: known === undefined ? newCallId() : (known as CallIdentity['callId']),
      direction: 'inbound',
      from: callerOf(params.text('From')),
      to:
        to === undefined
          ? twilio.phoneNumber
          : (decodePhoneNumber(to) ?? callerOf(to) ?? 'unknown'),
      trunk: TRUNK,
      provider: 'twilio',
      createdAt: clock.now(),
      metadata: {},
    }
  }

  async #agentOf(identity: CallIdentity): Promise<AgentTarget | null> {
    const { directory, logger } = this.#desk
    try {
      const decided = await waitFor(directory.resolveInbound(identity), {
        name: 'the agent directory',
        timeout: DECISION_DEADLINE,
      })
      return decided.kind === 'refused' ? null : decided.agent
    } catch (error) {
      const { callId } = identity
      logger.error({ err: error, callId }, 'the agent directory did not answer')
      return null
    }
  }
}

const draining = (): AppError =>
  new AppError('DRAINING', 'The process is about to stop and takes no new calls.', {
    retryAfterSeconds: RESTART_SECONDS,
  })
