// Tracing by OpenTelemetry: spans of its SDK, sent by OTLP over HTTP. The only import of it, and imported only when tracing
// is on. There is no global provider and no context of its own: whoever begins a span says under what.
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { ms, type CallId, type EpochMs } from '../../../contracts/index.ts'
import { messageOf } from '../../../errors/index.ts'
import { waitFor } from '../../../lifecycle/index.ts'
import type { Clock } from '../../../time/index.ts'
import type { Logger } from '../../logger.ts'
import { NO_SPAN } from '../no-tracing.ts'
import { isTraced, rootSpanIdOf, traceIdOf, type TraceContext } from '../trace-context.ts'
import type {
  SpanEnd,
  SpanParent,
  SpanStart,
  TraceSpan,
  Tracing,
  TracingConfig,
} from '../tracing.ts'
import { ChosenIds } from './chosen-ids.ts'
import { openExporter } from './open-exporter.ts'
import { SpanOutlet } from './span-outlet.ts'

/** Whoever stops us waits for no collector. */
const CLOSE_TIMEOUT = ms(2500)
/** Calls that were asked for and did not begin; the oldest is forgotten. */
const MAX_ASKED = 1000
/** A call of hours must not grow without end. */
const LIMITS = {
  attributeCountLimit: 64,
  attributeValueLengthLimit: 256,
  eventCountLimit: 200,
  linkCountLimit: 4,
} as const
const KINDS = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
} as const

interface Deps {
  readonly logger: Logger
  readonly clock: Pick<Clock, 'now'>
}

export async function openOtlpTracing(deps: Deps, config: TracingConfig): Promise<Tracing> {
  const { maxSpans, maxBatch, delayMs, timeoutMs } = config.queue
  const outlet = new SpanOutlet(deps.logger, await openExporter(config), maxSpans)
  const ids = new ChosenIds()
  const provider = new TracerProvider({
    idGenerator: ids,
    resource: defaultResource().merge(resourceFromAttributes(config.resource)),
    spanLimits: LIMITS,
    spanProcessors: [
      outlet.before(
        new BatchSpanProcessor({
          exporter: outlet,
          maxQueueSize: maxSpans,
          maxExportBatchSize: maxBatch,
          scheduledDelayMillis: delayMs,
          exportTimeoutMillis: timeoutMs,
        }),
      ),
    ],
  })
  const spans = { ids, tracer: provider.getTracer('voicegate'), now: () => deps.clock.now() }
  return new OtlpTracing(spans, config.ratio, async () => {
    try {
      const name = 'handing over the last traces'
      await waitFor(provider.shutdown(), { name, timeout: CLOSE_TIMEOUT })
    } catch (error) {
      deps.logger.warn({ reason: messageOf(error) }, 'the last traces may be lost')
    }
  })
}

interface Spans {
  readonly ids: ChosenIds
  readonly tracer: Tracer
  readonly now: () => EpochMs
}

class OtlpTracing implements Tracing {
  readonly ratio: number
  readonly #spans: Spans
  readonly #shutDown: () => Promise<void>
  readonly #askers = new Map<CallId, TraceContext>()
  #closed: Promise<void> | undefined

  constructor(spans: Spans, ratio: number, shutDown: () => Promise<void>) {
    this.#spans = spans
    this.ratio = ratio
    this.#shutDown = shutDown
  }

  beginCall(callId: CallId, start: SpanStart = {}): TraceSpan {
    const asker = this.#askers.get(callId)
    this.#askers.delete(callId)
    if (!this.#isTraced(callId)) return NO_SPAN
    const chosen = { traceId: traceIdOf(callId), spanId: rootSpanIdOf(callId) }
    const root = beginSpan(this.#spans, 'call', start, { context: ROOT_CONTEXT, chosen })
    if (asker) root.link(asker)
    return root
  }

  inCall(callId: CallId): SpanParent {
    if (!this.#isTraced(callId)) return NO_SPAN
    const root = contextOf({
      traceId: traceIdOf(callId),
      spanId: rootSpanIdOf(callId),
      isTraced: true,
    })
    const context = trace.setSpanContext(ROOT_CONTEXT, root)
    return { begin: (name, start = {}) => beginUnder(this.#spans, context, name, start) }
  }

  askedBy(callId: CallId, asker: TraceContext | undefined): void {
    this.#askers.delete(callId)
    if (asker === undefined || !this.#isTraced(callId)) return
    const oldest = this.#askers.keys().next()
    if (this.#askers.size >= MAX_ASKED && !oldest.done) this.#askers.delete(oldest.value)
    this.#askers.set(callId, asker)
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown()
    return this.#closed
  }

  #isTraced(callId: CallId): boolean {
    return this.#closed === undefined && isTraced(callId, this.ratio)
  }
}

const beginUnder = (spans: Spans, context: Context, name: string, start: SpanStart): TraceSpan =>
  beginSpan(spans, name, start, {
    context,
    ...(start.spanId === undefined ? {} : { chosen: { spanId: start.spanId } }),
  })

function beginSpan(
  spans: Spans,
  name: string,
  { kind = 'internal', at = spans.now(), attributes = {} }: SpanStart,
  under: {
    readonly context: Context
    readonly chosen?: { readonly traceId?: string; readonly spanId: string }
  },
): TraceSpan {
  const options = { kind: KINDS[kind], startTime: at, attributes }
  const begin = (): Span => spans.tracer.startSpan(name, options, under.context)
  return viewSpan(spans, under.chosen ? spans.ids.choose(under.chosen, begin) : begin())
}

function viewSpan(spans: Spans, span: Span): TraceSpan {
  const context = trace.setSpanContext(ROOT_CONTEXT, span.spanContext())
  return {
    begin: (name, start = {}) => beginUnder(spans, context, name, start),
    set: (attributes) => void span.setAttributes(attributes),
    note: (name, at = spans.now(), attributes = {}) => void span.addEvent(name, attributes, at),
    link: (other) => void span.addLink({ context: contextOf(other) }),
    end({ at = spans.now(), attributes, failed = false }: SpanEnd = {}) {
      if (attributes) span.setAttributes(attributes)
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end(at)
    },
  }
}

const contextOf = ({ traceId, spanId, isTraced: traced }: TraceContext) => ({
  traceId,
  spanId,
  traceFlags: traced ? 1 : 0,
  isRemote: true,
})
