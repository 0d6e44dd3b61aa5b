// Gaps as the two ends heard them, and which of them the machine made. Pure.
import { FRAME_MS } from '#core/contracts'
import type { AudioHole } from '#simulators/carrier'
import type { Stall, Take } from './take.ts'

export interface Gaps {
  readonly count: number
  readonly longestMs: number
  /** Not counted: the machine made them. */
  readonly excused: number
}

export const GAP_MS = 20
/** A busy machine is late once or twice, by a frame: that is worth a note. Later than this, or oftener, is a fault. */
const FAULTY_GAP_MS = 40
const FAULTY_GAPS = 3
const BYTES_PER_MS = 8

/** A gap as somebody heard it. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly ms: number
}

/** By arrival, and by the timestamps: what no jitter buffer can mend. */
export function callerGaps({ carrier, stalls }: Take): Gaps {
  if (!carrier) return summary([], stalls)
  const { gaps, holes, firstAt } = carrier.rtpIn
  const late = gaps.map(({ at, ms }) => ({ from: at - ms - FRAME_MS, to: at, ms }))
  return summary([...late, ...holes.map((hole) => gapOf(hole, firstAt ?? 0))], stalls)
}

const gapOf = ({ offsetMs, ms }: AudioHole, firstAt: number): Gap => ({
  from: firstAt + offsetMs,
  to: firstAt + offsetMs + ms,
  ms,
})

/** A message that comes later than the sound in it accounts for. */
export function agentGaps({ sessions, stalls }: Take): Gaps {
  const gaps = sessions.flatMap(({ callerFrames }) =>
    callerFrames.flatMap(({ at, bytes }, index): Gap[] => {
      const before = callerFrames[index - 1]
      if (before === undefined) return []
      return [{ from: before.at, to: at, ms: at - before.at - bytes / BYTES_PER_MS }]
    }),
  )
  return summary(gaps, stalls)
}

function summary(all: readonly Gap[], stalls: readonly Stall[]): Gaps {
  const gaps = all.filter(({ ms }) => ms > GAP_MS)
  const counted = gaps.filter((gap) => !isExcused(stalls, gap))
  const longestMs = counted.reduce((longest, { ms }) => Math.max(longest, ms), 0)
  return { count: counted.length, longestMs, excused: gaps.length - counted.length }
}

/** The clocks of thread, kernel and RTP agree to so much. */
const SLACK_MS = 20

/** The machine kept a thread of ours waiting at that moment, and long enough to account for the gap. */
export function isExcused(stalls: readonly Stall[], { from, to, ms }: Gap): boolean {
  const waitedMs = stalls
    .filter((stall) => stall.from < to + SLACK_MS && stall.to > from - SLACK_MS)
    .reduce((sum, stall) => sum + stall.to - stall.from, 0)
  return waitedMs > 0 && waitedMs + SLACK_MS >= ms
}

export const areFaulty = ({ count, longestMs }: Pick<Gaps, 'count' | 'longestMs'>): boolean =>
  count >= FAULTY_GAPS || longestMs > FAULTY_GAP_MS
