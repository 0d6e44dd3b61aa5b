// What a call that goes on is doing besides talking, as its timeline tells it.
import type { TimelineItem } from '../axis/axis-data.ts'

export type RecordingState = 'none' | 'recording' | 'paused' | 'over'

export function recordingState(items: readonly TimelineItem[]): RecordingState {
  switch (items.findLast(({ type }) => type.startsWith('recording.'))?.type) {
    case undefined:
      return 'none'
    case 'recording.started':
    case 'recording.resumed':
      return 'recording'
    case 'recording.paused':
      return 'paused'
    default:
      return 'over'
  }
}

const TOLD = [
  'transfer.requested',
  'transfer.referred',
  'transfer.progress',
  'transfer.invite',
  'transfer.answered',
  'transfer.failed',
  'transfer.ended',
] as const

export interface TransferState {
  readonly told: (typeof TOLD)[number]
  /** Why nothing came of it. */
  readonly detail: string
}

/** Null: nobody asked for one. */
export function transferState(items: readonly TimelineItem[]): TransferState | null {
  const last = items.findLast(({ type }) => TOLD.some((one) => one === type))
  const told = TOLD.find((one) => one === last?.type)
  if (told === undefined) return null
  const detail = last?.['detail']
  return { told, detail: typeof detail === 'string' ? detail : '' }
}
