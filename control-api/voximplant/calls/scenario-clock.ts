// The clock of a scenario beside ours. What it signs is its own word: no time of it is before its call began, or after now.
import { epochMs, type EpochMs } from '#core/contracts'

/** A platform whose clock is more wrong than this has none. */
const MOST_OFFSET_MS = 3_600_000

/** To be added to the times of a clock that showed `theirs` when ours showed `ours`. */
export function clockOffset(theirs: number, ours: number): number {
  const offset = ours - theirs
  return Math.abs(offset) > MOST_OFFSET_MS ? 0 : offset
}

export function within(
  moment: number,
  { from, to }: { readonly from: number; readonly to: number },
): EpochMs {
  return epochMs(Math.max(from, Math.min(to, moment)))
}
