// The calls that an earlier run had: Twilio goes on with them, whatever became of us. A menu goes on where it was; a call
// whose agent was cut off is ended.
import {
  epochMs,
  ms,
  termination,
  type CallId,
  type CallIdentity,
  type Termination,
} from '#core/contracts'
import type { CallRow } from '../db/schema.ts'
import { decodePlan, type CallPlan } from '../calls/call-plan.ts'
import type { ProviderCallRow } from './provider-call-store.ts'
import { RecordingState } from './recording-state.ts'
import { TwilioCall } from './twilio-call.ts'
import { NO_SLOT, type TwilioDesk } from './twilio-desk.ts'

/** A first webhook that was cut off may be repeated for so long. */
const HALF_FOR_MS = 600_000

const CRASHED = termination('server_error', 'gateway-crashed', 'gateway')

export async function adoptCalls(desk: TwilioDesk): Promise<void> {
  const { store, calls, clock, logger, book } = desk
  for (const row of await store.open()) {
    const callId = row.call_id as CallId
    const call = await calls.find(callId)
    if (call === undefined && clock.now() - row.created_at < HALF_FOR_MS) continue
    if (call?.ended_at === null) book.add(adopt(desk, row, call))
    else await store.change(callId, { plan: null, ended_at: clock.now() }, clock.now())
  }
  if (book.size > 0) logger.warn({ calls: book.size }, 'calls of Twilio go on after a restart')
}

function adopt(desk: TwilioDesk, row: ProviderCallRow, call: CallRow): TwilioCall {
  const plan = decodePlan(row.plan) ?? withoutPlan(desk)
  const ending = decodeEnding(row.ending)
  const recording = new RecordingState(
    row.recording_state ?? 'none',
    row.recording_turn,
    row.recording_id,
  )
  const adopted = new TwilioCall(desk, {
    identity: identityOf(call),
    plan,
    slot: NO_SLOT,
    sid: row.provider_call_id,
    before: {
      status: call.status,
      answeredAt: call.answered_at === null ? null : epochMs(call.answered_at),
      vendorStatus: row.status,
      sequence: row.sequence,
      ending,
      streamId: row.stream_id,
      recording,
    },
  })
  // Its stream broke with us: behind it Twilio asks what to do, and is told to hang up.
  if (row.stream_id !== null && ending === null) adopted.end(CRASHED)
  return adopted
}

const withoutPlan = ({ twilio }: TwilioDesk): CallPlan => ({
  answerWith: twilio.answerWith,
  agent: null,
  answeringMachine: 'off',
  ringTimeout: ms(60_000),
  maxDuration: ms(3_600_000),
})

const identityOf = (row: CallRow): CallIdentity => ({
  callId: row.call_id as CallId,
  direction: row.direction,
  from: row.from_number,
  to: row.to_number,
  trunk: row.trunk,
  provider: 'twilio',
  createdAt: epochMs(row.created_at),
  // What the record has of it stays there: nobody asks a live call for it.
  metadata: {},
})

function decodeEnding(text: string | null): Termination | null {
  if (text === null) return null
  try {
    return JSON.parse(text) as Termination
  } catch {
    // Written by another version.
    return CRASHED
  }
}
