// What the axis of a call is given, and what it tells the rest of its page.
import type { GetCallResponse } from '../../../api/generated/types.gen.ts'
import type { Silence, Speech, TimelineItem, Turn } from './axis-data.ts'
import type { AxisPlayer } from './axis-player.ts'

export { silenceKey, turnKey } from './axis-data.ts'
export type { AxisPlayer, Silence, Speech, TimelineItem, Turn }

/** Something on the axis: `turnKey(turn)`, `silenceKey(silence)`, or one that the axis gave. */
export interface AxisSelection {
  readonly offsetMs: number
  readonly key: string
}

export interface CallAxisProps {
  readonly call: GetCallResponse
  /** Grows while the call lasts. */
  readonly items: readonly TimelineItem[]
  readonly silences: readonly Silence[]
  readonly speech: readonly Speech[]
  readonly turns: readonly Turn[]
  readonly isLive: boolean
  readonly selected: AxisSelection | null
  readonly onSelect: (selection: AxisSelection | null) => void
  /** Of `useAxisPlayer()`: the transcript's lines seek by it, too. */
  readonly player: AxisPlayer
}
