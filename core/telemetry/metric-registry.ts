// Every metric of ours, declared once: name, kind, labels, help, buckets. docs/metrics.md is generated from here.
// Seconds and bytes; never a call id, a number or an address in a label.
import { AGENT_METRICS } from './registry/agent-metrics.ts'
import { ANIMATION_METRICS } from './registry/animation-metrics.ts'
import { CALL_METRICS } from './registry/call-metrics.ts'
import { CONTROL_METRICS } from './registry/control-metrics.ts'
import type { MetricDeclaration } from './registry/metric-declaration.ts'
import { MEDIA_METRICS } from './registry/media-metrics.ts'
import { PLATFORM_METRICS } from './registry/platform-metrics.ts'
import { VENDOR_METRICS } from './registry/vendor-metrics.ts'

export const METRICS = {
  ...CALL_METRICS,
  ...AGENT_METRICS,
  ...MEDIA_METRICS,
  ...VENDOR_METRICS,
  ...ANIMATION_METRICS,
  ...CONTROL_METRICS,
  ...PLATFORM_METRICS,
} as const satisfies Record<string, MetricDeclaration>

type Declared = typeof METRICS
export type MetricName = keyof Declared
export type MetricDeclarationEntry = MetricDeclaration

type OfKind<Kind extends MetricDeclaration['kind']> = {
  [Name in MetricName]: Declared[Name]['kind'] extends Kind ? Name : never
}[MetricName]
export type CounterName = OfKind<'counter'>
export type GaugeName = OfKind<'gauge'>
export type HistogramName = OfKind<'histogram'>

type ValuesOf<Values> = Values extends readonly (infer Value)[] ? Value : string
/** The labels of a metric, each with the values that are declared; `{}` of one that has none. */
export type LabelsOf<Name extends MetricName> = Declared[Name] extends { labels: infer Labels }
  ? { readonly [Label in keyof Labels]: ValuesOf<Labels[Label]> }
  : Readonly<Record<string, never>>
/** The last arguments of a call: labels where the metric has them, and none where it has none. */
export type LabelArguments<Name extends MetricName> = Declared[Name] extends { labels: unknown }
  ? [labels: LabelsOf<Name>]
  : []
