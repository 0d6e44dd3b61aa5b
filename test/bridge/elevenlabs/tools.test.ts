// Client tools over real sockets: the agent's question, the operator's HTTP server, and the answer the agent gets.
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleepFor } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { AgentScript } from '../../../simulators/elevenlabs/index.ts'
import {
  AGENT_ID,
  CALL_ID,
  eventually,
  setStage,
  type Stage,
  type StageOptions,
} from './support.ts'

const SECRET = 'planted-tool-secret'

interface Asked {
  readonly request: IncomingMessage
  readonly body: string
}
type Answer = (response: ServerResponse, asked: Asked) => void

/** The operator's server: `answer` decides by the tool's name. */
async function startToolServer(t: Test, answer: Answer) {
  const asked: Asked[] = []
  const connections = new Set<unknown>()
  const server = createServer((request, response) => {
    connections.add(request.socket)
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('error', () => undefined) // An aborted request.
    request.on('end', () => {
      asked.push({ request, body })
      answer(response, { request, body })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { asked, connections, url: `http://127.0.0.1:${port}/tools?key=planted`, server }
}

const json =
  (value: unknown, status = 200): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(value))
  }
const raw =
  (body: string | Buffer, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers)
    response.end(body)
  }

async function ask(
  t: Test,
  script: AgentScript,
  options: StageOptions = {},
  answers = script.tools?.length ?? 0,
): Promise<Stage> {
  const stage = await setStage(t, { firstMessage: null, mode: 'silent', ...script }, options)
  stage.conversation.open()
  await eventually(
    'all answers',
    () =>
      stage.vendor.sessions[0]?.toolCalls.filter(({ answeredAt }) => answeredAt !== null).length ===
      answers,
  )
  return stage
}

t.test('hang_up and end_call are answered, and end the call once', async (t) => {
  const { vendor, witness } = await ask(t, {
    tools: [
      { name: 'hang_up', afterMs: 10 },
      { name: 'end_call', afterMs: 30 },
    ],
  })
  for (const { isError, result } of vendor.sessions[0]!.toolCalls) {
    t.equal(isError, false)
    t.type(result, 'string')
  }
  t.equal(witness.of('onEnding').length, 1)
  t.strictSame(witness.names().slice(-5), [
    'onToolCalled',
    'onToolAnswered',
    'onEnding',
    'onToolCalled',
    'onToolAnswered',
  ])
  t.match(witness.of('onToolAnswered')[0], ['hang_up', /^tc_/, false, Number])
})

t.test('unknown tools are answered as official clients do', async (t) => {
  const { vendor, witness } = await ask(t, { tools: [{ name: 'lookup', afterMs: 10 }] })
  const words = 'Client tool with name lookup is not defined on client'
  t.match(vendor.sessions[0]!.toolCalls, [{ isError: true, result: words }])
  t.equal(witness.of('onEnding').length, 0)
})

t.test('the tool server is asked, signed, and its answer is the result', async (t) => {
  const server = await startToolServer(t, json({ result: 'Your order is on its way.' }))
  const { vendor, witness, conversation, logged } = await ask(
    t,
    { tools: [{ name: 'order', parameters: { number: 'A17' }, afterMs: 10 }] },
    { toolServer: { url: server.url, secret: SECRET } },
  )
  const [{ request, body }] = server.asked as [Asked]
  const [call] = vendor.sessions[0]!.toolCalls
  t.match(call, { isError: false, result: 'Your order is on its way.' })
  t.strictSame(JSON.parse(body), {
    tool_name: 'order',
    tool_call_id: call!.toolCallId,
    parameters: { number: 'A17' },
    call_id: CALL_ID,
    conversation_id: vendor.sessions[0]!.conversationId,
    agent_id: AGENT_ID,
  })
  t.match(request, { method: 'POST', url: '/tools?key=planted' })
  t.equal(request.headers['content-type'], 'application/json')
  const signature = String(request.headers['voicegate-signature'])
  const [, time, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? []
  t.ok(Math.abs(Number(time) - Date.now() / 1000) < 5)
  t.equal(v1, createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex'))
  t.notMatch(signature, SECRET)
  t.match(witness.of('onToolCalled'), [['order', call!.toolCallId]])
  t.match(witness.of('onToolAnswered'), [['order', call!.toolCallId, false, Number]])
  conversation.close()
  t.notMatch(logged.join(''), /A17|on its way|planted/)
})

t.test('every answer of the server becomes a text', async (t) => {
  const table: [name: string, answer: Answer, result: string | RegExp, isError: boolean][] = [
    ['object', json({ result: { a: [1] } }), '{"a":[1]}', false],
    ['null', json({ result: null }), 'null', false],
    ['said-error', json({ result: 'Sold out.', is_error: true }), 'Sold out.', true],
    ['odd-error', json({ result: 'x', is_error: 'yes' }), 'x', false],
    ['any-json', json({ stock: 3 }), '{"stock":3}', false],
    ['list', json([1, 2]), '[1,2]', false],
    ['text', raw('Three left.'), 'Three left.', false],
    ['empty', raw('', 204), '', false],
    ['unknown', raw('nope', 404), /name unknown is not defined on client/, true],
    ['broken', raw('stack trace', 500), 'The tool server answered with HTTP 500.', true],
    ['denied', raw('', 401), 'The tool server answered with HTTP 401.', true],
    ['moved', raw('', 302, { location: '/elsewhere' }), /HTTP 302/, true],
    ['bytes', raw(Buffer.from([0xff, 0xfe, 0x80])), /could not be read/, true],
    ['just-fits', raw('x'.repeat(65_536)), 'x'.repeat(65_536), false],
    ['too-large', raw('x'.repeat(65_537)), /too large/, true],
    ['cut', (response) => response.socket?.destroy(), /could not be reached/, true],
    [
      'cut-later',
      (response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half')
        setTimeout(() => response.socket?.destroy(), 20)
      },
      /could not be reached/,
      true,
    ],
  ]
  const server = await startToolServer(t, (response, asked) => {
    const { tool_name: name } = JSON.parse(asked.body) as { tool_name: string }
    table.find(([row]) => row === name)![1](response, asked)
  })
  const { vendor } = await ask(
    t,
    { tools: table.map(([name], at) => ({ name, afterMs: 10 + 30 * at })) },
    { toolServer: { url: server.url, secret: SECRET } },
  )
  for (const [name, , result, isError] of table) {
    const call = vendor.sessions[0]!.toolCalls.find((one) => one.name === name)!
    t.match(call, { result, isError }, name)
    t.notMatch(call.result, /127\.0\.0\.1|planted|elsewhere/, `${name}: no address`)
  }
  t.equal(server.asked.length, table.length, 'no redirect was followed, nothing asked twice')
  t.ok(server.connections.size < table.length - 5, 'connections are kept')
})

t.test('a server that is slow, or not there', async (t) => {
  const server = await startToolServer(t, () => undefined)
  const slow = await ask(
    t,
    { tools: [{ name: 'slow', afterMs: 10 }] },
    { toolServer: { url: server.url, secret: SECRET }, timing: { toolMs: 150 } },
  )
  const [answered] = slow.witness.of('onToolAnswered')
  t.match(slow.vendor.sessions[0]!.toolCalls, [{ isError: true, result: /did not answer in time/ }])
  t.ok(answered![3] >= 140 && answered![3] < 1000, 'at the deadline', { elapsedMs: answered![3] })
  const gone = await startToolServer(t, () => undefined)
  gone.server.close()
  const { vendor } = await ask(
    t,
    { tools: [{ name: 'gone', afterMs: 10 }] },
    { toolServer: { url: gone.url, secret: SECRET } },
  )
  t.match(vendor.sessions[0]!.toolCalls, [{ isError: true, result: /could not be reached/ }])
})

t.test('eight at once, and all are aborted at the end of the conversation', async (t) => {
  const closed: number[] = []
  const server = await startToolServer(t, (response) => {
    response.once('close', () => closed.push(1))
  })
  const { vendor, conversation, witness } = await ask(
    t,
    { tools: Array.from({ length: 10 }, () => ({ name: 'slow', afterMs: 10 })) },
    { toolServer: { url: server.url, secret: SECRET } },
    2,
  )
  t.match(vendor.sessions[0]!.toolCalls.slice(8), [
    { isError: true, result: /Too many tools/ },
    { isError: true, result: /Too many tools/ },
  ])
  t.equal(conversation.pendingTools, 8)
  await eventually('eight requests', () => server.asked.length === 8)
  conversation.close()
  await eventually('all aborted', () => closed.length === 8)
  t.equal(conversation.pendingTools, 0)
  t.equal(witness.of('onToolAnswered').length, 2, 'nothing is told after the end')
})

t.test('built-in tools never reach the server; a huge request is not sent', async (t) => {
  const server = await startToolServer(t, json({ result: 'x' }))
  const huge = { blob: 'x'.repeat(300_000) }
  const { vendor } = await ask(
    t,
    {
      tools: [
        { name: 'hang_up', afterMs: 10 },
        { name: 'transfer_call', afterMs: 10 },
        { name: 'huge', parameters: huge, afterMs: 10 },
      ],
    },
    { timing: { transferMs: 50 }, toolServer: { url: server.url, secret: SECRET } },
  )
  t.equal(server.asked.length, 0)
  t.match(vendor.sessions[0]!.toolCalls[2], { isError: true, result: /too large/ })
})

t.test('tools of the vendor count as pending until they are answered', async (t) => {
  const tool = { tool_name: 'crm', tool_call_id: 'v1', tool_type: 'webhook' }
  const mcp = { tool_call_id: 'm1', tool_name: 'search' }
  const { conversation, witness } = await setStage(t, {
    firstMessage: null,
    says: [
      { afterMs: 20, message: { type: 'agent_tool_request', agent_tool_request: tool } },
      {
        afterMs: 60,
        message: { type: 'mcp_tool_call', mcp_tool_call: { ...mcp, state: 'loading' } },
      },
      { afterMs: 180, message: { type: 'agent_tool_response', agent_tool_response: tool } },
      {
        afterMs: 240,
        message: { type: 'mcp_tool_call', mcp_tool_call: { ...mcp, state: 'success' } },
      },
    ],
  })
  t.equal(conversation.pendingTools, 0)
  conversation.open()
  await witness.until('onMetadata')
  for (const count of [1, 2, 1, 0]) {
    await eventually(`${count} pending`, () => conversation.pendingTools === count)
  }
  await sleepFor(10)
  t.equal(witness.of('onToolCalled').length, 0, 'they are not ours')
})
