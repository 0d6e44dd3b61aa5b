// The floor of a stream: a bare `ws` server that passes base64 on between the caller's socket and the agent's, at once and
// unread, and answers the call's webhook with a fixed document.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import WebSocket, { WebSocketServer } from 'ws'
import { agentIdOf } from '../load/agent-server.ts'
import { serve } from '../process/serve.ts'
import { createUsageMeter } from '../process/usage-meter.ts'
import type { StreamSubject } from './stream-subject.ts'

const HOST = '127.0.0.1'
const BARE = { perMessageDeflate: false, skipUTF8Validation: true }
const PAYLOAD = '"payload":"'
const AUDIO_PREFIX = '{"type":"audio","audio_event":{"audio_base_64":"'

const meter = createUsageMeter()
const server = createServer()
const sockets = new WebSocketServer({ server, backlog: 1024, ...BARE })
let agentUrl = ''
let httpPort = 0

server.on('request', (request, response) => {
  let form = ''
  request.on('data', (chunk: Buffer) => (form += chunk.toString()))
  request.on('end', () => {
    // The last four digits of the number that is called are the line's.
    const line = Number(new URLSearchParams(form).get('To')?.slice(-4))
    response.setHeader('content-type', 'text/xml')
    response.end(
      `<Response><Connect><Stream url="ws://${HOST}:${httpPort}/">` +
        `<Parameter name="line" value="${line}"/></Stream></Connect></Response>`,
    )
  })
})

sockets.on('connection', (caller) => {
  let agent: WebSocket | undefined
  caller.on('error', () => undefined) // 'close' follows.
  caller.on('close', () => agent?.terminate())
  caller.on('message', (data) => {
    const text = (data as Buffer).toString('latin1')
    if (agent !== undefined) toAgent(agent, text)
    else if (text.startsWith('{"event":"start"')) agent = openAgent(caller, text)
  })
})

function toAgent(agent: WebSocket, text: string): void {
  const at = text.indexOf(PAYLOAD)
  if (at < 0 || agent.readyState !== WebSocket.OPEN) return
  const from = at + PAYLOAD.length
  agent.send(`{"user_audio_chunk":"${text.slice(from, text.indexOf('"', from))}"}`)
}

function openAgent(caller: WebSocket, text: string): WebSocket {
  const { start, streamSid } = JSON.parse(text) as {
    readonly streamSid: string
    readonly start: { readonly customParameters: { readonly line: string } }
  }
  const id = agentIdOf(Number(start.customParameters.line))
  const agent = new WebSocket(`${agentUrl}/v1/convai/conversation?agent_id=${id}`, BARE)
  agent.on('message', (data) => {
    const text = (data as Buffer).toString('latin1')
    if (!text.startsWith(AUDIO_PREFIX)) return
    const payload = text.slice(AUDIO_PREFIX.length, text.indexOf('"', AUDIO_PREFIX.length))
    caller.send(`{"event":"media","streamSid":"${streamSid}","media":{"payload":"${payload}"}}`)
  })
  agent.on('error', () => undefined) // The load ended first.
  return agent
}

serve({
  async start({ agentWsUrl }) {
    agentUrl = agentWsUrl
    server.listen(0, HOST)
    await once(server, 'listening')
    httpPort = (server.address() as AddressInfo).port
    return { httpPort }
  },
  begin: () => meter.begin(),
  end: () => meter.end(),
  close() {
    for (const caller of sockets.clients) caller.terminate()
    server.close()
    return Promise.resolve()
  },
} satisfies StreamSubject)
