// The metrics as live objects: the only import of prom-client. Worker threads report deltas; the main thread counts.
import { createRequire } from 'node:module'
import type * as promClient from 'prom-client'
import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { openEventLoopLag } from './event-loop-lag.ts'
import { watchGcPauses } from './gc-pauses.ts'
import { labelSets } from './label-sets.ts'
import type { Logger } from './logger.ts'
import {
  METRICS,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelArguments,
  type LabelsOf,
  type MetricDeclarationEntry,
} from './metric-registry.ts'
import { createScrapeTasks } from './scrape-tasks.ts'

export interface Metrics {
  /** Adds to a counter (or a gauge): `add('calls_total', 1, { direction, trunk, outcome })`. */
  add<Name extends CounterName | GaugeName>(
    name: Name,
    value: number,
    ...labels: LabelArguments<Name>
  ): void
  /** Sets a gauge. */
  set<Name extends GaugeName>(name: Name, value: number, ...labels: LabelArguments<Name>): void
  /** Forgets what was said under these labels: what they name is no more. */
  remove<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>): void
  /** Observes a value in a histogram. */
  observe<Name extends HistogramName>(
    name: Name,
    value: number,
    ...labels: LabelArguments<Name>
  ): void
  /**
   * Runs just before each scrape, to set gauges from the truth; a promise is waited for, 2 s at most, and not asked for
   * again before it is settled. One that fails or is late leaves its figures as they were, is counted, and is named in
   * the log once a minute.
   * @param name of what it asks, for the log
   */
  onScrape(name: string, collect: () => unknown): void
  /** The page of GET /metrics. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>
}

type Instrument = Counter | Gauge | Histogram
type PromClient = typeof promClient

/** Eighty modules, 45 ms: not for the threads that log, and count nothing themselves. */
const loadPromClient = (): PromClient => createRequire(import.meta.url)('prom-client') as PromClient

/** The thread that keeps the metrics, as a label. */
const MAIN_THREAD = { thread: 'main' }

/** Of the same figures: they fail at every scrape. */
const TOLD_EVERY_MS = 60_000

/**
 * All metrics of METRICS, this thread's own pulse, and Node's. One a process, for as long as it lives.
 * @param logger told of figures that could not be had
 */
export function createMetrics(logger?: Pick<Logger, 'warn'>): Metrics {
  const library = loadPromClient()
  const { Counter, Gauge, Histogram } = library
  const registry = new library.Registry()
  library.collectDefaultMetrics({ register: registry })
  const instruments = new Map<string, Instrument>(
    Object.entries(METRICS).map(([name, declaration]) => [
      name,
      create(library, name, declaration, registry),
    ]),
  )
  const tellFailure = rarely(logger)
  const tasks = createScrapeTasks((name, error) => {
    metrics.add('scrape_failures_total', 1)
    tellFailure(name, error)
  })
  const metrics: Metrics = {
    add(name, value, ...[labels = {}]) {
      const instrument = instruments.get(name)
      if (instrument instanceof Counter || instrument instanceof Gauge)
        instrument.inc(labels, value)
    },
    set(name, value, ...[labels = {}]) {
      const instrument = instruments.get(name)
      if (instrument instanceof Gauge) instrument.set(labels, value)
    },
    remove(name, labels) {
      instruments.get(name)?.remove(labels)
    },
    observe(name, value, ...[labels = {}]) {
      const instrument = instruments.get(name)
      if (instrument instanceof Histogram) instrument.observe(labels, value)
    },
    onScrape: (name, collect) => tasks.add(name, collect),
    async render() {
      await tasks.run()
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
  watchMainThread(metrics)
  return metrics
}

/** There are as many names as there are calls of `onScrape`: few. */
function rarely(logger: Pick<Logger, 'warn'> | undefined): (name: string, error: unknown) => void {
  const toldAtMs = new Map<string, number>()
  return (figures, error) => {
    const now = performance.now()
    if (now - (toldAtMs.get(figures) ?? -Infinity) < TOLD_EVERY_MS) return
    toldAtMs.set(figures, now)
    logger?.warn({ figures, err: error }, 'figures for the metrics could not be had')
  }
}

/** Worker threads tell theirs to whoever started them. */
function watchMainThread(metrics: Metrics): void {
  const lag = openEventLoopLag()
  metrics.onScrape('event loop lag', () =>
    metrics.set('event_loop_lag_seconds', lag.read(), MAIN_THREAD),
  )
  watchGcPauses((seconds) => metrics.observe('gc_pause_seconds', seconds, MAIN_THREAD))
}

function create(
  { Counter, Gauge, Histogram }: PromClient,
  name: string,
  declaration: MetricDeclarationEntry,
  registry: Registry,
): Instrument {
  const options = {
    name: `voicegate_${name}`,
    help: declaration.help,
    labelNames: Object.keys(declaration.labels ?? {}),
    registers: [registry],
  }
  if (declaration.kind === 'counter') return begunAtZero(new Counter(options), declaration)
  if (declaration.kind === 'gauge') return new Gauge(options)
  return new Histogram({ ...options, buckets: [...(declaration.buckets ?? [])] })
}

/** `increase()` does not see a counter’s first step when there was no counter before it: alerts would miss the first. */
function begunAtZero(counter: Counter, { labels }: MetricDeclarationEntry): Counter {
  for (const set of labelSets(labels ?? {})) counter.inc(set, 0)
  return counter
}
