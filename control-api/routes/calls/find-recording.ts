// The recording that a path names: only the row of its call says whether there is one.
import type { MediaStore } from '#core/contracts'
import type { CallRow } from '../../db/schema.ts'
import { DELETED, noRecording } from './stored-audio.ts'

export interface FoundRecording {
  readonly key: string
  readonly sha256: string
  readonly totalBytes: number
}

/** @throws AppError `RECORDING_NOT_FOUND`, `STORAGE_UNAVAILABLE`. */
export async function findRecording(
  mediaStore: Pick<MediaStore, 'size'>,
  row: CallRow,
): Promise<FoundRecording> {
  const { recording_key: key, recording_sha256: sha256 } = row
  if (row.recording_state !== 'stored' || key === null || sha256 === null)
    throw noRecording(whyNone(row))
  const totalBytes = await mediaStore.size(key)
  if (totalBytes === undefined) throw noRecording(DELETED)
  return { key, sha256, totalBytes }
}

function whyNone(row: CallRow): string {
  switch (row.recording_state) {
    case null:
      return 'Nothing of this call was recorded.'
    case 'recording':
      return 'The recording of this call is not finished yet.'
    case 'failed':
      return 'The recording of this call could not be kept.'
    case 'stored':
    case 'deleted':
      return DELETED
    default:
      return row.recording_state satisfies never
  }
}
