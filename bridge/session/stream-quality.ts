// How both directions fared, for the record: loss and jitter as counted or told by RTCP, and what they mean to ears.
import { FRAME_MS, type StreamQuality } from '#core/contracts'
import { mosOf } from '../rtp/mos.ts'
import type { SentQuality } from '../rtp/rtcp-session.ts'

/** A phone's jitter buffer holds two packets where nothing shakes. */
const MIN_PLAYOUT_MS = 2 * FRAME_MS

export interface ReceivedCounters {
  readonly received: number
  readonly lost: number
  /** Lost or too late, which sounds the same. */
  readonly givenUp: number
  /** How often, be it one packet or many at once. */
  readonly lossBursts: number
  readonly worstJitterMs: number | null
}

/** Of the caller's audio. `frameMs` is what a frame to the agent waits for to be full; nothing else is held back. */
export function receivedQuality(
  counters: ReceivedCounters,
  roundTripMs: number | null,
  frameMs: number,
): StreamQuality {
  const { received: packets, lost, givenUp, lossBursts, worstJitterMs: jitterMs } = counters
  if (packets === 0) return { packets, lost, jitterMs: null, mos: null }
  const mos = mosOf({
    delayMs: (roundTripMs ?? 0) / 2 + FRAME_MS + frameMs,
    lossRatio: givenUp / (packets + lost),
    lossBurst: givenUp / Math.max(1, lossBursts),
    isConcealed: true,
  })
  return { packets, lost, jitterMs, mos }
}

/** Of ours. The far end is taken to conceal loss, as all do but the simplest, and to hold back as much as shakes. */
export function sentQuality(
  packets: number,
  told: SentQuality | null,
  roundTripMs: number | null,
): StreamQuality {
  if (told === null || packets === 0) return { packets, lost: null, jitterMs: null, mos: null }
  const { lost, jitterMs } = told
  const playoutMs = Math.max(MIN_PLAYOUT_MS, 2 * jitterMs)
  const mos = mosOf({
    delayMs: (roundTripMs ?? 0) / 2 + FRAME_MS + playoutMs,
    lossRatio: lost / packets,
    lossBurst: 1,
    isConcealed: true,
  })
  return { packets, lost, jitterMs, mos }
}
