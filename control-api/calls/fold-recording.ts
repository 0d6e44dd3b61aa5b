// What an event of a recording changes in the row of its call. The key is the only way to the audio: whoever erases it
// deletes the key from the media store, then sets the state to `deleted` and the rest to null.
import type { CallEvent } from '#core/contracts'
import type { CallRow, CallUpdate } from '../db/schema.ts'

export type RecordingEvent = Extract<CallEvent, { type: `recording.${string}` }>

export const isRecordingEvent = (event: CallEvent): event is RecordingEvent =>
  event.type.startsWith('recording.')

export function foldRecording(row: CallRow, event: RecordingEvent): CallUpdate {
  switch (event.type) {
    case 'recording.started':
      return row.recording_state === null ? { recording_state: 'recording' } : {}
    case 'recording.stored':
      return {
        recording_state: 'stored',
        recording_key: event.data.key,
        recording_bytes: event.data.bytes,
        recording_sha256: event.data.sha256,
        recording_duration_ms: event.data.durationMs,
      }
    case 'recording.failed':
      // The part before a failure may be stored already, or yet be.
      return row.recording_state === 'stored' ? {} : { recording_state: 'failed' }
    case 'recording.empty':
      return row.recording_state === 'recording' ? { recording_state: null } : {}
    case 'recording.paused':
    case 'recording.resumed':
      return {}
    default:
      return event satisfies never
  }
}
