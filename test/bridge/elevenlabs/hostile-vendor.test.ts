// A vendor that means harm, or lost its mind: it costs its own call, never the thread, its memory or money.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleepFor } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { decodeMessage } from '../../../bridge/elevenlabs/decode-message.ts'
import { createMessageBudget } from '../../../bridge/elevenlabs/message-budget.ts'
import { fetchSignedUrl } from '../../../bridge/elevenlabs/signed-url.ts'
import { AUDIO, METADATA, startPlainVendor, type PlainVendor } from './plain-vendor.ts'
import { eventually } from './support.ts'
import { processorMs } from '../../support/processor-time.ts'

/** JSON.parse takes it; JSON.stringify runs out of stack. */
const DEEP = 100_000
const PING = '{"type":"ping","ping_event":{"event_id":7}}'

/** Everything before the ping was read. */
const answered = ({ received }: PlainVendor): Promise<void> =>
  eventually('a pong', () => received.some(({ type }) => type === 'pong'), 10_000)

t.test(
  'parameters that no parser of ours can write again are answered, and end nothing',
  async (t) => {
    const vendor = await startPlainVendor(t, {
      toolServer: { url: 'http://127.0.0.1:9/', secret: 'x' },
      accepted(socket) {
        socket.send(METADATA())
        const parameters = `{"a":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`
        const call = `{"tool_name":"deep","tool_call_id":"tc_1","parameters":${parameters}}`
        socket.send(`{"type":"client_tool_call","client_tool_call":${call}}`)
        socket.send(PING)
      },
    })
    vendor.conversation.open()
    await vendor.witness.until('onToolAnswered')
    t.match(vendor.witness.of('onToolAnswered'), [['deep', 'tc_1', true, Number]])
    await answered(vendor)
    t.match(
      vendor.received.find(({ type }) => type === 'client_tool_result'),
      { tool_call_id: 'tc_1', is_error: true },
    )
  },
)

t.test('answered while it is prewarmed, no connection is made ready any more', async (t) => {
  const vendor = await startPlainVendor(t, { accepted: (socket) => socket.send(METADATA()) })
  vendor.conversation.prewarm()
  vendor.conversation.open()
  await vendor.witness.until('onMetadata')
  await sleepFor(1300)
  t.equal(vendor.connections.size, 1)
})

t.test('an agent that hung up and then breaks is not opened a second time', async (t) => {
  const vendor = await startPlainVendor(t, {
    accepted(socket, attempt, raw) {
      socket.send(METADATA())
      if (attempt > 1) return
      const ended = { tool_name: 'end_call', tool_call_id: 't', is_error: false }
      socket.send(JSON.stringify({ type: 'agent_tool_response', agent_tool_response: ended }))
      setTimeout(() => raw.resetAndDestroy(), 30)
    },
  })
  vendor.conversation.open()
  await vendor.witness.until('onEnding')
  await sleepFor(700)
  t.equal(vendor.upgrades.length, 1)
  t.match(vendor.witness.of('onClosed'), [[{ reason: 'agent-ended' }]])
})

t.test('ids of megabytes and letters without length are not kept', async (t) => {
  const long = 'x'.repeat(2_000_000)
  const chars = new Array<string>(2000).fill('')
  const startMs = new Array<number>(2000).fill(0)
  const vendor = await startPlainVendor(t, {
    accepted(socket) {
      socket.send(METADATA())
      const waits = { tool_call_id: long, tool_name: 'n', state: 'awaiting_approval' }
      socket.send(JSON.stringify({ type: 'mcp_tool_call', mcp_tool_call: waits }))
      const begun = { tool_call_id: long, tool_name: 'n' }
      socket.send(JSON.stringify({ type: 'agent_tool_request', agent_tool_request: begun }))
      const alignment = { chars, char_start_times_ms: startMs }
      socket.send(AUDIO(new Uint8Array(160), 1, { alignment }))
      alignment.chars = [...chars, 'a']
      alignment.char_start_times_ms = [...startMs, 7]
      socket.send(AUDIO(new Uint8Array(160), 1, { alignment }))
      socket.send(PING)
    },
  })
  vendor.conversation.open()
  await answered(vendor)
  t.equal(vendor.conversation.pendingTools, 0)
  t.notOk(vendor.received.some(({ type }) => type === 'mcp_tool_approval_result'))
  t.match(
    vendor.witness.of('onAudio').map(([, , alignment]) => alignment),
    [undefined, { chars: ['a'], startMs: [7] }],
  )
})

