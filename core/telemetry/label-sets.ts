// All combinations of a metric’s label values, where they are known before it runs.
import { OPEN } from './registry/labels.ts'
import type { LabelValues } from './registry/metric-declaration.ts'

type LabelSet = Readonly<Record<string, string>>

/** Empty when one of the labels is open, or when the metric has none. */
export function labelSets(labels: Readonly<Record<string, LabelValues>>): readonly LabelSet[] {
  const entries = Object.entries(labels)
  if (entries.length === 0) return []
  let sets: readonly LabelSet[] = [{}]
  for (const [label, values] of entries) {
    if (values === OPEN) return []
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value })))
  }
  return sets
}
