// Spans as a collector gets them; and a collector that is dead, refuses or hangs.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { compileConfig } from '../../../../core/config/index.ts'
import { epochMs, newCallId } from '../../../../core/contracts/index.ts'
import {
  createLogger,
  openTracing,
  rootSpanIdOf,
  runUnder,
  spanOfWork,
  traceIdOf,
  vendorRequestBegun,
  type Tracing,
} from '../../../../core/telemetry/index.ts'
import { createClock } from '../../../../core/time/index.ts'
import { openOtlpReceiver } from '../../../support/otlp-receiver.ts'
import { eventually, freeTcpPort } from '../../../support/process.ts'

async function open(t: Test, endpoint: string, more: Readonly<Record<string, string>> = {}) {
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    ...more,
  }
  const compiled = compileConfig(settings, {})
  if (!('config' in compiled)) throw new Error(JSON.stringify(compiled.problems))
  const lines: string[] = []
  const logger = createLogger('info', { write: (line) => void lines.push(line) })
  const tracing = await openTracing({ logger, clock: createClock() }, compiled.config.tracing)
  t.teardown(() => tracing.close())
  return { tracing, lines }
}

const NOW = Date.now()
const at = (ms: number) => epochMs(NOW + ms)

t.test(
  'a call is a root of its own id, and all else of it lies below, whenever it comes',
  async (t) => {
    const collector = await openOtlpReceiver(t)
    const { tracing } = await open(t, collector.endpoint, {
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=voice',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    })
    const callId = newCallId()
    const root = tracing.beginCall(callId, { at: at(0), kind: 'server', attributes: { 'a.b': 1 } })
    const child = root.begin('child', { at: at(1), spanId: '00000000000000aa' })
    child.note('seen', at(2), { 'a.c': true })
    const grandchild = child.begin('grandchild', { at: at(3) })
    grandchild.end({ at: at(4), failed: true })
    child.end({ at: at(5), attributes: { 'a.d': 'x' } })
    root.end({ at: at(6) })
    // After a restart nobody has the root any more.
    tracing
      .inCall(callId)
      .begin('late', { at: at(7) })
      .end({ at: at(8) })
    await collector.until('all spans', (spans) => spans.length === 4)
    const [one, two, three, four] = ['call', 'child', 'grandchild', 'late'].map(
      (name) => collector.named(name)[0],
    )
    const traceId = traceIdOf(callId)
    t.match(one, {
      ...{ traceId, spanId: rootSpanIdOf(callId), parentSpanId: '', kind: 2 },
      ...{ startMs: NOW, endMs: NOW + 6, attributes: { 'a.b': 1 } },
    })
    t.match(two, { traceId, spanId: '00000000000000aa', parentSpanId: rootSpanIdOf(callId) })
    t.match(two, {
      attributes: { 'a.d': 'x' },
      events: [{ name: 'seen', attributes: { 'a.c': true } }],
    })
    t.match(three, { traceId, parentSpanId: '00000000000000aa', failed: true })
    t.match(four, { traceId, parentSpanId: rootSpanIdOf(callId), kind: 1 })
    t.equal(new Set(collector.spans.map(({ spanId }) => spanId)).size, 4)
    t.match(collector.requests[0]?.headers, { 'content-encoding': 'gzip', 'x-team': 'voice' })
    t.match(collector.resource, {
      'service.name': 'voicegate',
      'deployment.environment.name': 'test',
      'telemetry.sdk.language': 'nodejs',
    })
  },
)

t.test('a vendor is asked below the work that asks, wherever that is', async (t) => {
  const collector = await openOtlpReceiver(t)
  const { tracing } = await open(t, collector.endpoint)
  const [one, other] = [newCallId(), newCallId()]
  const ask = async (result: 'ok' | 'failed') => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    vendorRequestBegun(undefined, 'twilio', 'get_call')(result)
  }
  await Promise.all([
    runUnder(tracing.inCall(one), () => ask('ok')),
    runUnder(tracing.inCall(other), () => ask('failed')),
    ask('ok'),
  ])
  t.equal(spanOfWork(), undefined)
  await collector.until('two requests', (spans) => spans.length === 2)
  const of = (callId: typeof one) =>
    collector.spans.find(({ traceId }) => traceId === traceIdOf(callId))
  const attributes = { 'voicegate.vendor': 'twilio', 'voicegate.operation': 'get_call' }
  t.match(of(one), { name: 'vendor.request', kind: 3, failed: false, attributes })
  t.match(of(other), { failed: true, attributes: { 'voicegate.result': 'failed' } })
})

/** Three a call, many calls. */
function load(tracing: Tracing, calls: number): void {
  for (let count = 0; count < calls; count += 1) {
    const callId = newCallId()
    const root = tracing.beginCall(callId)
    root.begin('sip.invite', { attributes: { 'voicegate.trunk': 'one' } }).end()
    root.begin('agent.session').end()
    root.end()
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** Garbage is not held. */
function heldMiB(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed / 1024 / 1024
}

const losses = (lines: readonly string[]) =>
  lines.filter((line) => line.includes('traces are lost'))

for (const [name, answer] of [
  ['dead', undefined],
  ['refusing', 400],
  ['hanging', 'hang'],
] as const)
  t.test(`a ${name} collector costs a bounded queue, and a line a minute`, async (t) => {
    const endpoint =
      answer === undefined
        ? `http://127.0.0.1:${await freeTcpPort()}`
        : (await openOtlpReceiver(t, answer)).endpoint
    const { tracing, lines } = await open(t, endpoint, { OTEL_EXPORTER_OTLP_TIMEOUT: '500' })
    load(tracing, 2000)
    const before = heldMiB()
    for (let round = 0; round < 20; round += 1) {
      load(tracing, 1000)
      await pause(30)
    }
    const grown = heldMiB() - before
    t.ok(grown < 25, `${grown.toFixed(1)} MiB more after 60,000 spans`)
    await pause(800)
    t.equal(losses(lines).length, 1, losses(lines).join(''))
    t.notMatch(lines.join(''), /127\.0\.0\.1|v1\/traces/)
    const begun = performance.now()
    await Promise.all([tracing.close(), tracing.close()])
    const took = performance.now() - begun
    t.ok(took < 3500, `closed after ${took.toFixed(0)} ms`)
    tracing.beginCall(newCallId()).begin('x').end()
  })

t.test('what is lost is told by its cause', async (t) => {
  const refusing = await openOtlpReceiver(t, 403)
  for (const [endpoint, reason] of [
    [`http://127.0.0.1:${await freeTcpPort()}`, 'ECONNREFUSED'],
    [refusing.endpoint, 'HTTP 403'],
  ] as const) {
    const { tracing, lines } = await open(t, endpoint, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' })
    load(tracing, 1)
    await eventually('a line', 5000, () => losses(lines).length > 0)
    t.match(JSON.parse(losses(lines)[0] ?? '{}'), { level: 'warn', spans: 3, reason })
  }
})

t.test('what waits leaves at the end', async (t) => {
  const collector = await openOtlpReceiver(t)
  const { tracing } = await open(t, collector.endpoint, { OTEL_BSP_SCHEDULE_DELAY: '60000' })
  load(tracing, 500)
  await tracing.close()
  t.equal(collector.spans.length, 1500)
})

t.test('what a call costs', async (t) => {
  const collector = await openOtlpReceiver(t)
  const { tracing } = await open(t, collector.endpoint, {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_BSP_MAX_QUEUE_SIZE: '100000',
  })
  load(tracing, 1000)
  const { user, system } = process.cpuUsage()
  load(tracing, 10_000)
  const used = process.cpuUsage({ user, system })
  const micros = (used.user + used.system) / 10_000
  t.comment(`${micros.toFixed(1)} µs of processor for a call of three spans, before they are sent`)
  t.ok(micros < 500)
})
