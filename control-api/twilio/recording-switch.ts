// When a call of Twilio is recorded: never before the caller consented, and where RECORD_CALLS allows it. By Twilio where
// the menu is part of it, by ourselves where the agent alone talks: that audio comes by us anyway.
import type { FlowTurn, RecordingAction, RecordingRefusal } from '#core/contracts'
import { ms } from '#core/contracts'
import { inBackground } from '#core/telemetry'
import { hasFlow } from '../calls/call-plan.ts'
import type { TwilioCall } from './twilio-call.ts'
import { turnKey, type TwilioDesk } from './twilio-desk.ts'

/** Not every account has the verb: without a word that it began, it is asked for by the API. */
const VERB_PATIENCE = ms(10_000)

/** For the turn that starts it; the same one again, however often it is asked for. */
export function recordingWith(
  desk: TwilioDesk,
  call: TwilioCall,
  turn: FlowTurn,
): { readonly statusCallback: string } | undefined {
  const { recording } = call
  if (!turn.mayRecord || desk.recordCalls === 'off' || turn.then.kind === 'hang-up')
    return undefined
  const key = turnKey(turn)
  if (recording.turn === null && recording.step === 'none') {
    recording.turn = key
    recording.set('asked')
    call.keep({ recording_turn: key, recording_state: 'asked' })
    call.timers.after(VERB_PATIENCE, () => {
      if (recording.step === 'asked')
        inBackground(startByApi(desk, call), call.logger, 'starting a recording')
    })
  }
  const statusCallback = desk.urls.status(call.identity.callId, 'recording')
  return recording.turn === key ? { statusCallback } : undefined
}

/** By hand. What is done here is told by Twilio's callback. */
export function recordByHand(
  desk: TwilioDesk,
  call: TwilioCall | undefined,
  action: RecordingAction,
): 'done' | RecordingRefusal | 'not-live' {
  if (!call || call.isFinished) return 'not-live'
  if (desk.recordCalls === 'off') return 'off'
  if (call.answeredAt === null) return 'not-answered'
  const { recording } = call
  if (recording.step === 'over') return 'over'
  if (action !== 'start') {
    if (recording.step !== 'started' && recording.step !== 'paused') return 'not-started'
    if (hasFlow(call.plan))
      inBackground(pause(desk, call, action), call.logger, 'changing a recording')
    else call.audio?.record(action)
    return 'done'
  }
  if (recording.step === 'none' && !hasFlow(call.plan)) call.audio?.record('start')
  else if (recording.step === 'none') {
    recording.set('asked')
    call.keep({ recording_state: 'asked' })
    inBackground(startByApi(desk, call), call.logger, 'starting a recording')
  }
  return 'done'
}

async function startByApi({ rest, urls }: TwilioDesk, call: TwilioCall): Promise<void> {
  const { sid } = call
  if (sid === null || call.isFinished) return
  const answer = await rest.startRecording(sid, urls.status(call.identity.callId, 'recording'))
  if (answer.kind === 'ok') {
    recordingStarted(call, answer.value.sid)
    return
  }
  call.recording.set('none')
  call.note('recording.failed', { detail: answer.error.message })
}

async function pause(
  { rest }: TwilioDesk,
  call: TwilioCall,
  action: 'pause' | 'resume',
): Promise<void> {
  const { sid } = call
  if (sid === null) return
  const answer = await rest.updateRecording(sid, action === 'pause' ? 'paused' : 'in-progress')
  if (answer.kind !== 'ok') {
    call.logger.error({ err: answer.error }, 'Twilio did not change the recording')
    return
  }
  call.recording.set(action === 'pause' ? 'paused' : 'started')
  if (action === 'pause') call.note('recording.paused', {})
  else call.note('recording.resumed', {})
}

/** Told by its callback, and by the answer of the API, whichever is first. */
export function recordingStarted(call: TwilioCall, recordingSid: string): void {
  const { recording } = call
  if (recording.step === 'started' || recording.step === 'paused' || recording.step === 'over')
    return
  recording.set('started')
  recording.sid = recordingSid
  call.keep({ recording_id: recordingSid, recording_state: 'started' })
  call.note('recording.started', {})
}
