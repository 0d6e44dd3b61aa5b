// What the bridge adds to the way of a word, both ways, beside a process that passes it on at once.
import type { BenchOptions } from '../options.ts'
import type { Finding, Goal, Report } from '../report/finding.ts'
import { runPairs, type MediaPair, type MediaResult } from './media-run.ts'
import { pairFinding, pairNotes } from './pair-finding.ts'

const GOAL_FROM_CALLS = 200

interface Measure {
  readonly what: string
  readonly limitMs: number
  readonly read: (result: MediaResult) => number
}

const MEASURES: readonly Measure[] = [
  { what: 'RTP in to agent socket, p50', limitMs: 0.3, read: ({ load }) => load.uplinkMs.p50 },
  { what: 'RTP in to agent socket, p99', limitMs: 2, read: ({ load }) => load.uplinkMs.p99 },
  { what: 'agent audio to first RTP, p50', limitMs: 3, read: ({ load }) => load.downlinkMs.p50 },
  { what: 'agent audio to first RTP, p99', limitMs: 10, read: ({ load }) => load.downlinkMs.p99 },
]

export async function latency(options: BenchOptions): Promise<Report> {
  const findings: Finding[] = []
  const notes: string[] = []
  const raw: (readonly MediaPair[])[] = []
  for (const calls of options.calls) {
    const pairs = await runPairs(options, calls, 'floor-relay', 'spurts')
    for (const { limitMs, read, what } of MEASURES) {
      const limit: Goal = { relation: '<=', limit: limitMs, of: 'value' }
      const goal = calls >= GOAL_FROM_CALLS ? limit : undefined
      findings.push(pairFinding(calls, pairs, { what, unit: 'ms', read, goal }))
    }
    notes.push(...pairNotes(calls, pairs), samplesNote(calls, pairs))
    raw.push(pairs)
  }
  notes.push(
    'floor: a Node process that passes packet and first frame on at once, unpaced; two hops of loopback and the load’s own reading are in both figures',
    'every caller packet and the first frame of every talk spurt is marked; both ends are of the load’s one clock',
  )
  return { name: 'latency', title: 'what the bridge adds to a word’s way', findings, notes, raw }
}

function samplesNote(calls: number, pairs: readonly MediaPair[]): string {
  const [up, down] = [0, 0].map((_, direction) =>
    pairs
      .map(({ product: { load } }) => (direction === 0 ? load.uplinkMs : load.downlinkMs).count)
      .reduce((total, count) => total + count, 0),
  )
  return `${calls} calls: ${up ?? 0} packets and ${down ?? 0} talk spurts of the product were timed`
}
