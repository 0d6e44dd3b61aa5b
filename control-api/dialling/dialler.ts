// Places a call that somebody's key pays for: budget, what later attempts need, the gateway. Under an id that was decided
// before, so that whatever is restarted there is one call of it.
import {
  ms,
  type CallControl,
  type CallId,
  type LiveCall,
  type OriginateRequest,
} from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import { RESTART_SECONDS, waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { agentColumns, newCallRow } from '../calls/call-row.ts'
import type { CallRecorder } from '../calls/recorder.ts'
import type { CallRepository } from '../calls/repository.ts'
import type { Database } from '../db/database.ts'
import type { CallRow } from '../db/schema.ts'
import type { ReadinessSwitch } from '../readiness.ts'
import type { CallRequests } from './call-requests.ts'
import type { Dialling, DialBudgets, Reservation } from './dial-budgets.ts'
import { firstOf } from './next-attempt.ts'
import { encodePolicy, type RetryPolicy } from './retry-policy.ts'

/** The gateway answers when the record is durable, long before the INVITE is answered. */
const ORIGINATE_TIMEOUT = ms(15_000)

export interface DiallerDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly database: Database
  readonly calls: CallRepository
  readonly recorder: CallRecorder
  readonly readiness: Pick<ReadinessSwitch, 'get'>
  readonly budgets: DialBudgets
  readonly requests: CallRequests
  /** Undefined before the gateway is up. */
  readonly callControl: () => CallControl | undefined
}

export interface WantedCall {
  readonly callId: CallId
  readonly request: OriginateRequest
  readonly retry?: RetryPolicy | undefined
  readonly by: Dialling
}

export class Dialler {
  readonly #deps: DiallerDeps

  constructor(deps: DiallerDeps) {
    this.#deps = deps
  }

  /** The record of a call, as far as it has come. */
  async find(callId: CallId): Promise<CallRow | undefined> {
    return this.#deps.recorder.find(callId) ?? (await this.#deps.calls.find(callId))
  }

  /**
   * Rejects only when no call was placed, unless with `TIMED_OUT` or a defect: then nobody can tell yet.
   * @throws AppError as CallControl.originate says, `DIAL_NOT_ALLOWED`, `DIAL_BUDGET_SPENT`
   */
  async place(wanted: WantedCall): Promise<CallRow> {
    const { callId, request, by } = wanted
    const control = this.#control()
    const reservation = await this.#deps.budgets.reserve(by, request)
    try {
      await this.#keepForLater(wanted)
      const call = await waitFor(control.originate(asked(wanted)), {
        name: 'the gateway taking the call',
        timeout: ORIGINATE_TIMEOUT,
      })
      return this.#deps.recorder.find(callId) ?? rowOf(call, request)
    } catch (error) {
      if (!isUncertain(error)) await this.#undo(wanted, reservation)
      throw error
    }
  }

  /** @throws AppError `DRAINING`, `SIP_UNAVAILABLE` */
  #control(): CallControl {
    if (this.#deps.readiness.get() === 'draining')
      throw new AppError('DRAINING', 'The process is about to stop and takes no new calls.', {
        retryAfterSeconds: RESTART_SECONDS,
      })
    const control = this.#deps.callControl()
    if (!control) throw new AppError('SIP_UNAVAILABLE', 'The gateway is not up yet.')
    return control
  }

  /** Durable before anything rings: the record says that another attempt may follow, and here is what it needs. */
  async #keepForLater({ callId, request, retry, by }: WantedCall): Promise<void> {
    const { clock, recorder, requests } = this.#deps
    if (retry && request.retry === undefined)
      await requests.keep(callId, { request, retry, keyId: by.keyId }, clock.now())
    recorder.assign(callId, {
      ...agentOf(request),
      ...(retry ? { retry_policy: encodePolicy(retry) } : {}),
    })
  }

  /** Whoever asked is told that there is no call: so no attempt may follow by itself, and none is counted. */
  async #undo({ callId, request, retry }: WantedCall, reservation: Reservation): Promise<void> {
    const { database, recorder, requests, logger } = this.#deps
    recorder.forgetAssigned(callId)
    try {
      await reservation.giveBack()
      // The request of a later attempt is kept: whoever placed it decides what follows.
      if (!retry || request.retry) return
      if (recorder.find(callId))
        recorder.assign(callId, { retry_policy: null, next_attempt_at: null })
      await database.write(requests.forgotten(firstOf({ call_id: callId, retry_of: null })))
    } catch (error) {
      // Counted too much at worst; a request without a call is forgotten by the next start.
      logger.warn({ err: error, callId }, 'a call that was not placed could not be taken back')
    }
  }
}

/** Nobody knows whether the call is placed. */
const isUncertain = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === undefined || code === 'TIMED_OUT' || code === 'STATE_CONFLICT'
}

/** Where the menu alone talks, the call has none. */
const agentOf = ({ agent, answerWith }: OriginateRequest) =>
  answerWith === 'order-ivr' ? {} : agentColumns(agent)

const asked = ({ callId, request, by }: WantedCall): OriginateRequest => ({
  ...request,
  callId,
  placedBy: by.keyId,
  ...(by.budget?.trunks === undefined ? {} : { allowedTrunks: by.budget.trunks }),
})

/** For a call whose record is not ours (another node's): as the gateway holds it. */
const rowOf = (call: LiveCall, request: OriginateRequest): CallRow => ({
  ...newCallRow(call, 0),
  ...agentOf(request),
  status: call.status,
  answered_at: call.answeredAt,
})
