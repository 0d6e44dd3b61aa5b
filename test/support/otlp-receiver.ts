// A collector of OTLP over HTTP: keeps each span that came, of either encoding, and every byte.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { Test } from 'tap'
import { eventually } from './process.ts'

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Empty of a root. */
  readonly parentSpanId: string
  readonly name: string
  /** Of OTLP: 1 internal, 2 server, 3 client. */
  readonly kind: number
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly {
    readonly name: string
    readonly attributes: Readonly<Record<string, unknown>>
  }[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly failed: boolean
}

export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string
  readonly spans: ReceivedSpan[]
  /** Bodies as they were, unpacked. */
  readonly bodies: Buffer[]
  readonly requests: { readonly path: string; readonly headers: Record<string, unknown> }[]
  readonly resource: Record<string, unknown>
  named(name: string): readonly ReceivedSpan[]
  until(what: string, isThere: (spans: readonly ReceivedSpan[]) => boolean): Promise<void>
}

/** @param answer what each request is answered with; `hang`: nothing */
export async function openOtlpReceiver(
  t: Pick<Test, 'teardown'>,
  answer: number | 'hang' = 200,
): Promise<OtlpReceiver> {
  const received = {
    spans: [] as ReceivedSpan[],
    bodies: [] as Buffer[],
    requests: [] as OtlpReceiver['requests'],
    resource: {} as Record<string, unknown>,
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const isPacked = request.headers['content-encoding'] === 'gzip'
      const body = isPacked ? gunzipSync(Buffer.concat(chunks)) : Buffer.concat(chunks)
      received.requests.push({ path: request.url ?? '', headers: request.headers })
      received.bodies.push(body)
      const isJson = request.headers['content-type'] === 'application/json'
      if (isJson) takeJson(JSON.parse(body.toString()), received)
      else received.spans.push(...spansOfProto(body))
      if (answer === 'hang') return
      response.writeHead(answer, { 'content-type': request.headers['content-type'] })
      response.end(isJson ? '{}' : '')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    ...received,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    named: (name) => received.spans.filter((span) => span.name === name),
    until: async (what, isThere) => {
      await eventually(what, 15_000, () => isThere(received.spans))
    },
  }
}

// oxlint-disable-next-line typescript/no-explicit-any -- The protocol's JSON: a test that reads it wrong fails.
type Json = any

interface JsonValue {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly doubleValue?: number
  readonly boolValue?: boolean
}
type JsonAttributes = readonly { readonly key: string; readonly value: JsonValue }[] | undefined

const valueOf = ({ stringValue, intValue, doubleValue, boolValue }: JsonValue): unknown =>
  stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue))
const attributesOf = (list: JsonAttributes): Record<string, unknown> =>
  Object.fromEntries((list ?? []).map(({ key, value }) => [key, valueOf(value)]))

function takeJson(body: Json, to: { spans: ReceivedSpan[]; resource: Record<string, unknown> }) {
  for (const { resource, scopeSpans } of body.resourceSpans) {
    Object.assign(to.resource, attributesOf(resource.attributes))
    for (const { spans } of scopeSpans)
      for (const span of spans)
        to.spans.push({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId ?? '',
          name: span.name,
          kind: span.kind,
          startMs: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
          endMs: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
          attributes: attributesOf(span.attributes),
          events: (span.events ?? []).map((event: Json) => ({
            name: event.name,
            attributes: attributesOf(event.attributes),
          })),
          links: (span.links ?? []).map(({ traceId, spanId }: Json) => ({ traceId, spanId })),
          failed: span.status?.code === 2,
        })
  }
}

/** Ids and names alone: https://github.com/open-telemetry/opentelemetry-proto, trace/v1/trace.proto. */
function spansOfProto(body: Buffer): ReceivedSpan[] {
  const text = (fields: Fields, field: number, encoding: 'hex' | 'utf8') =>
    fields.get(field)?.[0]?.toString(encoding) ?? ''
  return fieldsOf(body, 1)
    .flatMap((resourceSpans) => fieldsOf(resourceSpans, 2))
    .flatMap((scopeSpans) => fieldsOf(scopeSpans, 2))
    .map((span) => {
      const fields = readFields(span)
      return {
        traceId: text(fields, 1, 'hex'),
        spanId: text(fields, 2, 'hex'),
        parentSpanId: text(fields, 4, 'hex'),
        name: text(fields, 5, 'utf8'),
        ...{ kind: 0, startMs: 0, endMs: 0, attributes: {}, events: [], links: [], failed: false },
      }
    })
}

type Fields = ReadonlyMap<number, readonly Buffer[]>
const fieldsOf = (message: Buffer, field: number) => readFields(message).get(field) ?? []

/** The fields of a message of protobuf that have a length. */
function readFields(message: Buffer): Fields {
  const fields = new Map<number, Buffer[]>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++] ?? 0
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    if (tag % 8 === 0) varint()
    else if (tag % 8 === 1) at += 8
    else if (tag % 8 === 5) at += 4
    else {
      const length = varint()
      const field = Math.floor(tag / 8)
      fields.set(field, [...(fields.get(field) ?? []), message.subarray(at, at + length)])
      at += length
    }
  }
  return fields
}
