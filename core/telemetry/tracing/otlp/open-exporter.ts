// OTLP over HTTP as it was configured. Everything is handed over: the library would read the environment by itself, takes
// no `.env`, and falls back to defaults where a value is wrong.
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import type { TracingConfig } from '../tracing.ts'

export async function openExporter(config: TracingConfig): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    config.protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto')
  const { url, headers, compression, timeoutMs, tls, queue } = config
  // An enum of a package that is not ours to import; its values are these words.
  type Options = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>
  type Compression = NonNullable<Options['compression']>
  const { ca, cert, key } = tls
  return new OTLPTraceExporter({
    url,
    headers: { ...headers },
    // The enum itself cannot be had.
    compression: compression satisfies `${Compression}` as Compression,
    timeoutMillis: timeoutMs,
    // At the end all batches leave at once: one more than there can be.
    concurrencyLimit: Math.ceil(queue.maxSpans / queue.maxBatch) + 1,
    httpAgentOptions: {
      keepAlive: true,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
  })
}
