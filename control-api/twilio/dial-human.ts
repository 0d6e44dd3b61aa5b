// A human's phone rings by Twilio: admitted like every number that we make ring, and told in the timeline.
import {
  epochMs,
  termination,
  type CallSlot,
  type E164,
  type FlowTurn,
  type TransferRefusal,
  type TransferRequest,
} from '#core/contracts'
import { AppError } from '#core/errors'
import { inBackground } from '#core/telemetry'
import type { TwilioCall } from './twilio-call.ts'
import type { TwilioDesk } from './twilio-desk.ts'
import { TRUNK, turnKey } from './twilio-desk.ts'
import { dialHuman } from './twiml-documents.ts'

/** Decided for each turn once, so that a repeated request changes nothing. */
const decided = new WeakMap<TwilioCall, Map<string, boolean>>()

/** For a turn of the menu that calls a human: whether the number may ring. */
export function mayDial(desk: TwilioDesk, call: TwilioCall, turn: FlowTurn): boolean {
  if (turn.then.kind !== 'transfer') return false
  const known = decided.get(call) ?? new Map<string, boolean>()
  decided.set(call, known)
  const key = turnKey(turn)
  const before = known.get(key)
  if (before !== undefined) return before
  const may = begin(desk, call, turn.then.to)
  known.set(key, may)
  return may
}

function begin(desk: TwilioDesk, call: TwilioCall, to: E164): boolean {
  if (call.transfer !== undefined) return false
  call.note('transfer.requested', { to, by: 'flow', mode: 'bridge' })
  try {
    hold(call, admit(desk, to))
  } catch (error) {
    call.logger.warn({ err: error }, 'a human may not be called')
    call.note('transfer.failed', { detail: 'the number may not ring', sipStatus: null })
    return false
  }
  call.transfer = { to, by: 'flow' }
  return true
}

/** By hand, or by the agent. @throws AppError as CallControl.transfer says */
export function transferCall(
  desk: TwilioDesk,
  call: TwilioCall | undefined,
  { to, by, allowedTrunks }: TransferRequest,
): 'begun' | TransferRefusal {
  if (!call || call.isFinished || call.ending !== null) return 'not-live'
  const { sid } = call
  if (call.answeredAt === null || sid === null) return 'not-answered'
  if (call.transfer !== undefined) return 'transferring'
  if (allowedTrunks?.includes(TRUNK) === false)
    throw new AppError('DIAL_NOT_ALLOWED', 'This key may not place calls by Twilio.')
  const slot = admit(desk, to)
  hold(call, slot)
  call.transfer = { to, by }
  call.note('transfer.requested', { to, by, mode: 'bridge' })
  inBackground(redirect(desk, call, { to, sid, slot }), call.logger, 'a transfer')
  return 'begun'
}

interface Redirection {
  readonly to: E164
  readonly sid: string
  readonly slot: CallSlot
}

/** Twilio carries out new TwiML in the place of what it was told before: a stream ends by that. */
async function redirect(
  { rest, urls, twilio }: TwilioDesk,
  call: TwilioCall,
  { to, sid, slot }: Redirection,
): Promise<void> {
  const action = urls.status(call.identity.callId, 'dial')
  const twiml = dialHuman(to, twilio.phoneNumber, action)
  const answer = await rest.updateCall(sid, { twiml })
  if (answer.kind === 'ok') {
    await call.audio?.close('the caller is handed over')
    return
  }
  slot.release()
  call.transfer = undefined
  const detail = answer.error.message
  call.note('transfer.failed', { detail, sipStatus: null })
}

/** @throws AppError as CallControl.admit says */
function admit(desk: TwilioDesk, to: E164): CallSlot {
  const control = desk.callControl()
  if (!control) throw new AppError('SIP_UNAVAILABLE', 'The gateway is not up yet.')
  return control.admit({ direction: 'outbound', to, needsAgent: false })
}

const slots = new WeakMap<TwilioCall, CallSlot>()

function hold(call: TwilioCall, slot: CallSlot): void {
  slots.set(call, slot)
  void call.over.then(() => slot.release())
}

/** They talked: it is told when it is over, for Twilio tells it no sooner. */
export function dialAnswered({ clock }: TwilioDesk, call: TwilioCall, seconds: number): void {
  if (call.transfer === undefined || call.isFinished) return
  const now = clock.now()
  const at = epochMs(Math.max(call.answeredAt ?? now, now - seconds * 1000))
  call.note('transfer.answered', { dialog: null }, at)
  call.note('transfer.ended', { by: 'human' })
  call.end(termination('success', 'transferred', 'carrier'))
}

export function dialFailed(_desk: TwilioDesk, call: TwilioCall, outcome: string | undefined): void {
  if (call.transfer === undefined || call.isFinished) return
  slots.get(call)?.release()
  call.transfer = undefined
  const detail = outcome === undefined ? 'it was not called' : `Twilio: ${outcome.slice(0, 40)}`
  call.note('transfer.failed', { detail, sipStatus: null })
}
