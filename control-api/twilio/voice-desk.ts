// What is answered when Twilio asks what to do with a call. Asked twice it answers the same and does nothing twice: what
// was decided stands in the records.
import {
  FLOW_STEPS,
  termination,
  type CallId,
  type FlowInput,
  type FlowStep,
  type FlowTurn,
} from '#core/contracts'
import { AppError } from '#core/errors'
import { inBackground } from '#core/telemetry'
import { hasFlow } from '../calls/call-plan.ts'
import { dialAnswered, dialFailed, mayDial } from './dial-human.ts'
import { flowTwiml, type FlowTwimlParts } from './flow-twiml.ts'
import { recordingWith } from './recording-switch.ts'
import { Reception } from './take-call.ts'
import { owesFarewell } from './agent-verdict.ts'
import type { TwilioCall } from './twilio-call.ts'
import type { TwilioDesk } from './twilio-desk.ts'
import {
  BUSY,
  connectAgent,
  DIAL_SECONDS,
  goodbye,
  HANG_UP,
  streamTo,
  voiceOf,
  WAIT,
} from './twiml-documents.ts'
import { decodeSid, type WebhookParams } from './webhook-params.ts'

/** What names the call and the turn in an address that we gave. */
export interface Named {
  readonly callId?: CallId | undefined
  readonly step?: string | undefined
  readonly attempt?: string | undefined
}

export interface Asked {
  readonly params: WebhookParams
  readonly named: Named
}

/** Undefined: it is over, or was never ours. */
type Found = TwilioCall | 'busy' | undefined

export class VoiceDesk {
  readonly #desk: TwilioDesk
  readonly #reception: Reception
  /** Of calls that are being taken: Twilio may ask twice at once, and again before the first one is answered. */
  readonly #taking = new Map<string, Promise<Found>>()

  constructor(desk: TwilioDesk) {
    this.#desk = desk
    this.#reception = new Reception(desk)
  }

  /** /webhook/voice: the call's first question. */
  async begin(asked: Asked): Promise<string> {
    const sid = sidOf(asked)
    const call = this.#find(asked, sid) ?? (await this.#takeOnce(asked, sid))
    if (call === 'busy') return BUSY
    if (call === undefined || !this.#isLive(call, asked)) return HANG_UP
    return this.#guarded(call, () => this.#first(call, sid))
  }

  /** /webhook/consent and the others: the answer to a turn. @param route the step it is the address of */
  async answer(asked: Asked, route: FlowStep): Promise<string> {
    const sid = sidOf(asked)
    const call = this.#find(asked, sid)
    if (call === undefined || !this.#isLive(call, asked)) return HANG_UP
    return this.#guarded(call, async () => {
      const { flows } = this.#desk
      if (!flows) return HANG_UP
      const { callId } = call.identity
      const current = await flows.current(callId)
      // Without a name it answers what is asked now.
      const step = decodeStep(asked.named.step) ?? current?.step ?? route
      const attempt = decodeAttempt(asked.named.attempt) ?? current?.attempt ?? 1
      const input = inputOf(asked.params)
      return this.#render(call, await flows.advance(callId, { step, attempt, input }))
    })
  }

  /** Behind the stream: the agent is gone, and nobody else is there. */
  afterStream(asked: Asked): Promise<string> {
    const call = this.#find(asked, sidOf(asked))
    if (call === undefined) return Promise.resolve(HANG_UP)
    // Its end may not have reached us: nobody hears the agent any more.
    inBackground(
      call.audio?.close('Twilio left the stream') ?? Promise.resolve(),
      call.logger,
      'a stream',
    )
    // The agent was done before Twilio had the order to call a human: that one comes.
    if (call.transfer !== undefined) return Promise.resolve(WAIT)
    call.end(
      call.hadStream
        ? termination('upstream_error', 'media-lost', 'carrier')
        : termination('upstream_error', 'agent-refused', 'gateway'),
    )
    const { ending } = call
    const isAlone = owesFarewell(ending) || ending?.reason === 'media-lost'
    return Promise.resolve(isAlone ? goodbye(this.#desk, call.identity, 'sorry') : HANG_UP)
  }

  /** A human was rung: the talk is over, or there was none. */
  async afterDial(asked: Asked): Promise<string> {
    const { params, named } = asked
    const call = this.#find(asked, sidOf(asked))
    if (call === undefined) return HANG_UP
    const outcome = params.text('DialCallStatus')
    if (outcome === 'completed' || outcome === 'answered') {
      dialAnswered(this.#desk, call, params.count('DialCallDuration') ?? 0)
      return HANG_UP
    }
    dialFailed(this.#desk, call, outcome)
    const step = decodeStep(named.step)
    const { flows } = this.#desk
    if (step === undefined || !flows) {
      call.end(termination('indeterminate', 'hangup', 'gateway'))
      return goodbye(this.#desk, call.identity, 'nobody_answers')
    }
    if (!this.#isLive(call, asked)) return HANG_UP
    return this.#guarded(call, async () => {
      const answer = {
        step,
        attempt: decodeAttempt(named.attempt) ?? 1,
        input: { kind: 'transfer-failed' },
      } as const
      return this.#render(call, await flows.advance(call.identity.callId, answer))
    })
  }

  #find({ named }: Asked, sid: string): TwilioCall | undefined {
    const { book, logger } = this.#desk
    const call = named.callId === undefined ? book.findBySid(sid) : book.find(named.callId)
    if (call?.sid === null) call.bind(sid)
    if (call === undefined || call.sid === sid) return call
    logger.warn({ callId: call.identity.callId }, 'Twilio asks about a call under another id')
    return undefined
  }

  #takeOnce(asked: Asked, sid: string): Promise<Found> {
    const taking = this.#taking.get(sid)
    if (taking) return taking
    const taken = this.#take(asked, sid).finally(() => this.#taking.delete(sid))
    this.#taking.set(sid, taken)
    return taken
  }

  async #take({ params, named }: Asked, sid: string): Promise<Found> {
    const { store, calls, logger } = this.#desk
    const row =
      named.callId === undefined ? await store.findByVendorId(sid) : await store.find(named.callId)
    // A crash may have come between its two records.
    const isHalf = row !== undefined && (await calls.find(row.call_id as CallId)) === undefined
    const isNew = row === undefined && named.callId === undefined
    if (!isNew && !isHalf) {
      const callId = row?.call_id ?? named.callId
      logger.warn({ callId }, 'Twilio asks about a call that is over here')
      return undefined
    }
    const taken = await this.#reception.take(sid, params, row?.call_id)
    return taken.kind === 'busy' ? 'busy' : taken.call
  }

  /** What the request says of the call's state is news like any other. */
  #isLive(call: TwilioCall, { params }: Asked): boolean {
    const status = params.text('CallStatus')
    if (status !== undefined) call.tell({ status })
    return !call.isFinished && call.ending === null
  }

