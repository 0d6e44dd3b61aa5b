// What a bridged call costs, how well its packets keep their clock, what the bridge adds to a word's way and what memory
// it takes: beside the bare floor, and beside the bridge as most people write it.
import type { BenchOptions } from '../options.ts'
import type { Finding, Report } from '../report/finding.ts'
import { bridgeFindings, runNotes, type BridgeRound } from './bridge-findings.ts'
import { runBridge, type BridgeResult, type SubjectKind } from './bridge-run.ts'
import { measureVariants, VARIANT_CALLS } from './bridge-variants.ts'

const CALLS = [50, 200, 500]
/** What few calls leave behind cannot be told from chance. */
const KEPT_FROM_CALLS = 50

export async function bridge(options: BenchOptions): Promise<Report> {
  const findings: Finding[] = []
  const notes: string[] = []
  const raw: Record<string, readonly BridgeResult[]> = {}
  const sizes = (options.calls ?? CALLS).toSorted((one, other) => one - other)
  for (const calls of sizes) {
    const rounds = await runRounds(options, calls, calls === sizes.at(-1))
    findings.push(...bridgeFindings(calls, rounds))
    const all = rounds.flatMap(({ floor, plain, product }) => [product, floor, plain])
    notes.push(runNotes(`${calls} calls`, all))
    raw[`${calls} calls`] = all
    if (calls !== VARIANT_CALLS) continue
    const variants = await measureVariants(
      options,
      rounds.map(({ product }) => product),
    )
    findings.push(...variants.findings)
    notes.push(runNotes('groups and formats', variants.results))
    raw['variants'] = variants.results
  }
  notes.push(...NOTES)
  const title = 'bridged calls, both directions talking'
  return { name: 'bridge', title, findings, notes, raw }
}

/** Product, floor and peer by turns; each round is of the same minute. */
async function runRounds(
  options: BenchOptions,
  calls: number,
  isLargest: boolean,
): Promise<readonly BridgeRound[]> {
  const rounds: BridgeRound[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    // Memory differs little from round to round, and takes its time.
    const memory =
      round > 0 ? 'no' : isLargest && calls >= KEPT_FROM_CALLS ? 'and-after' : 'talking'
    const common = { calls, callerFrameMs: 20, format: 'ulaw_8000', hasSpurts: true } as const
    const run = (kind: SubjectKind): Promise<BridgeResult> =>
      runBridge(options, { kind, memory, ...common })
    const product = await run('bridge')
    rounds.push({ product, floor: await run('floor'), plain: await run('plain-bridge') })
  }
  return rounds
}

const NOTES = [
  'floor: a Node process that echoes the same packets and sends and takes the same frames by bare ws, one thread; of delays: that passes packet and first frame on at once, unpaced',
  'plain: dgram, ws, JSON and a setInterval of 20 ms a call, as most write it (bench/subjects/plain-bridge.ts)',
  'late: more than 5 ms behind the best transit of the window by the RTP clock; the floor echoes the load’s own clock; what came while the load itself stood still counts apart, as nobody can tell',
  'delays: every caller packet, and the first frame of each talk spurt, is marked; two hops of loopback and the load’s own reading are in all figures',
  'loop delay: core/telemetry’s p99; memory: the resident set after a garbage collection in each thread, less that of the process after 20 calls came and went',
]
