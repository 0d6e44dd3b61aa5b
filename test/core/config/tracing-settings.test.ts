// Traces by the standard's own variables: off unless asked for, and a wrong value is told like any other.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compileConfig } from '../../../core/config/index.ts'
import { temporaryFolder } from '../../support/process.ts'

const tracingOf = (env: Readonly<Record<string, string>>) => {
  const compiled = compileConfig({}, env)
  return 'config' in compiled ? compiled.config.tracing : compiled.problems
}
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }

t.test('off unless an endpoint or the exporter is named', async (t) => {
  t.equal(tracingOf({}), undefined)
  t.equal(tracingOf({ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' }), undefined)
  t.match(tracingOf({ OTEL_TRACES_EXPORTER: 'otlp' }), { url: 'http://localhost:4318/v1/traces' })
  t.match(tracingOf(ENDPOINT), {
    url: 'http://collector:4318/v1/traces',
    protocol: 'http/protobuf',
    headers: {},
    compression: 'none',
    ratio: 1,
    resource: { 'service.name': 'voicegate' },
    queue: { maxSpans: 2048, maxBatch: 512, delayMs: 5000, timeoutMs: 30_000 },
  })
  t.equal(tracingOf({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }), undefined)
  t.equal(tracingOf({ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }), undefined)
  t.equal(
    tracingOf({ ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }),
    undefined,
    'what is set for others stops nobody who has turned it off',
  )
})

t.test('what is said of traces alone goes first', async (t) => {
  const file = join(temporaryFolder(t, 'tls'), 'ca.pem')
  writeFileSync(file, 'a certificate')
  t.match(
    tracingOf({
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.com/in',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=b%20c==, x-team=t',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TIMEOUT: '10000',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2000',
      OTEL_EXPORTER_OTLP_CERTIFICATE: file,
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_SCHEDULE_DELAY: '1000',
    }),
    {
      url: 'https://traces.example.com/in',
      protocol: 'http/json',
      headers: { 'x-key': 'b c==', 'x-team': 't' },
      compression: 'gzip',
      timeoutMs: 2000,
      tls: { ca: 'a certificate' },
      queue: { maxSpans: 100, maxBatch: 100, delayMs: 1000 },
    },
  )
})

t.test('a node has a name, and what else is said of it', async (t) => {
  const attributes = {
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=one,deployment.environment.name=x%2Cy',
  }
  t.match(tracingOf({ ...ENDPOINT, ...attributes }), {
    resource: { 'service.name': 'one', 'deployment.environment.name': 'x,y' },
  })
  t.match(tracingOf({ ...ENDPOINT, ...attributes, OTEL_SERVICE_NAME: 'two' }), {
    resource: { 'service.name': 'two' },
  })
})

t.test('which calls are traced', async (t) => {
  const ratioOf = (sampler: string, share?: string) => {
    const arg = share === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: share }
    const tracing = tracingOf({ ...ENDPOINT, OTEL_TRACES_SAMPLER: sampler, ...arg })
    return tracing && 'ratio' in tracing ? tracing.ratio : tracing
  }
  t.equal(ratioOf('always_on', '0.5'), 1)
  t.equal(ratioOf('parentbased_always_off'), 0)
  t.equal(ratioOf('traceidratio', '0.25'), 0.25)
  t.equal(ratioOf('parentbased_traceidratio'), 1)
})

t.test('whatever is wrong is told at once, without the value', async (t) => {
  const problems = tracingOf({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
    OTEL_EXPORTER_OTLP_HEADERS: 'Basic hunter2',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=hunter2%0d%0a',
    OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=%zz',
    OTEL_TRACES_EXPORTER: 'otlp,console',
    OTEL_TRACES_SAMPLER: 'jaeger_remote',
    OTEL_TRACES_SAMPLER_ARG: '2',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
    OTEL_EXPORTER_OTLP_TIMEOUT: '10s',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/hunter2.pem',
    OTEL_BSP_MAX_QUEUE_SIZE: '10',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '512',
  })
  if (!Array.isArray(problems)) throw new Error('it was taken')
  const told = problems.map(({ name, problem }) => `${name} ${problem}`)
  t.equal(told.length, 13, told.join('\n'))
  t.notMatch(told.join('\n'), 'hunter2')
  t.match(told.join('\n'), /OTEL_EXPORTER_OTLP_PROTOCOL is grpc, .*set http\/protobuf/)
})

t.test('others of the standard are other programs’ business', async (t) => {
  t.same(tracingOf({ OTEL_METRICS_EXPORTER: 'prometheus', OTEL_LOG_LEVEL: 'debug' }), undefined)
})
