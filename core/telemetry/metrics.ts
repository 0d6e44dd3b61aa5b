// The metrics as live objects: the only import of prom-client. Worker threads report deltas; the main thread counts.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { openEventLoopLag } from './event-loop-lag.ts'
import { watchGcPauses } from './gc-pauses.ts'
import { METRICS, type MetricDeclarationEntry, type MetricName } from './metric-registry.ts'

export type Labels = Readonly<Record<string, string>>

export interface Metrics {
  /** Adds to a counter (or a gauge). */
  add(name: MetricName, value?: number, labels?: Labels): void
  /** Sets a gauge. */
  set(name: MetricName, value: number, labels?: Labels): void
  /** Forgets what was said under these labels: what they name is no more. */
  remove(name: MetricName, labels: Labels): void
  /** Observes a value in a histogram. */
  observe(name: MetricName, value: number, labels?: Labels): void
  /**
   * Runs just before each scrape, to set gauges from the truth; a promise is waited for (it needs its own deadline),
   * and one that fails leaves its figures as they were.
   */
  onScrape(collect: () => unknown): void
  /** The page of GET /metrics. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>
}

type Instrument = Counter | Gauge | Histogram

/** The thread that keeps the metrics, as a label. */
const MAIN_THREAD = { thread: 'main' }

/** All metrics of METRICS, this thread's own pulse, and Node's. One a process, for as long as it lives. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const instruments = new Map<string, Instrument>(
    Object.entries(METRICS).map(([name, declaration]) => [
      name,
      create(name, declaration, registry),
    ]),
  )
  const collectors: (() => unknown)[] = []
  const metrics: Metrics = {
    add(name, value = 1, labels = {}) {
      const instrument = instruments.get(name)
      if (instrument instanceof Counter || instrument instanceof Gauge)
        instrument.inc(labels, value)
    },
    set(name, value, labels = {}) {
      const instrument = instruments.get(name)
      if (instrument instanceof Gauge) instrument.set(labels, value)
    },
    remove(name, labels) {
      instruments.get(name)?.remove(labels)
    },
    observe(name, value, labels = {}) {
      const instrument = instruments.get(name)
      if (instrument instanceof Histogram) instrument.observe(labels, value)
    },
    onScrape(collect) {
      collectors.push(collect)
    },
    async render() {
      await Promise.allSettled(collectors.map((collect) => Promise.try(collect)))
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
  watchMainThread(metrics)
  return metrics
}

/** Worker threads tell theirs to whoever started them. */
function watchMainThread(metrics: Metrics): void {
  const lag = openEventLoopLag()
  metrics.onScrape(() => metrics.set('event_loop_lag_seconds', lag.read(), MAIN_THREAD))
  watchGcPauses((seconds) => metrics.observe('gc_pause_seconds', seconds, MAIN_THREAD))
}

function create(name: string, declaration: MetricDeclarationEntry, registry: Registry): Instrument {
  const options = {
    name: `voicegate_${name}`,
    help: declaration.help,
    labelNames: [...(declaration.labels ?? [])],
    registers: [registry],
  }
  if (declaration.kind === 'counter') return new Counter(options)
  if (declaration.kind === 'gauge') return new Gauge(options)
  return new Histogram({ ...options, buckets: [...(declaration.buckets ?? [])] })
}
