// Recordings over REST: started on a call, paused, stopped, listed, heard, deleted
// (twilio.com/docs/voice/api/recording).
import { ULAW_SILENCE } from '#core/contracts'
import type { LiveCall } from './live-call.ts'
import { secondsOf, type Recordings } from './recordings.ts'
import type { RecordingRecord } from './records.ts'
import { restError, type RestAnswer } from './rest-answer.ts'
import { recordingOf } from './rest-calls.ts'
import { pageView, recordingView, type ViewDeps } from './rest-views.ts'

const BYTES_PER_SECOND = 8000

export function createRecording(
  recordings: Recordings,
  call: LiveCall,
  form: URLSearchParams,
  view: ViewDeps,
): RestAnswer {
  if (call.status !== 'in-progress') return restError(21220)
  const record = recordings.start(call, recordingOf(form, 'StartCallRecordingAPI'))
  return { status: 201, body: recordingView(record, view) }
}

/** @param sid `Twilio.CURRENT` is the one that runs */
export function updateRecording(
  recordings: Recordings,
  call: LiveCall,
  sid: string,
  form: URLSearchParams,
  view: ViewDeps,
): RestAnswer {
  const record = sid === 'Twilio.CURRENT' ? recordings.current(call.sid) : recordings.find(sid)
  if (record?.callSid !== call.sid) return restError(20404)
  const status = form.get('Status')
  if (status !== 'paused' && status !== 'in-progress' && status !== 'stopped')
    return restError(21220)
  if (record.endedAt !== null) return restError(21220)
  recordings.change(record.sid, status)
  return { status: 200, body: recordingView(record, view) }
}

export function listRecordings(
  records: readonly RecordingRecord[],
  url: URL,
  view: ViewDeps,
): RestAnswer {
  const asked = url.searchParams.get('CallSid')
  const fitting = records.filter(({ callSid }) => asked === null || callSid === asked)
  const body = pageView('recordings', fitting, (each) => recordingView(each, view), url)
  return { status: 200, body }
}

/** Silence of its length, as WAV in µ-law (RFC 2361). */
export function recordingMedia(record: RecordingRecord, now: number): RestAnswer {
  if (record.endedAt === null || record.status === 'absent') return restError(20404)
  const data = Buffer.alloc(secondsOf(record, now) * BYTES_PER_SECOND, ULAW_SILENCE)
  const header = Buffer.alloc(44)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(7, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(BYTES_PER_SECOND, 24)
  header.writeUInt32LE(BYTES_PER_SECOND, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(data.length, 40)
  return { status: 200, type: 'audio/x-wav', bytes: Buffer.concat([header, data]) }
}
