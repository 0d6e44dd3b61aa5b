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
  /** Sound that had been heard too much before, for the machine's sake. */
  readonly aheadMs?: number
}

/** By arrival, and by the timestamps: what no jitter buffer can mend. */
export function callerGaps({ carrier, stalls }: Take): Gaps {
  if (!carrier) return summary([], stalls)
  const { gaps, holes, beganAt } = carrier.rtpIn
  const late = gaps.map(({ at, ms }) => ({ from: at - ms - FRAME_MS, to: at, ms }))
  return summary([...late, ...holes.map((hole) => gapOf(hole, beganAt ?? 0))], stalls)
}

const gapOf = ({ offsetMs, ms }: AudioHole, beganAt: number): Gap => ({
  from: beganAt + offsetMs,
  to: beganAt + offsetMs + ms,
  ms,
})

/** A message that comes later than the sound in it accounts for. */
export function agentGaps({ sessions, stalls }: Take): Gaps {
  const gaps = sessions.flatMap(({ callerFrames }) => {
    const ahead = aheadOf(callerFrames, stalls)
    return callerFrames.flatMap(({ at, bytes }, index): Gap[] => {
      const before = callerFrames[index - 1]
      if (before === undefined) return []
      const gap = { from: before.at, to: at, ms: at - before.at - bytes / BYTES_PER_MS }
      if (gap.ms <= GAP_MS) return []
      return [isExcused(stalls, gap) ? gap : { ...gap, aheadMs: ahead(index) }]
    })
  })
  return summary(gaps, stalls)
}

/** Sound that was heard too much is made up for by then, or never. */
const AHEAD_FOR_MS = 10_000

type Frames = readonly { readonly at: number; readonly bytes: number }[]

/**
 * How much more sound than time there had been before that frame, since the machine kept us waiting. A pause is filled
 * in time, and what was kept waiting still comes: it is heard as well, and the next silence is so much shorter.
 */
function aheadOf(frames: Frames, stalls: readonly Stall[]): (index: number) => number {
  let heardMs = 0
  const heardBefore = frames.map(
    ({ bytes }) => (heardMs += bytes / BYTES_PER_MS) - bytes / BYTES_PER_MS,
  )
  return (index) => {
    const until = frames[index - 1]?.at ?? 0
    const ahead = stalls
      .filter(({ from }) => from < until && from > until - AHEAD_FOR_MS)
      .map(({ from }) => {
        const first = frames.findIndex(({ at }) => at > from)
        return (heardBefore[index] ?? 0) - (heardBefore[first] ?? 0) - (until - from)
      })
    return Math.max(0, ...ahead)
  }
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
export function isExcused(stalls: readonly Stall[], { from, to, ms, aheadMs = 0 }: Gap): boolean {
  const waitedMs = stalls
    .filter((stall) => stall.from < to + SLACK_MS && stall.to > from - SLACK_MS)
    .reduce((sum, stall) => sum + stall.to - stall.from, 0)
  return waitedMs + aheadMs > 0 && waitedMs + aheadMs + SLACK_MS >= ms
}

/** How long, in that time, the machine kept us waiting. What overlaps counts once. */
export function stalledMs(stalls: readonly Stall[], from: number, to: number): number {
  let [sum, counted] = [0, from]
  for (const stall of stalls.toSorted((one, other) => one.from - other.from)) {
    const begin = Math.max(stall.from, counted)
    const end = Math.min(stall.to, to)
    if (end <= begin) continue
    sum += end - begin
    counted = end
  }
  return sum
}

export const areFaulty = ({ count, longestMs }: Pick<Gaps, 'count' | 'longestMs'>): boolean =>
  count >= FAULTY_GAPS || longestMs > FAULTY_GAP_MS
