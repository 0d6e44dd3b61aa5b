// The variables of traces that most people need, by the names of the standard: with these alone a collector is reached.
// Others of the standard are read as well (read-tracing.ts). https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
// and …/protocol/exporter/, read 2026-11.
import { decimal, oneOf, text, url } from '../setting.ts'
import { variable } from '../variable.ts'
import { otlpProtocol, pairs } from './tracing-setting.ts'

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

export const TRACING_VARIABLES = {
  OTEL_SDK_DISABLED: variable(oneOf('true', 'false'), 'No traces, whatever else is set.', {
    default: 'false',
  }),
  OTEL_TRACES_EXPORTER: variable(
    oneOf('otlp', 'none'),
    'Traces of calls (docs/operations.md): otlp sends them, to this machine unless told; none by default, otlp where an ' +
      'endpoint is set.',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(
    url('http', 'https'),
    'A collector of OTLP over HTTP, such as http://127.0.0.1:4318; /v1/traces is appended.',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: variable(otlpProtocol(), 'How it is spoken to.', {
    default: 'http/protobuf',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: variable(pairs(), 'What it is sent besides, such as a key.', {
    secret: true,
  }),
  OTEL_SERVICE_NAME: variable(text(), 'What this node is called in traces.', {
    default: 'voicegate',
  }),
  OTEL_RESOURCE_ATTRIBUTES: variable(
    pairs(),
    'What else is said of it, such as deployment.environment.name=production.',
  ),
  OTEL_TRACES_SAMPLER: variable(
    oneOf(...SAMPLERS),
    'Which calls are traced; no call has a parent, so that parentbased_ makes no difference.',
    { default: 'parentbased_always_on' },
  ),
  OTEL_TRACES_SAMPLER_ARG: variable(
    decimal(0, 1),
    'With a traceidratio: the part of all calls that is traced.',
    { default: '1' },
  ),
} as const
