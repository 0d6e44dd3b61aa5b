// What the API tells of a call, as the axis is made of it.
import type {
  GetCallTimelineResponse,
  GetTranscriptResponse,
} from '../../../api/generated/types.gen.ts'

/** The rest of its fields depend on its type (docs/events.md). */
export type TimelineItem = Readonly<GetCallTimelineResponse['items'][number]>
export type Turn = GetTranscriptResponse['items'][number]

/** As GET /api/calls/{call_id}/silences gives them. */
export interface Silence {
  readonly from_ms: number
  readonly to_ms: number
  readonly cause: 'carrier' | 'gateway' | 'agent' | 'caller'
  /** More will come. */
  readonly reason: string
  /** A sentence with figures, in English. */
  readonly detail: string
}

export interface Speech {
  readonly who: 'caller' | 'agent'
  readonly from_ms: number
  readonly to_ms: number
}

export const turnKey = ({ role, offset_ms: offset }: Turn): string => `turn:${role}@${offset}`
export const silenceKey = ({ from_ms: from, reason }: Silence): string =>
  `silence:${reason}@${from}`
