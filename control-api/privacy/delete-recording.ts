// Deletes the audio of one call for good: ours, and what the agent's vendor gave us of it.
import type { MediaStore } from '#core/contracts'
import { AppError } from '#core/errors'
import type { AuditLog } from '../access/audit-log.ts'
import type { Database } from '../db/database.ts'
import type { CallRow } from '../db/schema.ts'
import type { Principal } from '../http-server.ts'
import { NO_AUDIO_OF_VENDOR, withoutRecordings } from './call-parts.ts'

export interface DeleteRecordingDeps {
  readonly database: Database
  readonly mediaStore: MediaStore
  readonly audit: AuditLog
}

/** False when there is none. @throws AppError `STATE_CONFLICT` while it is made; `STORAGE_UNAVAILABLE` */
export async function deleteRecording(
  { database, mediaStore, audit }: DeleteRecordingDeps,
  row: CallRow,
  by: Principal,
): Promise<boolean> {
  const { query } = database
  if (row.recording_state === 'recording')
    throw new AppError('STATE_CONFLICT', 'The recording of this call is not finished yet.')
  const ofVendor = await query
    .selectFrom('conversations')
    .select('audio_key')
    .where('call_id', '=', row.call_id)
    .where('audio_key', 'is not', null)
    .execute()
  const keys = [row.recording_key, ...ofVendor.map(({ audio_key: key }) => key)]
  const known = keys.filter((key) => key !== null)
  if (known.length === 0) return false
  for (const key of known) await mediaStore.delete(key)
  const audio = query.updateTable('conversations').set(NO_AUDIO_OF_VENDOR)
  await database.write([
    ...withoutRecordings(query, [row]),
    audio.where('call_id', '=', row.call_id),
    audit.noted(by, 'recording.deleted', row.call_id),
  ])
  return true
}