t.test('keys that the vendor repeats as words are not in the transcript', async (t) => {
  const vendor = await startPlainVendor(t, {
    timing: { interDigitMs: 30 },
    accepted(socket) {
      socket.send(METADATA())
      socket.on('message', (data: Buffer) => {
        const { type, text } = JSON.parse(data.toString()) as { type?: string; text?: string }
        if (type !== 'user_message') return
        for (const words of [text, 'four seven', Array.from(text ?? '').join(' ')]) {
          const event = { user_transcript: words, event_id: 1 }
          socket.send(JSON.stringify({ type: 'user_transcript', user_transcription_event: event }))
        }
        socket.send(PING)
      })
    },
  })
  vendor.conversation.open()
  await vendor.witness.until('onMetadata')
  vendor.conversation.pressed('4')
  vendor.conversation.pressed('7')
  await answered(vendor)
  t.strictSame(
    vendor.witness.of('onUserTranscript').map(([text]) => text),
    ['[keys]', 'four seven', '[keys]'],
  )
})

t.test('tools that all fail are no flood of log lines', async (t) => {
  const vendor = await startPlainVendor(t, {
    toolServer: { url: 'http://127.0.0.1:9/', secret: 'x' },
    accepted(socket) {
      socket.send(METADATA())
      let left = 40
      const ask = (): void => {
        const call = { tool_name: 'n', tool_call_id: `${left}`, parameters: {} }
        socket.send(JSON.stringify({ type: 'client_tool_call', client_tool_call: call }))
      }
      socket.on('message', (data: Buffer) => {
        const { type } = JSON.parse(data.toString()) as { type?: string }
        if (type !== 'client_tool_result') return
        left -= 1
        if (left > 0) ask()
        else socket.send(PING)
      })
      ask()
    },
  })
  vendor.conversation.open()
  await answered(vendor)
  vendor.conversation.close()
  const lines = vendor.logged.filter((line) => line.includes('client tool'))
  t.equal(lines.length, 6)
  t.match(lines.at(-1), /"untold":35/)
})

t.test('an agent that sends more than can be heard is ended, and not opened again', async (t) => {
  const vendor = await startPlainVendor(t, {
    accepted(socket) {
      socket.send(METADATA())
      const text = JSON.stringify({
        type: 'audio',
        audio_event: { audio_base_64: 'A'.repeat(15e6) },
      })
      for (let sent = 0; sent < 5; sent += 1) socket.send(text)
    },
  })
  vendor.conversation.open()
  await vendor.witness.until('onClosed', 10_000)
  t.match(vendor.witness.of('onClosed'), [[{ reason: 'dropped', detail: /more than anybody/ }]])
  t.equal(vendor.upgrades.length, 1)
})

t.test('so much may be sent at once, and so much a second', (t) => {
  let atMs = 0
  const budget = createMessageBudget(() => atMs)
  const MB = 1024 * 1024
  t.ok(budget.spend(63 * MB))
  t.notOk(budget.spend(2 * MB))
  atMs += 10_000
  t.ok(budget.spend(8 * MB))
  atMs += 3_600_000
  t.ok(budget.spend(63 * MB))
  t.notOk(budget.spend(2 * MB), 'time makes no more than one burst')
  const small = createMessageBudget(() => 0)
  let count = 0
  while (small.spend(10)) count += 1
  t.ok(count > 100_000 && count < 200_000, 'small ones cost too', { count })
  t.end()
})

t.test('text that would take a second to read is not read', (t) => {
  const many = 2_000_000
  const texts = {
    brackets: '['.repeat(many) + ']'.repeat(many),
    objects: `[${'{"a":1},'.repeat(many)}0]`,
    numbers: `[${'0,'.repeat(many)}0]`,
  }
  for (const [name, text] of Object.entries(texts)) {
    const message = `{"type":"vad_score","x":${text}}`
    const decoded: unknown[] = []
    const ms = processorMs(() => void decoded.push(decodeMessage(message)))
    t.match(decoded, [{ kind: 'malformed' }], name)
    t.ok(ms < 150, name, { ms })
  }
  const chars = Array.from({ length: 5000 }, () => 'a')
  const alignment = { chars, char_start_times_ms: chars.map((_, at) => at) }
  const bytes = new Uint8Array(4_000_000)
  t.match(decodeMessage(AUDIO(bytes, 1, { alignment })), { type: 'audio' }, 'much audio is')
  t.end()
})

/** Answers every request with what nobody asked for. */
async function startChanger(t: Test): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () =>
      socket.end('HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n'),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('a server that changes the protocol has answered, whatever it meant', async (t) => {
  const url = await startChanger(t)
  const vendor = await startPlainVendor(t, {
    toolServer: { url, secret: 'x' },
    accepted(socket) {
      socket.send(METADATA())
      const call = { tool_name: 'n', tool_call_id: 'tc', parameters: {} }
      socket.send(JSON.stringify({ type: 'client_tool_call', client_tool_call: call }))
    },
  })
  vendor.conversation.open()
  await vendor.witness.until('onToolAnswered')
  t.equal(vendor.conversation.pendingTools, 0, 'and the agent’s silence counts again')
  const { signal } = new AbortController()
  const asked = performance.now()
  await t.rejects(fetchSignedUrl({ restUrl: url, apiKey: 'key' }, 'agent', signal), {
    code: 'AGENT_UNREACHABLE',
  })
  t.ok(performance.now() - asked < 2000)
})
