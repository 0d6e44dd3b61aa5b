// What is drawn as one with something at this zoom.
import { cluster, gatheringScale } from './clusters.ts'
import type { Entry } from './entry.ts'
import { GAPS } from './geometry.ts'

export function togetherWith(
  entry: Entry,
  lane: readonly Entry[],
  pxPerMs: number,
): readonly Entry[] {
  const found = cluster(lane, gatheringScale(pxPerMs), gapOf(entry))
  return found.find(({ members }) => members.some(({ key }) => key === entry.key))?.members ?? []
}

function gapOf({ lane }: Entry): number {
  switch (lane) {
    case 'sip':
    case 'link':
      return GAPS.ladder
    case 'agent':
    case 'call':
      return GAPS.marks
    case 'caller-words':
    case 'agent-words':
      return GAPS.blocks
    case 'silence':
      return GAPS.silences
    case 'state':
    case 'session':
      return 0
    default:
      lane satisfies never
      return 0
  }
}
