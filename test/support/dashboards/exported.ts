// Every series that Prometheus may have of a voicegate: what the code declares, what prom-client adds, what drachtio and
// Prometheus itself export; each with its kind, its labels and the values these may take.
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createMetrics, METRICS, OPEN, type MetricDeclarationEntry } from '#core/telemetry'

export type Values = readonly string[] | typeof OPEN
export type LabelShapes = ReadonlyMap<string, Values>

export interface SeriesShape {
  /** The metric it belongs to: of `x_bucket`, `x`. */
  readonly family: string
  /** Counts up only: for rate() and increase(). Neither is said of what may be either. */
  readonly counts?: boolean
  readonly labels: LabelShapes
}

/** By the name of the series, as a query has it. */
export type Exported = ReadonlyMap<string, SeriesShape>

interface Family {
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram' | 'either'
  readonly labels?: Readonly<Record<string, Values>>
  readonly buckets?: readonly number[]
  readonly job: Values
}

export const DECLARED: readonly string[] = Object.keys(METRICS).map((name) => `voicegate_${name}`)

/** @param jobs of the scrape configuration. */
export async function exportedSeries(jobs: readonly string[]): Promise<Exported> {
  const job = ['voicegate']
  const declared = Object.entries<MetricDeclarationEntry>(METRICS).map(([name, rest]) => ({
    ...rest,
    name: `voicegate_${name}`,
    job,
  }))
  const families = [
    ...declared,
    ...(await defaultsOfNode()).map((family) => ({ ...family, job })),
    ...DRACHTIO.map((family) => ({ ...family, job: ['drachtio'] })),
    ...OF_SCRAPES.map((name) => ({ name, kind: 'gauge' as const, job: jobs })),
  ]
  return new Map(families.flatMap(seriesOf))
}

function seriesOf({
  name,
  kind,
  labels = {},
  buckets = [],
  job,
}: Family): readonly (readonly [string, SeriesShape])[] {
  const own: [string, Values][] = [...Object.entries(labels), ['job', job], ['instance', OPEN]]
  if (kind !== 'histogram') {
    const counts = kind === 'either' ? {} : { counts: kind === 'counter' }
    return [[name, { family: name, ...counts, labels: new Map(own) }]]
  }
  const le: [string, Values] = ['le', [...buckets.map(String), '+Inf']]
  const shape = (more: readonly [string, Values][]): SeriesShape => ({
    family: name,
    counts: true,
    labels: new Map([...own, ...more]),
  })
  return [
    [`${name}_bucket`, shape([le])],
    [`${name}_sum`, shape([])],
    [`${name}_count`, shape([])],
  ]
}

/** What prom-client says of process and Node, from a page it has rendered. */
async function defaultsOfNode(): Promise<readonly Omit<Family, 'job'>[]> {
  const metrics = createMetrics()
  await collectGarbage()
  const { body } = await metrics.render()
  return [...body.matchAll(/^# TYPE (\S+) (counter|gauge|histogram)$/gm)]
    .map(([, name = '', kind]) => ({ name, kind: kind as 'counter' | 'gauge' | 'histogram' }))
    .filter(({ name }) => !name.startsWith('voicegate_'))
    .map(({ name, kind }) => ({ name, kind, ...labelsOnPage(body, name) }))
}

/** Its histogram of collections has no series, and so no labels, before the first. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  for (let turns = 0; turns < 10; turns += 1) await turn()
}

function labelsOnPage(body: string, name: string): Pick<Family, 'labels' | 'buckets'> {
  const lines = body
    .split('\n')
    .filter((line) => line.replace(/_bucket\{/, '{').startsWith(`${name}{`))
  const pairs = lines.flatMap((line) => [...line.matchAll(/(\w+)="([^"]*)"/g)])
  const names = new Set(pairs.map(([, label = '']) => label).filter((label) => label !== 'le'))
  const bounds = pairs.filter(([, label]) => label === 'le').map(([, , bound]) => Number(bound))
  return {
    labels: Object.fromEntries([...names].map((label) => [label, OPEN])),
    buckets: [...new Set(bounds)].filter((bound) => Number.isFinite(bound)),
  }
}

/** https://prometheus.io/docs/concepts/jobs_instances/#automatically-generated-labels-and-time-series */
const OF_SCRAPES = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
]

type Labels = Readonly<Record<string, Values>>
const METHOD: Labels = { method: OPEN }
const ANSWERED: Labels = { method: OPEN, code: OPEN }
const ANSWER_BUCKETS = [1, 3, 6, 10, 15, 20, 30, 60]
const PDD_BUCKETS = [1, 2, 3, 5, 7, 10, 15, 20]

/**
 * drachtio-server 0.9.10, src/stats-collector.hpp and src/controller.cpp (read 2026-11-21); its docs/prometheus.md has
 * older names. What Sofia counts it exports as gauges.
 */
const DRACHTIO: readonly Omit<Family, 'job'>[] = [
  { name: 'drachtio_build_info', kind: 'either', labels: { version: OPEN } },
  { name: 'drachtio_time_started', kind: 'gauge' },
  { name: 'drachtio_sip_requests_in_total', kind: 'counter', labels: METHOD },
  { name: 'drachtio_sip_requests_out_total', kind: 'counter', labels: METHOD },
  { name: 'drachtio_sip_responses_in_total', kind: 'counter', labels: ANSWERED },
  { name: 'drachtio_sip_responses_out_total', kind: 'counter', labels: ANSWERED },
  { name: 'drachtio_stable_dialogs', kind: 'gauge', labels: { type: ['inbound', 'outbound'] } },
  { name: 'drachtio_proxy_cores', kind: 'gauge' },
  { name: 'drachtio_registered_endpoints', kind: 'gauge' },
  { name: 'drachtio_app_connections', kind: 'gauge' },
  { name: 'drachtio_sofia_server_txn_hash_size', kind: 'gauge' },
  { name: 'drachtio_sofia_client_txn_hash_size', kind: 'gauge' },
  { name: 'drachtio_sofia_dialog_hash_size', kind: 'gauge' },
  { name: 'drachtio_sofia_server_txns', kind: 'gauge' },
  { name: 'drachtio_sofia_client_txns', kind: 'gauge' },
  { name: 'drachtio_sofia_dialogs', kind: 'gauge' },
  { name: 'drachtio_sofia_msgs_recv', kind: 'either' },
  { name: 'drachtio_sofia_msgs_sent', kind: 'either' },
  { name: 'drachtio_sofia_requests_recv_total', kind: 'either' },
  { name: 'drachtio_sofia_requests_sent', kind: 'either' },
  { name: 'drachtio_sofia_bad_msgs_recv', kind: 'either' },
  { name: 'drachtio_sofia_bad_reqs_recv', kind: 'either' },
  { name: 'drachtio_sofia_retransmitted_requests', kind: 'either' },
  { name: 'drachtio_sofia_retransmitted_responses', kind: 'either' },
  { name: 'drachtio_call_answer_seconds_in', kind: 'histogram', buckets: ANSWER_BUCKETS },
  { name: 'drachtio_call_answer_seconds_out', kind: 'histogram', buckets: ANSWER_BUCKETS },
  { name: 'drachtio_call_pdd_seconds_in', kind: 'histogram', buckets: PDD_BUCKETS },
  { name: 'drachtio_call_pdd_seconds_out', kind: 'histogram', buckets: PDD_BUCKETS },
]
