// examples/tool-server.mjs: asked by the agent of a real call, and by somebody without the secret.
import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import type { AgentToolCall } from '../../simulators/elevenlabs/index.ts'
import { eventually } from '../support/process.ts'
import { startProduct } from '../support/start-product.ts'
import { runExample } from './run-example.ts'

const FILE = 'tool-server.mjs'
const SECRET = 'a-secret-of-this-test'

async function startTools(t: Test) {
  const program = runExample(t, FILE, [], { TOOL_SERVER_SECRET: SECRET, TOOL_SERVER_PORT: '0' })
  const url = await eventually('its address', 5000, () => {
    return /^tools at (\S+): order_status$/m.exec(program.stdout)?.[1]
  })
  return { program, url }
}

const asked = (
  name: string,
  parameters: Record<string, unknown>,
  afterMs: number,
): AgentToolCall => ({
  name,
  parameters,
  afterMs,
})

t.test('an agent asks during a call', async (t) => {
  const { program, url } = await startTools(t)
  const tools = [
    asked('order_status', { order_number: 'a-1001' }, 100),
    asked('order_status', { order_number: 'Z-9' }, 200),
    asked('order_status', {}, 300),
    asked('unheard_of', {}, 400),
  ]
  const product = await startProduct(t, {
    agent: { tools, mode: 'silent' },
    settings: { TOOL_SERVER_URL: url, TOOL_SERVER_SECRET: SECRET },
  })
  const callId = await product.view.place('+4930231250000')
  const answers = await eventually('four answers', 10_000, () => {
    const calls = product.sessionsOf(callId)[0]?.toolCalls ?? []
    return calls.length === 4 && calls.every(({ result }) => result !== null) && calls
  })
  t.match(answers, [
    {
      result: '{"order_number":"a-1001","status":"on its way, with you tomorrow"}',
      isError: false,
    },
    { result: 'There is no order with this number.', isError: true },
    { result: 'order_number is missing.', isError: true },
    { result: /unheard_of/, isError: true },
  ])
  t.match(program.stdout, `${callId}  order_status: answered`)
  t.match(program.stdout, `${callId}  order_status: There is no order with this number.`)
  t.equal(await product.view.hangUp(callId), 202)
  await product.idle()
})

t.test('whoever cannot sign is refused', async (t) => {
  const { program, url } = await startTools(t)
  const body = JSON.stringify({ tool_name: 'order_status', parameters: { order_number: 'A-1001' } })
  const now = Math.floor(Date.now() / 1000)
  const sign = (secret: string, at: number): string =>
    `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`
  const ask = async (header: string | undefined, sent = body): Promise<number> => {
    const headers = header === undefined ? {} : { 'Voicegate-Signature': header }
    return (await fetch(url, { method: 'POST', body: sent, headers })).status
  }
  t.equal(await ask(sign(SECRET, now)), 200, 'signed as documented')
  t.equal(await ask(undefined), 401, 'without a signature')
  t.equal(await ask(sign('another-secret-of-16', now)), 401, 'with another secret')
  t.equal(await ask(sign(SECRET, now), body.replace('1001', '1002')), 401, 'another body')
  t.equal(await ask(sign(SECRET, now - 3600)), 401, 'an hour old')
  t.equal(await ask(sign(SECRET, now), 'x'.repeat(300_000)), 413, 'a flood')
  t.equal((await fetch(url)).status, 405)
  t.match(program.stdout, /refused: not signed with our secret/)
})

t.test('without a secret it does not start, and says why', async (t) => {
  const program = runExample(t, FILE, [], {})
  t.match(await program.ended, { code: 2 })
  t.match(program.stderr, /^Set TOOL_SERVER_SECRET to at least 16 characters/)
})

t.test('a port that is taken is said in words, with the way out', async (t) => {
  const { url } = await startTools(t)
  const { port } = new URL(url)
  const second = runExample(t, FILE, [], { TOOL_SERVER_SECRET: SECRET, TOOL_SERVER_PORT: port })
  t.match(await second.ended, { code: 2 })
  t.equal(
    second.stderr,
    `Port ${port} cannot be used (EADDRINUSE). Set TOOL_SERVER_PORT to another.\n`,
  )
})
