// One line of a benchmark's report: a figure, what stands beside it, and whether the goal is met.

export interface Goal {
  readonly relation: '<=' | '<' | '>='
  readonly limit: number
  /** What the goal speaks of: the figure, or its ratio to what stands beside it. */
  readonly of: 'value' | 'ratio'
}

export interface Finding {
  /** Calls at a time; null where that has no meaning. */
  readonly calls: number | null
  readonly what: string
  readonly unit: string
  readonly value: number
  /** The floor or peer of the same run, or a published one. */
  readonly beside: { readonly name: string; readonly value: number } | null
  readonly ratio: number | null
  readonly goal: Goal | null
  /** Null where there is no goal or no figure. */
  readonly met: boolean | null
}

export interface FindingDraft {
  readonly calls?: number
  readonly what: string
  readonly unit: string
  readonly value: number
  readonly beside?: { readonly name: string; readonly value: number }
  /** Default: value / beside. Rounds give the median of their own ratios. */
  readonly ratio?: number
  readonly goal?: Goal | undefined
}

export function finding(draft: FindingDraft): Finding {
  const beside = draft.beside ?? null
  const ratio = draft.ratio ?? (beside === null ? null : draft.value / beside.value)
  const goal = draft.goal ?? null
  const judged = goal?.of === 'ratio' ? ratio : draft.value
  const met = goal === null || judged === null || Number.isNaN(judged) ? null : holds(judged, goal)
  const { what, unit, value } = draft
  return { calls: draft.calls ?? null, what, unit, value, beside, ratio, goal, met }
}

function holds(value: number, { relation, limit }: Goal): boolean {
  switch (relation) {
    case '<=':
      return value <= limit
    case '<':
      return value < limit
    case '>=':
      return value >= limit
    default:
      return relation satisfies never
  }
}

export interface Report {
  readonly name: string
  readonly title: string
  readonly findings: readonly Finding[]
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[]
  /** Everything measured, for `--json`. */
  readonly raw: unknown
}
