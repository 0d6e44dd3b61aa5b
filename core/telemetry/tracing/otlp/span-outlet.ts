// Between our spans and the exporter: how many wait, what is lost when the collector is away or slow, and one log line a
// minute that says so. The SDK would drop in silence, and tell of each failed batch with a stack.
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Logger } from '../../logger.ts'

const TELL_EVERY_MS = 60_000
/** Of ExportResultCode. */
const SUCCESS = 0

export class SpanOutlet implements SpanExporter {
  readonly #logger: Logger
  readonly #exporter: SpanExporter
  readonly #maxWaiting: number
  #waiting = 0
  #lost = 0
  #toldAt = -Infinity

  constructor(logger: Logger, exporter: SpanExporter, maxWaiting: number) {
    this.#logger = logger
    this.#exporter = exporter
    this.#maxWaiting = maxWaiting
  }

  /** The processor, which this bounds. */
  before(processor: SpanProcessor): SpanProcessor {
    return {
      onStart: (span, context) => processor.onStart(span, context),
      onEnd: (span) => {
        if (this.#waiting >= this.#maxWaiting) {
          this.#lose(1, 'too many wait')
          return
        }
        this.#waiting += 1
        processor.onEnd(span)
      },
      forceFlush: () => processor.forceFlush(),
      shutdown: () => processor.shutdown(),
    }
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.#waiting -= spans.length
    this.#exporter.export(spans, ({ code, error }) => {
      const came: number = code
      if (came !== SUCCESS) this.#lose(spans.length, reasonOf(error))
      // Told already, here: the processor would stop handing over the rest.
      done({ code: SUCCESS })
    })
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve()
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }

  #lose(spans: number, reason: string): void {
    this.#lost += spans
    const nowMs = performance.now()
    if (nowMs - this.#toldAt < TELL_EVERY_MS) return
    this.#toldAt = nowMs
    const lost = this.#lost
    this.#lost = 0
    const todo = 'look at the collector of OTEL_EXPORTER_OTLP_ENDPOINT; calls are not touched by it'
    this.#logger.warn({ spans: lost, reason, todo }, 'traces are lost')
  }
}

/** A code alone: the words quote addresses and what the collector answered. */
function reasonOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if (!('code' in at)) continue
    if (typeof at.code === 'number') return `HTTP ${at.code}`
    if (typeof at.code === 'string') return at.code.slice(0, 40)
  }
  return 'no answer'
}
