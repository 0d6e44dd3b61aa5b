// The findings of one number of calls: medians of the rounds, and the median of the rounds' own ratios.
import { FRAME_MS } from '../../core/contracts/index.ts'
import { finding, type Finding, type Goal } from '../report/finding.ts'
import { median } from '../report/statistics.ts'
import type { BridgeResult } from './bridge-run.ts'

export interface BridgeRound {
  readonly product: BridgeResult
  readonly floor: BridgeResult
  readonly plain: BridgeResult
}

interface Measure {
  readonly what: string
  readonly unit: string
  readonly read: (result: BridgeResult) => number
  readonly beside: readonly (keyof BridgeRound)[]
  readonly goal?: Goal
  /** From how many calls on the goal speaks. */
  readonly from?: number
}

/** The best known, measured at 200 calls on a two-core machine; not of this run. */
const PEER = { name: "sipgate's Node bridge, elsewhere", value: 0.195 }
const COST_FROM_CALLS = 100
const QUALITY_FROM_CALLS = 200
const MEMORY_FROM_CALLS = 50

const atMost = (limit: number): Goal => ({ relation: '<=', limit, of: 'value' })
const BOTH: readonly (keyof BridgeRound)[] = ['floor', 'plain']

const packetsDue = ({ load, run, usage }: BridgeResult): number =>
  (load.rtp.received / (usage.wallMs / FRAME_MS) / run.calls) * 100
const memoryMb = ({ memory, run }: BridgeResult): number =>
  memory === null ? Number.NaN : (memory.talkingMb - memory.baseMb) / run.calls

const MEASURES: readonly Measure[] = [
  {
    what: 'CPU a call',
    unit: '% of a core',
    read: ({ cpuPercent }) => cpuPercent,
    beside: BOTH,
    goal: { relation: '<=', limit: 1.5, of: 'ratio' },
    from: COST_FROM_CALLS,
  },
  {
    // Fewer packets are cheaper: a cost means something only beside this.
    what: 'packets of those due',
    unit: '%',
    read: packetsDue,
    beside: BOTH,
    goal: { relation: '>=', limit: 99.9, of: 'value' },
    from: QUALITY_FROM_CALLS,
  },
  {
    what: 'packets late',
    unit: '%',
    read: ({ load }) => (load.rtp.late / load.rtp.received) * 100,
    beside: BOTH,
    goal: { relation: '<', limit: 0.1, of: 'value' },
    from: QUALITY_FROM_CALLS,
  },
  {
    what: 'packets late or not: nobody can tell',
    unit: '%',
    read: ({ load }) => (load.rtp.unsure / load.rtp.received) * 100,
    beside: ['floor'],
  },
  {
    what: 'behind own clock, p99',
    unit: 'ms',
    read: ({ load }) => load.rtp.behindMs.p99,
    beside: BOTH,
  },
  {
    what: 'RTP in to agent socket, p50',
    unit: 'ms',
    read: ({ load }) => load.uplinkMs.p50,
    beside: BOTH,
    goal: atMost(0.3),
    from: QUALITY_FROM_CALLS,
  },
  {
    what: 'RTP in to agent socket, p99',
    unit: 'ms',
    read: ({ load }) => load.uplinkMs.p99,
    beside: BOTH,
    goal: atMost(2),
    from: QUALITY_FROM_CALLS,
  },
  {
    what: 'agent audio to first RTP, p50',
    unit: 'ms',
    read: ({ spurts }) => spurts?.downlinkMs.p50 ?? Number.NaN,
    beside: BOTH,
    goal: atMost(3),
    from: QUALITY_FROM_CALLS,
  },
  {
    what: 'agent audio to first RTP, p99',
    unit: 'ms',
    read: ({ spurts }) => spurts?.downlinkMs.p99 ?? Number.NaN,
    beside: BOTH,
    goal: atMost(10),
    from: QUALITY_FROM_CALLS,
  },
  {
    what: 'event loop delay, p99',
    unit: 'ms',
    read: ({ usage }) => usage.loopLagMs,
    beside: BOTH,
  },
  {
    what: 'memory a call',
    unit: 'MB',
    read: memoryMb,
    beside: BOTH,
    goal: atMost(0.3),
    // A young heap grows once, whatever the number of calls: few calls say nothing about one.
    from: MEMORY_FROM_CALLS,
  },
  {
    what: 'packets lost to the caller',
    unit: '',
    read: ({ load }) => load.rtp.lost,
    beside: ['floor'],
    goal: atMost(0),
  },
  {
    what: 'frames lost to the agent',
    unit: '',
    read: ({ load }) => load.callerFrames.lost,
    beside: ['floor'],
    goal: atMost(0),
  },
  {
    // The floor sends nothing of the agent's on.
    what: 'agent frames never heard',
    unit: '',
    read: ({ load }) => load.agentFrames.unheard,
    beside: [],
    goal: atMost(0),
  },
]

