// A call in the whole product is one trace: what was signalled, the agent, its tool, what the vendor is asked afterwards, the
// job, the webhook. And nothing in it says who called.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startChild } from '../support/child-product.ts'
import { openOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts'
import { NUMBERS, planted, SECRETS, WORDS } from '../support/planted.ts'
import { bareEnvironment, startProgram } from '../support/process.ts'
import { startProduct, type Product } from '../support/start-product.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'

async function openTools(t: Pick<Test, 'teardown'>) {
  const asked: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers)
    request.resume()
    response.end(JSON.stringify({ result: `${NUMBERS.inToolAnswer} ${WORDS.toolParameter}` }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/tools`, asked }
}

/** A call as it may come: an agent that says numbers and asks for a tool, keys, a webhook for its end. */
async function talk(t: Test, settings: Readonly<Record<string, string>>, asker?: string) {
  const tools = await openTools(t)
  const product = await startProduct(t, {
    settings: {
      RECORD_CALLS: 'always',
      TOOL_SERVER_URL: tools.url,
      TOOL_SERVER_SECRET: SECRETS.toolSecret,
      ...settings,
    },
    agent: {
      burstSpeed: 50,
      firstMessage: {
        text: `${WORDS.agentSaid} ${NUMBERS.saidByAgent}`,
        sound: { toneHz: 600, lengthMs: 500, levelDbm0: -10 },
      },
      tools: [{ name: 'order_status', afterMs: 200, parameters: { number: NUMBERS.inTool } }],
      postCall: { processingMs: 0 },
    },
  })
  const { view, carrier } = product
  const webhooks = await WebhookReceiver.listen(t)
  const body = JSON.stringify({ url: webhooks.url(), types: ['call.ended'] })
  t.equal((await view.request('/api/webhooks', { method: 'POST', body })).status, 201)
  carrier.script(NUMBERS.dialled, [
    { ring: 50 },
    { answer: true },
    { listen: 800 },
    { pressInfo: '5' },
    { listen: 800 },
    { hangUp: true },
  ])
  const start = await view.request('/api/calls/start', {
    method: 'POST',
    headers: asker === undefined ? {} : { traceparent: asker },
    body: JSON.stringify({
      phone_number: NUMBERS.dialled,
      first_message: WORDS.firstMessage,
      dynamic_variables: { secret: WORDS.variable },
      metadata: { note: WORDS.metadata },
    }),
  })
  t.equal(start.status, 202)
  const { call_id: callId } = (await start.json()) as { call_id: string }
  await view.ended(callId)
  const [told] = await webhooks.until(1)
  return { product, callId, webhook: told?.headers['traceparent'], tool: tools.asked[0] }
}

const ASKER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const within = (one: ReceivedSpan | undefined, other: ReceivedSpan | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  one.startMs >= other.startMs - 1 &&
  one.endMs <= other.endMs + 1

function treeOf(collector: OtlpReceiver): string[] {
  const { spans } = collector
  const pathOf = ({ name, parentSpanId }: ReceivedSpan): string => {
    const parent = spans.find(({ spanId }) => spanId === parentSpanId)
    return parent ? `${pathOf(parent)} > ${name}` : parentSpanId === '' ? name : `? > ${name}`
  }
  return spans.map(pathOf).toSorted()
}

async function untilComplete(collector: OtlpReceiver, product: Product): Promise<void> {
  await product.idle()
  await collector.until('the job and the webhook', (spans) =>
    ['call', 'job', 'webhook'].every((name) => spans.some((span) => span.name === name)),
  )
}

t.test('a call is one trace, from the INVITE to the job and the webhook', async (t) => {
  const collector = await openOtlpReceiver(t)
  const { product, callId, webhook, tool } = await talk(
    t,
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
    ASKER,
  )
  await untilComplete(collector, product)
  t.equal(collector.requests[0]?.path, '/v1/traces')
  const traceId = callId.slice('call_'.length)
  t.same([...new Set(collector.spans.map((span) => span.traceId))], [traceId])
  t.same(treeOf(collector), [
    'call',
    'call > agent.session',
    'call > agent.session > agent.tool',
    'call > job',
    'call > job > vendor.request',
    'call > recording',
    'call > sip.invite',
    'call > webhook',
  ])
  const [root] = collector.named('call')
  t.match(root, {
    kind: 3,
    failed: false,
    spanId: traceId.slice(16),
    links: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }],
    attributes: {
      'voicegate.call_id': callId,
      'voicegate.direction': 'outbound',
      'voicegate.provider': 'sip',
      'voicegate.trunk': 'test',
      'voicegate.outcome': 'answered',
      'voicegate.termination.result': 'success',
      'voicegate.termination.reason': 'hangup',
      'voicegate.termination.by': 'callee',
    },
  })
  const notes = root?.events.map(({ name }) => name) ?? []
  t.match(notes.toSorted(), ['agent.prewarmed', 'dtmf', 'media.first_packet_in'])
  const [invite] = collector.named('sip.invite')
  t.match(invite?.events, [
    { name: 'sip.provisional', attributes: { 'voicegate.sip_status': 180 } },
  ])
  const [session] = collector.named('agent.session')
  t.match(session?.attributes, { 'voicegate.reason': 'call-ended' })
  t.ok(session?.events.some(({ name }) => name === 'agent.first_audio'))
  t.ok(within(invite, root) && within(session, root) && !within(session, invite))
  t.match(collector.named('job')[0]?.attributes, {
    'voicegate.job': 'conversation.sync',
    'voicegate.result': 'done',
  })

  const idOf = (name: string) => collector.named(name)[0]?.spanId
  t.equal(tool?.['traceparent'], `00-${traceId}-${idOf('agent.tool')}-01`)
  t.equal(webhook, `00-${traceId}-${idOf('webhook')}-01`)
  t.match(collector.resource, { 'service.name': 'voicegate' })

  const bytes = Buffer.concat(collector.bodies).toString()
  t.same(planted('traces', bytes), [])
  t.notMatch(bytes, /127\.0\.0\.1/)
})

t.test('with traces off whoever is asked still learns which call it is', async (t) => {
  const { callId, webhook, tool, product } = await talk(t, {})
  const trace = callId.slice('call_'.length)
  t.match(tool?.['traceparent'], new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`))
  t.match(webhook, new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`))
  await product.idle()
})

t.test('a collector that hangs is nothing to a call, nor to the end', async (t) => {
  const collector = await openOtlpReceiver(t, 'hang')
  const lines: string[] = []
  const product = await startProduct(t, {
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      LOG_LEVEL: 'info',
    },
    logTo: { write: (line) => void lines.push(line) },
  })
  const { view, carrier } = product
  carrier.script(NUMBERS.dialled, [{ answer: true }, { listen: 500 }, { hangUp: true }])
  const callId = await view.place(NUMBERS.dialled)
  const call = await view.ended(callId)
  t.match(call, { outcome: 'answered', agent: { sessions: 1 } })
  await product.idle()
  t.ok(collector.requests.length > 0)
  t.match(
    collector.spans.map(({ traceId }) => traceId),
    [callId.slice(5)],
    'protobuf, by default',
  )
  const begun = performance.now()
  await product.stop()
  const took = performance.now() - begun
  t.ok(took < 6000, `stopped after ${took.toFixed(0)} ms`)
  t.ok(
    lines.some((line) => line.includes('the last traces may be lost')),
    'and said so',
  )
  t.same(planted('the log', lines.join('')), [])
})

t.test('where no call is traced nobody is connected to', async (t) => {
  const collector = await openOtlpReceiver(t)
  const product = await startProduct(t, {
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    },
  })
  const { view, carrier } = product
  carrier.script(NUMBERS.dialled, [{ reject: 486 }])
  await view.ended(await view.place(NUMBERS.dialled))
  await product.stop()
  t.same(collector.requests, [])
})

t.test('off, no thread loads anything of it', async (t) => {
  const hook = join(import.meta.dirname, '../support/loaded-tracing.ts')
  const env = { NODE_OPTIONS: `--import=${hook}` }
  const child = await startChild(t, { env })
  t.notMatch(child.program.stderr, 'loads')
  await child.stop()
  const script = ['-e', "import('@opentelemetry/sdk-trace')"]
  const all = { ...bareEnvironment(), ...env }
  const cwd = join(import.meta.dirname, '../..')
  const other = startProgram(t, [process.execPath, ...script], { cwd, env: all })
  await other.ended
  t.match(other.stderr, 'loads @opentelemetry/sdk-trace', 'and it would have been seen')
})
