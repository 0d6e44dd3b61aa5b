// What the axis needs said, so that its pure parts know no language.
import type { Silence, TimelineItem, Turn } from './axis-data.ts'
import type { StateName } from './call-states.ts'

/** In the reader's language. */
export interface AxisWords {
  event(item: TimelineItem): string
  /** The same in a word or two. */
  short(item: TimelineItem): string
  session(): string
  state(state: StateName): string
  silence(silence: Silence): string
  /** Of who spoke, when nobody told the words. */
  speaker(turn: Turn): string
  machine(verdict: string): string
  retry(): string
}
