// Whether the calls that were admitted sounded as they should while others were refused.
import type { ProofReport } from '../proof.ts'
import type { LineQuality } from './line-load.ts'

/** What else there was. */
export interface Beside {
  /** Cores that other programs kept busy. */
  readonly strangers: number
  /** How long they talked. */
  readonly seconds: number
}

/** Of what was sent at one end, so much is heard at the other in the same window: the rest is on its way. */
const HEARD_SHARE = 0.985
/** On a busy machine it is for so long on its way at the most. */
const BUSY_WAY_SECONDS = 1
/** None, unless a process stands still for so long that what waits for it is more than any queue may hold. */
const LOST_SHARE = { quiet: 0, busy: 0.01 } as const
/**
 * Packets that may be more than 5 ms behind their own clock; on a machine that keeps the load itself standing still for
 * more than that, as many as it does, up to a hundredth.
 */
const LATE_SHARE = 0.001
const MOST_LATE_SHARE = 0.01
/** Lateness says nothing about us when others take the processor away: it is then printed, not judged. */
const QUIET_CORES = 0.1
/** Of fewer packets, one pause of a garbage collection is too large a share. */
const MIN_PACKETS = 10_000

export function judgeQuality(
  quality: LineQuality,
  { seconds, strangers }: Beside,
): Omit<ProofReport, 'evidence'> {
  const { framesOfAgents, framesToAgents, packetsHeard, packetsSent } = quality
  const late = quality.packetsLate / Math.max(1, packetsHeard)
  const unsure = quality.packetsUnsure / Math.max(1, packetsHeard)
  const isQuiet = strangers <= QUIET_CORES
  const isJudged = isQuiet && packetsHeard >= MIN_PACKETS
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
  const lost = quality.packetsLost + quality.framesToAgentsLost + quality.framesOfAgentsUnheard
  const least = isQuiet ? HEARD_SHARE : 1 - BUSY_WAY_SECONDS / seconds
  const problems: string[] = []
  if (lost > LOST_SHARE[isQuiet ? 'quiet' : 'busy'] * packetsSent)
    problems.push(
      `lost: ${quality.packetsLost} packets to callers, ${quality.framesToAgentsLost} frames to agents, ${quality.framesOfAgentsUnheard} frames of agents unheard`,
    )
  if (packetsHeard < framesOfAgents * least || framesToAgents < packetsSent * least)
    problems.push(
      `callers heard ${packetsHeard} packets of ${framesOfAgents}, agents ${framesToAgents} of ${packetsSent}`,
    )
  if (isJudged && late > Math.min(Math.max(LATE_SHARE, unsure), MOST_LATE_SHARE))
    problems.push(`${percent(late)} of packets late`)
  return {
    problems,
    figures: [
      `${packetsHeard} packets to callers of ${framesOfAgents}, ${framesToAgents} frames to agents of ${packetsSent}, ${lost} lost; late ${percent(late)}, nobody can tell of ${percent(unsure)}${isJudged ? '' : ' (lateness not judged)'}`,
      `behind their clock: p50 ${quality.behindMs.p50.toFixed(1)}, p99 ${quality.behindMs.p99.toFixed(1)}, max ${quality.behindMs.max.toFixed(1)} ms; RTP in to agent: p50 ${quality.uplinkMs.p50.toFixed(2)}, p99 ${quality.uplinkMs.p99.toFixed(2)} ms`,
      `other programs kept ${strangers.toFixed(2)} cores busy`,
    ],
  }
}
