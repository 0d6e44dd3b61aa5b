// Answers the tools that your agent uses during a call: an HTTP server that voicegate asks.
//
//   TOOL_SERVER_SECRET=sixteen-or-more-characters node examples/tool-server.mjs
//
// Tell voicegate of it in `.env`, with the same secret, and start it anew:
//
//   TOOL_SERVER_URL=http://127.0.0.1:8090/
//   TOOL_SERVER_SECRET=sixteen-or-more-characters
//
// In ElevenLabs give the agent a *client* tool `order_status` with one text parameter `order_number`, and let it wait
// for the response. When the agent uses it you will see a line here, and hear the agent say what was answered.
// Nothing but Node 20 is needed: copy this file and put your tools into TOOLS. TOOL_SERVER_PORT is another port than 8090.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const secret = process.env.TOOL_SERVER_SECRET ?? ''
const port = Number(process.env.TOOL_SERVER_PORT ?? 8090)
if (secret.length < 16) {
  console.error(
    'Set TOOL_SERVER_SECRET to at least 16 characters, the same as in voicegate’s .env.',
  )
  process.exit(2)
}

const ORDERS = { 'A-1001': 'on its way, with you tomorrow', 'A-1002': 'waiting for payment' }

/** By name: from the agent's parameters to what it is told. `signal` ends when nobody waits for the answer any more. */
const TOOLS = {
  async order_status({ order_number: number }, { signal }) {
    signal.throwIfAborted() // Pass it on to what takes time: fetch(url, { signal }).
    if (typeof number !== 'string') throw new ToolError('order_number is missing.')
    const status = ORDERS[number.toUpperCase()]
    if (status === undefined) throw new ToolError('There is no order with this number.')
    return { order_number: number, status }
  },
}

/** Words for the agent. Whatever else goes wrong is logged here, and nobody's business on the phone. */
class ToolError extends Error {}

/** voicegate waits 15 s; an answer of ours must be back before. */
const DEADLINE_MS = 12_000
/** A request that was recorded and is sent again later is refused. */
const MAX_AGE_SECONDS = 300
const MAX_BODY_BYTES = 256 * 1024

createServer((request, response) => {
  const reply = (status, body) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }
  answer(request)
    .then(({ status, body }) => reply(status, body))
    .catch((error) => {
      console.error('failed:', error)
      reply(500, { error: 'internal' })
    })
})
  .on('error', (error) => {
    console.error(`Port ${port} cannot be used (${error.code}). Set TOOL_SERVER_PORT to another.`)
    process.exit(2)
  })
  .listen(port, '127.0.0.1', function () {
    console.log(
      `tools at http://127.0.0.1:${this.address().port}/: ${Object.keys(TOOLS).join(', ')}`,
    )
  })

async function answer(request) {
  if (request.method !== 'POST') return { status: 405, body: { error: 'POST only' } }
  const body = await read(request)
  if (body === null) return { status: 413, body: { error: 'too large' } }
  if (!isSigned(body, request.headers['voicegate-signature'])) {
    console.log('refused: not signed with our secret, or too old')
    return { status: 401, body: { error: 'signature' } }
  }
  const { tool_name: name, parameters, call_id: callId } = JSON.parse(body)
  if (!Object.hasOwn(TOOLS, name)) return { status: 404, body: { error: 'no such tool' } }
  try {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    const result = await Promise.race([
      TOOLS[name](parameters, { callId, signal }),
      expired(signal),
    ])
    console.log(`${callId}  ${name}: answered`)
    return { status: 200, body: { result } }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    console.log(`${callId}  ${name}: ${error.message}`)
    return { status: 200, body: { result: error.message, is_error: true } }
  }
}

async function read(request) {
  const chunks = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** `Voicegate-Signature: t=<seconds>,v1=<hex>`, where v1 is the HMAC-SHA256 of `<t>.<body as it came>`. */
function isSigned(body, header = '') {
  const [, time, proof] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? []
  if (time === undefined) return false
  if (Math.abs(Date.now() / 1000 - Number(time)) > MAX_AGE_SECONDS) return false
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest()
  return timingSafeEqual(expected, Buffer.from(proof, 'hex'))
}

const expired = (signal) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new ToolError('That took too long.')))
  })
