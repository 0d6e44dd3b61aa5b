// Resident memory a bridged call takes, and whether it comes back.
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchOptions } from '../options.ts'
import type { Program } from '../process/program.ts'
import { finding, type Finding, type Report } from '../report/finding.ts'
import { median } from '../report/statistics.ts'
import type { MediaSubject } from '../subjects/media-subject.ts'
import { talk, withStage, type SubjectKind } from './media-run.ts'

const MB = 1024 * 1024
const GOAL_FROM_CALLS = 50
const SAMPLES = 5
const SAMPLE_PAUSE_MS = 200
/** Opened and closed before the baseline: code, pools and young heaps have their size then. */
const WARMUP_CALLS = 20
/** Sockets close in milliseconds, ports rest five seconds, freed pages go back a little later. */
const SETTLE_MS = 6000

interface SizedMb {
  readonly calls: number
  /** After a garbage collection in every thread. */
  readonly mb: number
  /** Just before it. */
  readonly withGarbageMb: number
}

interface MemoryCurve {
  readonly baseMb: number
  /** By number of calls. */
  readonly atMb: readonly SizedMb[]
  readonly afterMb: number
}

export async function memory(options: BenchOptions): Promise<Report> {
  const product = await measure(options, 'bridge')
  const floor = await measure(options, 'floor-echo')
  const perCall = (curve: MemoryCurve, index: number, key: 'mb' | 'withGarbageMb'): number => {
    const at = curve.atMb[index]
    return at === undefined ? Number.NaN : (at[key] - curve.baseMb) / at.calls
  }
  const findings: Finding[] = product.atMb.flatMap(({ calls }, index) =>
    (['mb', 'withGarbageMb'] as const).map((key) =>
      finding({
        calls,
        what: key === 'mb' ? 'memory a call' : 'memory a call, garbage included',
        unit: 'MB',
        value: perCall(product, index, key),
        beside: { name: 'floor', value: perCall(floor, index, key) },
        // A young heap grows once, whatever the number of calls: few calls say nothing about one.
        goal: calls >= GOAL_FROM_CALLS ? { relation: '<=', limit: 0.3, of: 'value' } : undefined,
      }),
    ),
  )
  const most = product.atMb.at(-1)
  const kept = product.afterMb - product.baseMb
  findings.push(
    finding({
      calls: most?.calls ?? 0,
      what: 'kept after all calls ended',
      unit: 'MB',
      value: kept,
      beside: { name: 'floor', value: floor.afterMb - floor.baseMb },
      goal: { relation: '<=', limit: Math.max(8, 0.05 * product.baseMb), of: 'value' },
    }),
  )
  const notes = [
    `baseline ${product.baseMb.toFixed(0)} MB (floor ${floor.baseMb.toFixed(0)} MB), after ${WARMUP_CALLS} calls came and went; published peer: SiphonAI 0.43 MB a call`,
    'the resident set of the whole process, read after a garbage collection in each of its threads; the limit on what is kept is our own',
  ]
  const title = 'resident memory of bridged calls, both directions talking'
  return { name: 'memory', title, findings, notes, raw: { product, floor } }
}

async function measure(options: BenchOptions, kind: SubjectKind): Promise<MemoryCurve> {
  const sizes = options.calls.filter((calls) => calls > 0).toSorted((a, b) => a - b)
  const lines = Math.max(WARMUP_CALLS, ...sizes)
  options.progress(`${kind}, memory up to ${lines} calls`)
  return withStage(options, kind, lines, async (stage) => {
    const { load, subject } = stage
    const end = async (): Promise<number> => {
      await load.ask('disconnect')
      await subject.ask('closeCalls')
      await sleep(SETTLE_MS)
      return residentMb(subject)
    }
    await load.ask('setManner', options.agent)
    await talk(stage, 0, WARMUP_CALLS)
    await sleep(options.warmupSeconds * 1000)
    const baseMb = await end()
    const atMb: SizedMb[] = []
    for (let at = 0; at < sizes.length; at += 1) {
      const calls = sizes[at] ?? 0
      await talk(stage, sizes[at - 1] ?? 0, calls)
      await sleep(options.seconds * 1000)
      const withGarbageMb = (await subject.ask('residentBytes', { collect: false })) / MB
      atMb.push({ calls, mb: await residentMb(subject), withGarbageMb })
    }
    return { baseMb, atMb, afterMb: await end() }
  })
}

async function residentMb(subject: Program<MediaSubject>): Promise<number> {
  const samples: number[] = []
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    samples.push((await subject.ask('residentBytes', { collect: true })) / MB)
    await sleep(SAMPLE_PAUSE_MS)
  }
  return median(samples)
}
