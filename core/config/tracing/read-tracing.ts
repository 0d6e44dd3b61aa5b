// Traces as OpenTelemetry’s standard variables configure them. The library would read them itself, without `.env`, and take
// its defaults where a value is wrong: here a wrong one stops the start, like any other.
import type { TracingConfig } from '../../telemetry/index.ts'
import type { ConfigProblem } from '../config-problem.ts'
import { integer, oneOf, text, url, type Setting } from '../setting.ts'
import type { Values } from '../schema.ts'
import type { Surroundings } from '../sip-tls.ts'
import { otlpProtocol, pairs } from './tracing-setting.ts'

type Source = Readonly<Record<string, string | undefined>>

const OTLP = 'OTEL_EXPORTER_OTLP_'
/** What is said of traces alone goes before what is said of everything. */
const OTLP_TRACES = 'OTEL_EXPORTER_OTLP_TRACES_'
const THIS_MACHINE = 'http://localhost:4318'

/** Exporters that are shared with other programs may be set to what we cannot do: who turns traces off is not told. */
export function withoutTracing(source: Source): Source {
  const isOff =
    source['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true' ||
    source['OTEL_TRACES_EXPORTER']?.trim() === 'none'
  if (!isOff) return source
  return Object.fromEntries(Object.entries(source).filter(([name]) => !name.startsWith('OTEL_')))
}

export interface TracingReading {
  /** Undefined: no traces. */
  readonly tracing: TracingConfig | undefined
  readonly problems: readonly ConfigProblem[]
}

/** @param values of the variables that stand in the schema, judged already */
export function readTracing(
  source: Source,
  values: Values,
  { readFile }: Pick<Surroundings, 'readFile'>,
): TracingReading {
  const problems: ConfigProblem[] = []
  const read = <T>(name: string, setting: Setting<T>): T | undefined => {
    const written = source[name]?.trim() ?? ''
    if (written === '') return undefined
    const parsed = setting.parse(written)
    if ('value' in parsed) return parsed.value
    problems.push({ name, problem: parsed.problem })
    return undefined
  }
  const either = <T>(name: string, setting: Setting<T>): T | undefined => {
    const [ofAll, ofTraces] = [OTLP, OTLP_TRACES].map((prefix) => read(prefix + name, setting))
    return ofTraces ?? ofAll
  }
  const file = (name: string): string | undefined => {
    const path = either(name, text())
    if (path === undefined) return undefined
    try {
      return readFile(path)
    } catch {
      // Its system's word would need the path to be of use, which the user knows.
      problems.push({ name: OTLP + name, problem: 'names a file that cannot be read' })
      return undefined
    }
  }
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_TRACES_EXPORTER: exporter } = values
  const own = read(`${OTLP_TRACES}ENDPOINT`, url('http', 'https'))
  const tracing: TracingConfig = {
    url: own ?? `${base ?? THIS_MACHINE}/v1/traces`,
    protocol:
      read(`${OTLP_TRACES}PROTOCOL`, otlpProtocol()) ??
      values.OTEL_EXPORTER_OTLP_PROTOCOL ??
      'http/protobuf',
    headers: read(`${OTLP_TRACES}HEADERS`, pairs()) ?? values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    compression: either('COMPRESSION', oneOf('gzip', 'none')) ?? 'none',
    timeoutMs: either('TIMEOUT', MILLISECONDS) ?? 10_000,
    tls: {
      ca: file('CERTIFICATE'),
      cert: file('CLIENT_CERTIFICATE'),
      key: file('CLIENT_KEY'),
    },
    ratio: ratioOf(values),
    resource: {
      ...values.OTEL_RESOURCE_ATTRIBUTES,
      'service.name': serviceName(source, values),
    },
    queue: readQueue(read, problems),
  }
  const isOn = own !== undefined || base !== undefined || exporter === 'otlp'
  return { tracing: isOn ? tracing : undefined, problems }
}

const MILLISECONDS = integer(1, 600_000, 'milliseconds')
/** A span has about a kilobyte. */
const SPANS = integer(1, 100_000, 'spans')

function readQueue(
  read: <T>(name: string, setting: Setting<T>) => T | undefined,
  problems: ConfigProblem[],
): TracingConfig['queue'] {
  const maxSpans = read('OTEL_BSP_MAX_QUEUE_SIZE', SPANS) ?? 2048
  const maxBatch = read('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', SPANS) ?? Math.min(512, maxSpans)
  if (maxBatch > maxSpans)
    problems.push({
      name: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
      problem: `must not be more than OTEL_BSP_MAX_QUEUE_SIZE, ${maxSpans}`,
    })
  const delayMs = read('OTEL_BSP_SCHEDULE_DELAY', MILLISECONDS) ?? 5000
  const timeoutMs = read('OTEL_BSP_EXPORT_TIMEOUT', MILLISECONDS) ?? 30_000
  return { maxSpans, maxBatch, delayMs, timeoutMs }
}

/** It wins over an attribute of the same meaning, which wins over its default. */
function serviceName(source: Source, values: Values): string {
  const isGiven = (source['OTEL_SERVICE_NAME']?.trim() ?? '') !== ''
  const attribute = values.OTEL_RESOURCE_ATTRIBUTES?.['service.name']
  const name = values.OTEL_SERVICE_NAME ?? ''
  return isGiven ? name : (attribute ?? name)
}

function ratioOf({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: share }: Values): number {
  if (sampler?.endsWith('always_off') === true) return 0
  return sampler?.endsWith('traceidratio') === true ? (share ?? 1) : 1
}