  async #first(call: TwilioCall, sid: string): Promise<string> {
    const { plan, identity } = call
    const { flows, canStream } = this.#desk
    if (hasFlow(plan) && flows) {
      const hasAgent = plan.agent !== null && canStream()
      return this.#render(call, await flows.begin(identity, { hasAgent }))
    }
    if (plan.agent === null || !canStream())
      throw new AppError('PROVIDER_NOT_CONFIGURED', 'Nobody is there to talk to the caller.')
    return connectAgent(streamTo(this.#desk, call, sid))
  }

  #render(call: TwilioCall, turn: FlowTurn): string {
    const { urls, twilio } = this.#desk
    const { identity, plan, sid } = call
    const { callId } = identity
    const { then } = turn
    if (then.kind === 'hang-up') {
      const result = then.reason === 'no-input' ? 'client_error' : 'success'
      call.end(termination(result, then.reason, 'gateway'))
    }
    const canTalk = plan.agent !== null && sid !== null && this.#desk.canStream()
    if (then.kind === 'agent' && !canTalk) call.end(termination('success', 'flow-ended', 'gateway'))
    const startRecording = recordingWith(this.#desk, call, turn)
    const parts: FlowTwimlParts = {
      voice: voiceOf(this.#desk, identity, turn.language),
      actionFor: (one) => urls.answer(callId, one),
      ...(startRecording === undefined ? {} : { startRecording }),
      ...(canTalk ? { connectStream: streamTo(this.#desk, call, sid) } : {}),
      ...(then.kind === 'transfer' && mayDial(this.#desk, call, turn)
        ? {
            dial: {
              callerId: twilio.phoneNumber,
              timeoutSeconds: DIAL_SECONDS,
              action: urls.answer(callId, turn),
            },
          }
        : {}),
    }
    return flowTwiml(turn, parts)
  }

  /** A failure that passes is Twilio's to try again; behind any other the caller is told, and the call ends. */
  async #guarded(call: TwilioCall, act: () => Promise<string>): Promise<string> {
    try {
      return await act()
    } catch (error) {
      if (error instanceof AppError && error.retryable) throw error
      call.logger.error({ err: error }, 'a call of Twilio could not go on')
      call.end(termination('server_error', 'internal-error', 'gateway'))
      return goodbye(this.#desk, call.identity, 'sorry')
    }
  }
}

/** @throws AppError `REQUEST_INVALID` */
function sidOf({ params }: Asked): string {
  const sid = decodeSid(params.text('CallSid'))
  if (sid === undefined) throw new AppError('REQUEST_INVALID', 'There is no CallSid.')
  return sid
}

const decodeStep = (text: string | undefined): FlowStep | undefined =>
  FLOW_STEPS.find((step) => step === text)

const decodeAttempt = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,2}$/.test(text) ? Number(text) : undefined

/** More than anybody types into one question. */
const MOST_DIGITS = 64

/** No digits, or none at all: silence, which is neither yes nor no. */
function inputOf(params: WebhookParams): FlowInput {
  const digits = params.text('Digits')
  return digits === undefined
    ? { kind: 'silence' }
    : { kind: 'digits', digits: digits.slice(0, MOST_DIGITS) }
}
