// Port: what happens on a call as spans of one trace, for whoever collects them. Off unless it is configured: then nothing
// is loaded, and every span is the one that does nothing.
import type { CallId, EpochMs } from '../../contracts/index.ts'
import type { Clock } from '../../time/index.ts'
import type { Logger } from '../logger.ts'
import { NO_TRACING } from './no-tracing.ts'
import type { TraceContext } from './trace-context.ts'

/** Words of closed sets, ids and figures: never a number of a caller, an address or what somebody said. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

export interface SpanStart {
  /** By default something within us. */
  readonly kind?: 'internal' | 'client' | 'server'
  /** By default now. */
  readonly at?: EpochMs
  readonly attributes?: SpanAttributes
  /** One that was told to others; by default anyone. */
  readonly spanId?: string
}

export interface SpanEnd {
  /** By default now. */
  readonly at?: EpochMs
  readonly attributes?: SpanAttributes
  /** It did not do what it was for. */
  readonly failed?: boolean
}

/** What spans can be begun under. */
export interface SpanParent {
  /** @param name one of few: what tells one from another stands in its attributes */
  begin(name: string, start?: SpanStart): TraceSpan
}

export interface TraceSpan extends SpanParent {
  set(attributes: SpanAttributes): void
  /** Something that happened meanwhile. */
  note(name: string, at?: EpochMs, attributes?: SpanAttributes): void
  /** It has to do with a span of another trace. */
  link(context: TraceContext): void
  /** Once: what is told of it later is lost. */
  end(end?: SpanEnd): void
}

export interface Tracing {
  /** Of all calls, those that are traced: 0 none, 1 all. Worker threads are told it. */
  readonly ratio: number
  /** The root of a call's trace: once a call. */
  beginCall(callId: CallId, start?: SpanStart): TraceSpan
  /** For all else of a call, also when its root has ended, or began in a process before. */
  inCall(callId: CallId): SpanParent
  /**
   * Whoever asks for a call may be traced themselves: the call's root is linked to it when it begins.
   * @param asker undefined: the call will not begin
   */
  askedBy(callId: CallId, asker: TraceContext | undefined): void
  /** Hands over what is left, within a few seconds. Idempotent; nothing is traced afterwards. */
  close(): Promise<void>
}

/** Where spans go, and of which calls there are any. */
export interface TracingConfig {
  /** The whole address. */
  readonly url: string
  readonly protocol: 'http/protobuf' | 'http/json'
  readonly headers: Readonly<Record<string, string>>
  readonly compression: 'gzip' | 'none'
  /** Of one batch. */
  readonly timeoutMs: number
  /** Texts of PEM files. */
  readonly tls: {
    readonly ca?: string | undefined
    readonly cert?: string | undefined
    readonly key?: string | undefined
  }
  /** 0 none, 1 all. */
  readonly ratio: number
  /** What is said of this node: `service.name` and the like. */
  readonly resource: Readonly<Record<string, string>>
  readonly queue: {
    /** Spans beyond are dropped. */
    readonly maxSpans: number
    readonly maxBatch: number
    readonly delayMs: number
    readonly timeoutMs: number
  }
}

/** @param config undefined: tracing is off. */
export async function openTracing(
  deps: { readonly logger: Logger; readonly clock: Pick<Clock, 'now'> },
  config: TracingConfig | undefined,
): Promise<Tracing> {
  if (config === undefined || config.ratio <= 0) return NO_TRACING
  // Some 100 ms and 25 MB, which nobody pays who does not want it.
  const { openOtlpTracing } = await import('./otlp/otlp-tracing.ts')
  return openOtlpTracing(deps, config)
}
