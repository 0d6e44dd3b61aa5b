// What a bridged call costs, and how well its packets keep their own clock, beside the bare floor.
import { FRAME_MS } from '../../core/contracts/index.ts'
import type { BenchOptions } from '../options.ts'
import { finding, type Finding, type Report } from '../report/finding.ts'
import { median } from '../report/statistics.ts'
import { runPairs, type MediaPair, type MediaResult } from './media-run.ts'
import { pairFinding, pairNotes } from './pair-finding.ts'

/** The goals speak of these sizes and more. */
const COST_FROM_CALLS = 100
const PACING_FROM_CALLS = 200

/** The best known, measured at 200 calls on a two-core machine; not of this run. */
const PEER = { name: "sipgate's Node bridge, elsewhere", value: 0.195 }

const latePercent = ({ load }: MediaResult): number => (load.rtp.late / load.rtp.received) * 100

export async function media(options: BenchOptions): Promise<Report> {
  const findings: Finding[] = []
  const notes: string[] = []
  const raw: (readonly MediaPair[])[] = []
  for (const calls of options.calls) {
    const pairs = await runPairs(options, calls, 'floor-echo', options.agent)
    findings.push(...findingsOf(calls, pairs))
    notes.push(...pairNotes(calls, pairs))
    raw.push(pairs)
  }
  notes.push(
    'floor: a Node process that echoes the same packets and sends and takes the same frames by bare ws, one thread',
    'late: more than 5 ms behind the best transit of the window by the RTP clock; the floor echoes the load’s own clock; what came while the load itself stood still counts apart, as nobody can tell',
    'loop delay: core/telemetry’s p99; its 10 ms sampling is part of the figure, so about 10 means none',
  )
  const title = 'CPU of a bridged call, both directions talking, 20 ms frames'
  return { name: 'media', title, findings, notes, raw }
}

function findingsOf(calls: number, pairs: readonly MediaPair[]): readonly Finding[] {
  const lost = (read: (result: MediaResult) => number): number =>
    median(pairs.map(({ product }) => read(product)))
  return [
    pairFinding(calls, pairs, {
      what: 'CPU a call',
      unit: '% of a core',
      read: ({ cpuPercent }) => cpuPercent,
      goal: calls >= COST_FROM_CALLS ? { relation: '<=', limit: 1.5, of: 'ratio' } : undefined,
    }),
    ...(calls < COST_FROM_CALLS ? [] : [besidePeer(calls, pairs)]),
    // Fewer packets are cheaper: a cost means something only beside this.
    pairFinding(calls, pairs, {
      what: 'packets of those due',
      unit: '%',
      read: ({ load, usage }) => (load.rtp.received / (usage.wallMs / FRAME_MS) / calls) * 100,
      goal: calls >= PACING_FROM_CALLS ? { relation: '>=', limit: 99.9, of: 'value' } : undefined,
    }),
    pairFinding(calls, pairs, {
      what: 'packets late',
      unit: '%',
      read: latePercent,
      goal: calls >= PACING_FROM_CALLS ? { relation: '<', limit: 0.1, of: 'value' } : undefined,
    }),
    pairFinding(calls, pairs, {
      what: 'packets late or not: nobody can tell',
      unit: '%',
      read: ({ load }) => (load.rtp.unsure / load.rtp.received) * 100,
    }),
    pairFinding(calls, pairs, {
      what: 'behind own clock, p99',
      unit: 'ms',
      read: ({ load }) => load.rtp.behindMs.p99,
    }),
    pairFinding(calls, pairs, {
      what: 'event loop delay, p99',
      unit: 'ms',
      read: ({ usage }) => usage.loopLagMs,
    }),
    pairFinding(calls, pairs, {
      what: 'packets lost to the caller',
      unit: '',
      read: ({ load }) => load.rtp.lost,
      goal: { relation: '<=', limit: 0, of: 'value' },
    }),
    pairFinding(calls, pairs, {
      what: 'frames lost to the agent',
      unit: '',
      read: ({ load }) => load.callerFrames.lost,
      goal: { relation: '<=', limit: 0, of: 'value' },
    }),
    finding({
      calls,
      what: 'agent frames never heard',
      unit: '',
      value: lost(({ load }) => load.agentFrames.unheard),
      goal: { relation: '<=', limit: 0, of: 'value' },
    }),
  ]
}

/** Of the same size only: a peer's cost a call falls with their number as ours does. */
function besidePeer(calls: number, pairs: readonly MediaPair[]): Finding {
  return finding({
    calls,
    what: 'CPU a call',
    unit: '% of a core',
    value: median(pairs.map(({ product }) => product.cpuPercent)),
    beside: PEER,
    goal: { relation: '<=', limit: 0.15, of: 'value' },
  })
}
