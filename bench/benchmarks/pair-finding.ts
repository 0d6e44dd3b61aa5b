// A finding from rounds of product and floor: medians of each, and the median of the rounds' own ratios.
import { finding, type Finding, type Goal } from '../report/finding.ts'
import { median } from '../report/statistics.ts'
import type { MediaPair, MediaResult } from './media-run.ts'

export interface PairMeasure {
  readonly what: string
  readonly unit: string
  readonly read: (result: MediaResult) => number
  readonly goal?: Goal | undefined
}

export function pairFinding(
  calls: number,
  pairs: readonly MediaPair[],
  { what, unit, read, goal }: PairMeasure,
): Finding {
  const value = median(pairs.map(({ product }) => read(product)))
  const floor = median(pairs.map((pair) => read(pair.floor)))
  const ratio = median(pairs.map((pair) => read(pair.product) / read(pair.floor)))
  return finding({ calls, what, unit, value, beside: { name: 'floor', value: floor }, ratio, goal })
}

/** How far the rounds lie apart, and whether the machine was ours. */
export function pairNotes(calls: number, pairs: readonly MediaPair[]): readonly string[] {
  const all = pairs.flatMap(({ floor, product }) => [product, floor])
  const strangers = Math.max(...all.map((each) => each.strangersCores))
  const own = Math.max(...all.map(({ load }) => load.ownLatenessMs.p99))
  const loadCpu = Math.max(...all.map(({ load }) => load.usage.cpuMs / load.usage.wallMs))
  const noise = strangers > NOISY_CORES ? ': too much, take these figures as noise' : ''
  return [
    `${calls} calls, ${pairs.length} round(s): the load used ${loadCpu.toFixed(2)} cores and served its own clock ` +
      `${own.toFixed(1)} ms late at p99; other programs kept ${strangers.toFixed(2)} cores busy${noise}`,
  ]
}

/** A tenth of a core of strangers moves a ratio by less than the rounds differ. */
const NOISY_CORES = 0.1