export function bridgeFindings(calls: number, rounds: readonly BridgeRound[]): readonly Finding[] {
  const findings = MEASURES.flatMap((measure) => findingsOf(calls, rounds, measure))
  if (calls >= COST_FROM_CALLS) findings.splice(2, 0, besidePeer(calls, rounds))
  return [...findings, ...kept(calls, rounds)]
}

/** One line for each that stands beside it; the goal is judged once. */
function findingsOf(
  calls: number,
  rounds: readonly BridgeRound[],
  { beside, from = 0, goal, read, unit, what }: Measure,
): readonly Finding[] {
  const value = median(rounds.map(({ product }) => read(product)))
  const judged = calls >= from ? goal : undefined
  if (beside.length === 0) return [finding({ calls, what, unit, value, goal: judged })]
  return beside.map((name, index) =>
    finding({
      calls,
      what,
      unit,
      value,
      beside: { name, value: median(rounds.map((round) => read(round[name]))) },
      ratio: median(rounds.map((round) => read(round.product) / read(round[name]))),
      goal: index === 0 ? judged : undefined,
    }),
  )
}

/** Of the same size only: a peer's cost a call falls with their number as ours does. */
function besidePeer(calls: number, rounds: readonly BridgeRound[]): Finding {
  return finding({
    calls,
    what: 'CPU a call',
    unit: '% of a core',
    value: median(rounds.map(({ product }) => product.cpuPercent)),
    beside: PEER,
    goal: atMost(0.15),
  })
}

/** Of the size that waited for it. */
function kept(calls: number, rounds: readonly BridgeRound[]): readonly Finding[] {
  const keptMb = ({ memory }: BridgeResult): number =>
    memory?.afterMb == null ? Number.NaN : memory.afterMb - memory.baseMb
  const [first] = rounds
  if (first === undefined || Number.isNaN(keptMb(first.product))) return []
  const limit = Math.max(8, 0.05 * (first.product.memory?.baseMb ?? 0))
  return [
    finding({
      calls,
      what: 'kept after all calls ended',
      unit: 'MB',
      value: keptMb(first.product),
      beside: { name: 'floor', value: keptMb(first.floor) },
      goal: atMost(limit),
    }),
  ]
}

/** A tenth of a core of strangers moves a ratio by less than the rounds differ. */
const NOISY_CORES = 0.1

/** What tells whether a run can be believed. */
export interface RunConditions {
  readonly load: Pick<BridgeResult['load'], 'ownLatenessMs' | 'usage'>
  readonly strangersCores: number
}

/** Whether the machine was ours, and the load in time. */
export function runNotes(name: string, results: readonly RunConditions[]): string {
  const most = (read: (result: RunConditions) => number): number => Math.max(...results.map(read))
  const strangers = most((each) => each.strangersCores)
  const noise = strangers > NOISY_CORES ? ': too much, take these figures as noise' : ''
  const own = most(({ load }) => load.ownLatenessMs.p99)
  const cores = most(({ load }) => load.usage.cpuMs / load.usage.wallMs)
  return (
    `${name}, ${results.length} run(s): the load used ${cores.toFixed(2)} cores and served its own clock ` +
    `${own.toFixed(1)} ms late at p99; other programs kept ${strangers.toFixed(2)} cores busy${noise}`
  )
}
