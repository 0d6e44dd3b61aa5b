// What the figures of a call's audio say: decoded from its timeline, graded in words, its silences summed.
import type { Silence, TimelineItem } from '../axis/axis-data.ts'

export interface Direction {
  readonly packets: number
  readonly lost: number | null
  readonly jitterMs: number | null
  readonly mos: number | null
}

export interface Quality {
  /** From the far end to us, and from us to it. */
  readonly received: Direction
  readonly sent: Direction
  readonly roundTripMs: number | null
  readonly concealedMs: number | null
  readonly underruns: number | null
  readonly packetsRejected: number | null
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)

function directionOf(value: unknown): Direction {
  const told = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  return {
    packets: numberOf(told['packets']) ?? 0,
    lost: numberOf(told['lost']),
    jitterMs: numberOf(told['jitter_ms']),
    mos: numberOf(told['mos']),
  }
}

/** @returns null before it is told, and of a call that was never answered */
export function qualityOf(items: readonly TimelineItem[]): Quality | null {
  const told = items.findLast(({ type }) => type === 'media.summary')
  if (told === undefined) return null
  return {
    received: directionOf(told['received']),
    sent: directionOf(told['sent']),
    roundTripMs: numberOf(told['round_trip_ms']),
    concealedMs: numberOf(told['concealed_ms']),
    underruns: numberOf(told['underruns']),
    packetsRejected: numberOf(told['packets_rejected']),
  }
}

export type Grade = 'good' | 'fair' | 'poor'

/** ITU-T G.107 Annex B: from 4.0 on users are satisfied; below 3.6 many are not. */
export function gradeOf(mos: number): Grade {
  if (mos >= 4) return 'good'
  return mos >= 3.6 ? 'fair' : 'poor'
}

/** Of what was to arrive; null when nobody told, or nothing was there to lose. `packets` counts those that came, or that were sent. */
export function lossShare({ packets, lost }: Direction, way: 'received' | 'sent'): number | null {
  if (lost === null) return null
  const all = way === 'received' ? packets + lost : packets
  return all === 0 ? null : Math.max(0, lost) / all
}

export interface CauseSum {
  readonly cause: Silence['cause']
  readonly count: number
  readonly totalMs: number
  readonly longestMs: number
}

const CAUSES = ['carrier', 'gateway', 'agent', 'caller'] as const

/** Those that there were, in the order of the way that sound takes; the caller's turn last. */
export const silencesByCause = (silences: readonly Silence[]): readonly CauseSum[] =>
  CAUSES.flatMap((cause) => {
    const lengths = silences
      .filter((one) => one.cause === cause)
      .map(({ from_ms: from, to_ms: to }) => to - from)
    if (lengths.length === 0) return []
    const totalMs = lengths.reduce((sum, one) => sum + one, 0)
    return [{ cause, count: lengths.length, totalMs, longestMs: Math.max(...lengths) }]
  })
