// PromQL of our metrics. Names, labels and values are those of core/telemetry, or it does not compile; and each
// expression asks for the chosen nodes, and for the chosen trunks where the metric knows trunks.
import {
  METRICS,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricDeclarationEntry,
  type MetricName,
} from '#core/telemetry'

// Durations, as Grafana puts them in.
/** The whole time range of the board. */
export const WHOLE_RANGE = '$__range'
/** The distance of points, and four scrapes at least: for what happens all the time. */
const POINT = '$__rate_interval'
/** The choice of the board, five minutes at least by itself: calls are few, and a ratio of two says nothing. */
export const WINDOW = '$window'
/** From one bar to the next: bars add up to what there was. */
export const BAR = '$__interval'
/** Four scrapes: what `increase()` needs. */
export const SHORTEST_BAR = '1m'
export const HEATMAP_BAR = '5m'

type ValuesOf<Value> = Value | readonly Value[] | RegExp
export type Where<Name extends MetricName> = {
  readonly [Label in keyof LabelsOf<Name>]?: ValuesOf<LabelsOf<Name>[Label]>
}
export interface Selection<Name extends MetricName> {
  /** One series for each value of these; `instance` is the node. */
  readonly by?: readonly (Extract<keyof LabelsOf<Name>, string> | 'instance')[]
  readonly where?: Where<Name>
  /** A duration; by itself that of a point. */
  readonly over?: string
}
type Except<Name extends MetricName> = {
  readonly [Label in keyof LabelsOf<Name>]?: readonly LabelsOf<Name>[Label][]
}
export interface CounterSelection<Name extends CounterName> extends Selection<Name> {
  /** Not those of these values. */
  readonly except?: Except<Name>
}

/** As Grafana writes it: `(a|b)` of several choices, `.*` of all. */
const NODES = 'instance=~"$node"'
const TRUNKS = 'trunk=~"$trunk"'

function matcher(label: string, value: unknown): string {
  if (value instanceof RegExp) return `${label}=~"${value.source}"`
  if (Array.isArray(value)) return `${label}=~"${value.join('|')}"`
  return `${label}="${String(value)}"`
}

function series<Name extends MetricName>(
  name: Name,
  where: Where<Name> | undefined,
  suffix = '',
  more: readonly string[] = [],
): string {
  const { labels = {} }: MetricDeclarationEntry = METRICS[name]
  const matchers = [
    NODES,
    ...('trunk' in labels ? [TRUNKS] : []),
    ...Object.entries(where ?? {}).map(([label, value]) => matcher(label, value)),
    ...more,
  ]
  return `voicegate_${name}${suffix}{${matchers.join(',')}}`
}

/** `sum by (trunk) (…)`; braces of nothing where all are one. */
const grouped = (how: string, by: readonly string[], inside: string): string =>
  by.length === 0 ? `${how}(${inside})` : `${how} by (${by.join(', ')}) (${inside})`

/** How much a counter grew. */
export const increaseOf = <Name extends CounterName>(
  name: Name,
  { by = [], where, except, over = POINT }: CounterSelection<Name> = {},
): string => {
  const unwanted = Object.entries(except ?? {}).map(
    ([label, values]) => `${label}!~"${[values].flat().join('|')}"`,
  )
  return grouped('sum', by, `increase(${series(name, where, '', unwanted)}[${over}])`)
}

/** How much counters grew together. They must differ in their labels, else the second is lost. */
export const sumOfBoth = (by: readonly string[], one: string, other: string): string =>
  grouped('sum', by, `${one} or ${other}`)

/** With one more label. */
export const labelled = (expression: string, label: string, value: string): string =>
  `label_replace(${expression}, "${label}", "${value}", "", "")`

/** How fast a counter grows, a second. */
export const rateOf = <Name extends CounterName>(
  name: Name,
  { by = [], where, over = POINT }: Selection<Name> = {},
): string => grouped('sum', by, `rate(${series(name, where)}[${over}])`)

export const sumOf = <Name extends GaugeName>(
  name: Name,
  { by = [], where }: Selection<Name> = {},
): string => grouped('sum', by, series(name, where))

export const maxOf = <Name extends GaugeName>(
  name: Name,
  { by = [], where }: Selection<Name> = {},
): string => grouped('max', by, series(name, where))

export const minOf = <Name extends GaugeName>(
  name: Name,
  { by = [], where }: Selection<Name> = {},
): string => grouped('min', by, series(name, where))

/** Each series as it is. */
export const eachOf = <Name extends GaugeName>(name: Name, where?: Where<Name>): string =>
  series(name, where)

/** `quantile`: 0.95 of the observations were below it, as far as the buckets tell. */
export const quantileOf = <Name extends HistogramName>(
  quantile: number,
  name: Name,
  { by = [], where, over = POINT }: Selection<Name> = {},
): string => {
  const buckets = grouped('sum', ['le', ...by], `rate(${series(name, where, '_bucket')}[${over}])`)
  return `histogram_quantile(${quantile}, ${buckets})`
}

/** Of a heatmap: what each bucket gained. */
export const bucketsOf = <Name extends HistogramName>(
  name: Name,
  { where, over = POINT }: Selection<Name> = {},
): string => grouped('sum', ['le'], `increase(${series(name, where, '_bucket')}[${over}])`)

export const countOf = <Name extends HistogramName>(
  name: Name,
  { by = [], where, over = POINT }: Selection<Name> = {},
): string => grouped('sum', by, `increase(${series(name, where, '_count')}[${over}])`)

/** Observations a second. */
export const countRateOf = <Name extends HistogramName>(
  name: Name,
  { by = [], where, over = POINT }: Selection<Name> = {},
): string => grouped('sum', by, `rate(${series(name, where, '_count')}[${over}])`)

/** Of a histogram of durations: seconds spent in them a second, a share of the time. */
export const timeShareOf = <Name extends HistogramName>(
  name: Name,
  { by = [], where, over = POINT }: Selection<Name> = {},
): string => grouped('sum', by, `rate(${series(name, where, '_sum')}[${over}])`)

export const averageOf = <Name extends HistogramName>(
  name: Name,
  { by = [], where, over = POINT }: Selection<Name> = {},
): string => {
  const part = (suffix: string): string =>
    grouped('sum', by, `increase(${series(name, where, suffix)}[${over}])`)
  return `${part('_sum')} / ${part('_count')}`
}

/** The part of the observations that were not above a bound of a bucket. */
export const shareUpTo = <Name extends HistogramName>(
  bound: number,
  name: Name,
  { by = [], where, over = POINT }: Selection<Name> = {},
): string => {
  // Prometheus 3 writes the bound 5 as 5.0.
  const le = Number.isInteger(bound) ? `le=~"${bound}(\\\\.0)?"` : `le="${bound}"`
  const below = series(name, where, '_bucket', [le])
  const part = grouped('sum', by, `increase(${below}[${over}])`)
  return `${part} / ${countOf(name, { by, ...(where && { where }), over })}`
}

/** A part of a whole. A part that never happened has no series yet: 0, if there is a whole. */
export const shareOf = (part: string, whole: string): string =>
  `(${part} or 0 * ${whole}) / ${whole}`

/** 0 where there is no series: for what is only counted when it happens, and never should. `label`: what names it. */
export const orZero = (expression: string, label?: string): string =>
  `${expression} or on() ${label === undefined ? 'vector(0)' : `label_replace(vector(0), "${label}", "none", "", "")`}`

/** Metrics that are not ours: Prometheus’ own of the scrapes, and those of every Node program. */
export const scraped = (name: string): string => `${name}{job="voicegate",${NODES}}`
