// The findings of one number of calls over streams: medians of the rounds, beside the floor and the leg of RTP.
import { finding, type Finding, type Goal } from '../report/finding.ts'
import { median, type Spread } from '../report/statistics.ts'
import type { BridgeResult } from './bridge-run.ts'
import type { StreamResult } from './stream-run.ts'

export interface StreamRound {
  readonly product: StreamResult
  readonly floor: StreamResult
  /** The bridge alone, with callers by RTP. */
  readonly rtp: BridgeResult
}

interface Measure {
  readonly what: string
  readonly unit: string
  readonly read: (result: StreamResult) => number
  /** The same of the leg of RTP, where it has that. */
  readonly ofRtp?: (result: BridgeResult) => number
  readonly goal?: Goal
}

const atMost = (limit: number): Goal => ({ relation: '<=', limit, of: 'value' })

const uplink = (of: keyof Spread, limit: number): Measure => ({
  what: `caller frame to agent socket, ${of}`,
  unit: 'ms',
  read: ({ load }) => load.uplinkMs[of],
  ofRtp: ({ load }) => load.uplinkMs[of],
  goal: atMost(limit),
})

const downlink = (of: keyof Spread, limit: number): Measure => ({
  what: `agent audio to first media, ${of}`,
  unit: 'ms',
  read: ({ spurts }) => spurts.downlinkMs[of],
  ofRtp: ({ spurts }) => spurts?.downlinkMs[of] ?? Number.NaN,
  goal: atMost(limit),
})

const MEASURES: readonly Measure[] = [
  {
    what: 'CPU a call',
    unit: '% of a core',
    read: ({ cpuPercent }) => cpuPercent,
    ofRtp: ({ cpuPercent }) => cpuPercent,
  },
  {
    // Fewer frames are cheaper: a cost means something only beside this.
    what: 'caller frames at the agent, of those sent',
    unit: '%',
    read: ({ load: { callerFrames } }) => (callerFrames.received / callerFrames.sent) * 100,
  },
  uplink('p50', 0.3),
  uplink('p99', 2),
  downlink('p50', 3),
  downlink('p99', 10),
  {
    what: 'event loop delay of the main thread, p99',
    unit: 'ms',
    read: ({ usage }) => usage.loopLagMs,
  },
  {
    what: 'caller frames lost, or blended behind a hole',
    unit: '',
    read: ({ load }) => load.callerFrames.lost,
    goal: atMost(0),
  },
  {
    what: 'frames made up for the agent meanwhile',
    unit: '',
    read: ({ load }) => load.callerFrames.unmarked,
  },
  {
    what: 'agent frames never heard',
    unit: '',
    read: ({ load }) => load.agentFrames.unheard,
    goal: atMost(0),
  },
]

export const streamFindings = (calls: number, rounds: readonly StreamRound[]): readonly Finding[] =>
  MEASURES.flatMap((measure) => findingsOf(calls, rounds, measure))

/** One line for each that stands beside it; the goal is judged once. */
function findingsOf(
  calls: number,
  rounds: readonly StreamRound[],
  { goal, ofRtp, read, unit, what }: Measure,
): readonly Finding[] {
  const value = median(rounds.map(({ product }) => read(product)))
  const beside = (name: string, other: (round: StreamRound) => number, judged?: Goal): Finding =>
    finding({
      calls,
      what,
      unit,
      value,
      beside: { name, value: median(rounds.map(other)) },
      ratio: median(rounds.map((round) => read(round.product) / other(round))),
      goal: judged,
    })
  const floor = beside('floor', (round) => read(round.floor), goal)
  return ofRtp === undefined ? [floor] : [floor, beside('RTP leg', (round) => ofRtp(round.rtp))]
}
