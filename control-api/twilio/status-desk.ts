// What Twilio tells of a call beside asking what to do with it: its state, who picked up, its recording, its stream.
import { termination, type CallId } from '#core/contracts'
import { inBackground } from '#core/telemetry'
import { isFinal, verdictOf } from './call-status.ts'
import { hangUp } from './hang-up.ts'
import { recordingStarted } from './recording-switch.ts'
import type { TwilioCall } from './twilio-call.ts'
import type { TwilioDesk } from './twilio-desk.ts'
import { decodeSid, type WebhookParams } from './webhook-params.ts'
import type { StatusKind } from './webhook-urls.ts'

export interface Told {
  readonly params: WebhookParams
  readonly callId: CallId | undefined
}

/** `ignored`: there is nothing in it for us, or it was told before. */
export type TellResult = 'taken' | 'ignored'

export async function tellStatus(
  desk: TwilioDesk,
  kind: Exclude<StatusKind, 'connect' | 'dial'> | undefined,
  told: Told,
): Promise<TellResult> {
  const sid = decodeSid(told.params.text('CallSid'))
  if (sid === undefined) return 'ignored'
  if (kind === 'recording') return tellRecording(desk, told, sid)
  const call = find(desk, told, sid)
  if (call === undefined) {
    if (kind === undefined) await endForgotten(desk, told, sid)
    return 'ignored'
  }
  switch (kind) {
    case undefined:
      tellState(desk, call, told.params)
      break
    case 'machine':
      tellVerdict(desk, call, told.params)
      break
    case 'stream':
      tellStream(call, told.params)
      break
    default:
      kind satisfies never
  }
  return 'taken'
}

function find({ book }: TwilioDesk, { callId }: Told, sid: string): TwilioCall | undefined {
  const call = callId === undefined ? book.findBySid(sid) : book.find(callId)
  // Its own word, before the answer to our request, or in the place of one that was lost.
  if (call?.sid === null) call.bind(sid)
  // Another leg of it.
  return call?.sid === sid ? call : undefined
}

function tellState(desk: TwilioDesk, call: TwilioCall, params: WebhookParams): void {
  const status = params.text('CallStatus')
  if (status === undefined) return
  call.tell({
    status,
    sequence: params.count('SequenceNumber'),
    sipStatus: sipStatusOf(params),
    errorCode: params.text('ErrorCode') ?? null,
  })
  if (call.ending === null || call.isFinished || status === 'in-progress') return
  // It was hung up before anybody knew its id.
  if (call.answeredAt === null)
    inBackground(hangUp(desk.rest, call, call.ending), call.logger, 'ending a call')
}

function sipStatusOf(params: WebhookParams): number | null {
  const status = params.count('SipResponseCode')
  return status !== undefined && status >= 100 && status <= 699 && status !== 200 ? status : null
}

/** One that we gave up, and Twilio did not: nobody here would talk to whoever picks up. */
async function endForgotten(desk: TwilioDesk, { params, callId }: Told, sid: string) {
  const status = params.text('CallStatus')
  if (callId === undefined || status === undefined || isFinal(status)) return
  const row = await desk.store.find(callId)
  if (row?.ended_at == null || (row.provider_call_id !== null && row.provider_call_id !== sid))
    return
  desk.logger.warn({ callId }, 'Twilio goes on with a call that is over here: it is ended')
  await desk.rest.updateCall(sid, { status: 'completed' })
}

function tellVerdict(desk: TwilioDesk, call: TwilioCall, params: WebhookParams): void {
  if (call.isFinished || call.isJudged) return
  const verdict = verdictOf(params.text('AnsweredBy'))
  call.isJudged = true
  call.note('machine.verdict', { verdict })
  const isMachine = verdict === 'machine' || verdict === 'fax'
  if (!isMachine || call.plan.answeringMachine !== 'gate' || call.ending !== null) return
  const gated = termination('success', 'hangup', 'gateway')
  inBackground(hangUp(desk.rest, call, gated), call.logger, 'hanging up on a machine')
}

function tellStream(call: TwilioCall, params: WebhookParams): void {
  if (params.text('StreamEvent') !== 'stream-error') return
  // Words of Twilio's about the connection; nothing personal is in them, and none of ours is needed.
  const detail = (params.text('StreamError') ?? '').slice(0, 200)
  call.logger.warn({ detail }, 'Twilio had trouble with a stream')
}

const RECORDING_SID = /^RE[0-9a-f]{32}$/i

/** Also of a call that is over: what was recorded is whole only then. */
async function tellRecording(
  desk: TwilioDesk,
  { params, callId }: Told,
  sid: string,
): Promise<TellResult> {
  const recordingSid = params.text('RecordingSid') ?? ''
  const row = callId === undefined ? undefined : await desk.store.find(callId)
  if (callId === undefined || row?.provider_call_id !== sid || !RECORDING_SID.test(recordingSid))
    return 'ignored'
  const call = desk.book.find(callId)
  switch (params.text('RecordingStatus')) {
    case 'in-progress':
      if (call) recordingStarted(call, recordingSid)
      return 'taken'
    case 'completed':
      if (call) recordingStarted(call, recordingSid)
      call?.recording.set('over')
      await desk.jobs.enqueue({
        kind: 'twilio.recording',
        data: { call_id: callId, recording_sid: recordingSid },
        dedupeKey: `twilio.recording ${recordingSid}`,
      })
      desk.jobs.nudge()
      return 'taken'
    case 'absent':
      call?.recording.set('over')
      call?.note('recording.empty', {})
      return 'taken'
    default:
      return 'ignored'
  }
}
