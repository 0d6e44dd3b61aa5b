// Resident memory a bridged call takes, and whether it comes back.
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchOptions } from '../options.ts'
import type { Program } from '../process/program.ts'
import { finding, type Finding, type Report } from '../report/finding.ts'
import { median } from '../report/statistics.ts'
import type { MediaSubject } from '../subjects/media-subject.ts'
import { talk, withStage, type SubjectKind } from './media-run.ts'

const MB = 1024 * 1024
const SAMPLES = 5
const SAMPLE_PAUSE_MS = 200
/** Opened and closed before the baseline: code, pools and young heaps have their size then. */
const WARMUP_CALLS = 20
/** Sockets close in milliseconds, ports rest five seconds, freed pages go back a little later. */
const SETTLE_MS = 6000

interface MemoryCurve {
  readonly baseMb: number
  /** By number of calls. */
  readonly atMb: readonly { readonly calls: number; readonly mb: number }[]
  readonly afterMb: number
}

export async function memory(options: BenchOptions): Promise<Report> {
  const product = await measure(options, 'bridge')
  const floor = await measure(options, 'floor-echo')
  const findings: Finding[] = product.atMb.map(({ calls, mb }, index) => {
    const floorMb = floor.atMb[index]?.mb ?? Number.NaN
    return finding({
      calls,
      what: 'memory a call',
      unit: 'MB',
      value: (mb - product.baseMb) / calls,
      beside: { name: 'floor', value: (floorMb - floor.baseMb) / calls },
      // A young heap grows once, whatever the number of calls: few calls say nothing about one.
      goal: calls >= 50 ? { relation: '<=', limit: 0.3, of: 'value' } : undefined,
    })
  })
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
    const atMb: { calls: number; mb: number }[] = []
    for (let at = 0; at < sizes.length; at += 1) {
      const calls = sizes[at] ?? 0
      await talk(stage, sizes[at - 1] ?? 0, calls)
      await sleep(options.seconds * 1000)
      atMb.push({ calls, mb: await residentMb(subject) })
    }
    return { baseMb, atMb, afterMb: await end() }
  })
}

async function residentMb(subject: Program<MediaSubject>): Promise<number> {
  const samples: number[] = []
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    samples.push((await subject.ask('residentBytes')) / MB)
    await sleep(SAMPLE_PAUSE_MS)
  }
  return median(samples)
}
