// Kinds of settings that OpenTelemetry has and nobody else.
import type { Setting } from '../setting.ts'

/** gRPC is what others take for the default: it is said what to set instead. */
export const otlpProtocol = (): Setting<'http/protobuf' | 'http/json'> => ({
  kind: 'http/protobuf | http/json',
  parse: (value) => {
    if (value === 'http/protobuf' || value === 'http/json') return { value }
    return value === 'grpc'
      ? {
          problem:
            'is grpc, which we do not speak: set http/protobuf, and let OTEL_EXPORTER_OTLP_ENDPOINT name the ' +
            'collector’s port for HTTP (mostly 4318 instead of 4317)',
        }
      : { problem: 'must be one of http/protobuf, http/json' }
  },
})

/** A name that a header may have; attributes of resources are no different in practice. */
const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~/-]{1,128}$/
/** Nothing that ends a header. */
const VALUE = /^[\x20-\x7e\u00a0-\uffff]*$/

/** `key=value,key2=value2`, both percent-encoded where they need it. */
export const pairs = (): Setting<Readonly<Record<string, string>>> => ({
  kind: 'key=value,key2=value2',
  parse: (value) => {
    const found: Record<string, string> = {}
    for (const part of value.split(',').filter((piece) => piece.trim() !== '')) {
      const [name = '', text] = part.split(/=(.*)/s, 2).map((piece) => decoded(piece.trim()))
      if (text === undefined || !NAME.test(name) || !VALUE.test(text))
        return {
          problem: 'must be pairs such as key=value,key2=value2, percent-encoded where needed',
        }
      found[name] = text
    }
    return { value: found }
  },
})

/** Undefined when what is encoded is no text. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // The pair is told to be wrong.
  }
}
