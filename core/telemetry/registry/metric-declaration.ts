// What is said of a metric, once.
import type { OPEN } from './labels.ts'

/** The values a label may take: a closed list, or what is known only while it runs (few all the same). */
export type LabelValues = readonly string[] | typeof OPEN

export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels?: Readonly<Record<string, LabelValues>>
  /** Upper bounds, of a histogram. */
  readonly buckets?: readonly number[]
}
