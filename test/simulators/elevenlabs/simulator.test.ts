// The simulated vendor by itself, over a bare WebSocket: order, bursts, turns, refusals.
import { request } from 'node:http'
import { setTimeout as sleepFor } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { ms } from '#core/contracts'
import { waitUntil } from '#core/lifecycle'
import {
  startElevenLabs,
  type AgentScript,
  type ElevenLabsSimulator,
} from '../../../simulators/elevenlabs/index.ts'
import { createSignedUrls } from '../../../simulators/elevenlabs/signed-urls.ts'
import { levelDbm0, loadSpeech, SPEECH_NAMES, toneUlaw } from '../../../simulators/speech/index.ts'

type Message = Record<string, Record<string, unknown>> & { type: string; at: number }

interface Peer {
  readonly socket: WebSocket
  readonly messages: Message[]
  of(type: string): Message[]
  audio(): Buffer
  say(ulaw: Buffer): void
  readonly closed: Promise<{ code: number; reason: string }>
}

function join(t: Test, url: string, protocols: string[] = []): Peer {
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false })
  const messages: Peer['messages'] = []
  socket.on('message', (data: Buffer) => {
    messages.push(Object.assign(JSON.parse(data.toString()) as Message, { at: performance.now() }))
  })
  socket.on('error', () => undefined)
  t.teardown(() => socket.terminate())
  const of = (type: string): Peer['messages'] => messages.filter((message) => message.type === type)
  return {
    socket,
    messages,
    of,
    audio: () =>
      Buffer.concat(
        of('audio').map((m) => Buffer.from(String(m['audio_event']!['audio_base_64']), 'base64')),
      ),
    say: (ulaw) => socket.send(JSON.stringify({ user_audio_chunk: ulaw.toString('base64') })),
    closed: new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    }),
  }
}

async function open(t: Test, script: AgentScript = {}): Promise<[ElevenLabsSimulator, Peer]> {
  const vendor = await startElevenLabs()
  t.teardown(() => vendor.close())
  vendor.script('a', script)
  return [vendor, join(t, `${vendor.wsUrl}/v1/convai/conversation?agent_id=a&source=x`)]
}

async function eventually(what: string, condition: () => boolean, timeoutMs = 4000): Promise<void> {
  if (!(await waitUntil(condition, ms(timeoutMs), 5))) throw new Error(`did not happen: ${what}`)
}

function get(url: string, headers: Record<string, string> = {}): Promise<[number, unknown]> {
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve([response.statusCode ?? 0, JSON.parse(Buffer.concat(chunks).toString())]),
      )
    })
      .once('error', reject)
      .end()
  })
}

t.test('metadata comes first, even to a client that says nothing', async (t) => {
  const [, peer] = await open(t)
  await eventually('the greeting', () => peer.of('agent_response').length === 1)
  t.equal(peer.messages[0]?.type, 'conversation_initiation_metadata')
  t.match(peer.messages[1], { type: 'ping', ping_event: { ping_ms: null } })
})

t.test('an answer comes in bursts: faster than real time, irregular, under one id', async (t) => {
  const [, peer] = await open(t)
  await eventually('the greeting', () => peer.of('agent_response').length === 1)
  const chunks = peer.of('audio')
  const greeting = loadSpeech('agent-greeting')
  t.ok(peer.audio().equals(greeting))
  const wallMs = chunks.at(-1)!.at - chunks[0]!.at
  t.ok(wallMs < greeting.length / 8 / 8, `4.3 s of audio within ${wallMs} ms`)
  const sizes = chunks.map((m) => String(m['audio_event']!['audio_base_64']).length)
  t.ok(new Set(sizes).size > 2, 'chunks of several sizes')
  t.equal(new Set(chunks.map((m) => m['audio_event']!['event_id'])).size, 1)
})

t.test('a turn ends with silence that was received, never with audio that stops', async (t) => {
  const [, peer] = await open(t, { firstMessage: null, turnEndSilenceMs: 200, replyDelayMs: 0 })
  await eventually('metadata', () => peer.messages.length > 0)
  peer.say(loadSpeech('caller-question'))
  await sleepFor(600)
  t.equal(peer.of('user_transcript').length, 0, 'no data is no silence')
  peer.say(Buffer.alloc(3200, 0xff))
  await eventually('the answer', () => peer.of('agent_response').length === 1)
  t.equal(peer.of('user_transcript').length, 1)
})

t.test('noise and clicks are not speech', async (t) => {
  const [, peer] = await open(t, { firstMessage: null, turnEndSilenceMs: 200 })
  await eventually('metadata', () => peer.messages.length > 0)
  peer.say(toneUlaw(200, 2000, -50))
  peer.say(toneUlaw(1000, 40, -10))
  peer.say(Buffer.alloc(8000, 0xff))
  await sleepFor(200)
  t.equal(peer.of('user_transcript').length, 0)
})

t.test('barge-in needs speech while the caller still hears the agent', async (t) => {
  const [vendor, peer] = await open(t, {
    firstMessage: { sound: { toneHz: 440, lengthMs: 300 } },
    replies: [],
  })
  await eventually('the first message', () => peer.of('agent_response').length === 1)
  await sleepFor(350) // Heard by now.
  peer.say(toneUlaw(300, 400))
  await sleepFor(100)
  t.equal(peer.of('interruption').length, 0)
  t.equal(vendor.sessions[0]!.interruptions.length, 0)
})

t.test('a tone is played at its frequency and level', async (t) => {
  const [, peer] = await open(t, {
    firstMessage: { sound: { toneHz: 1000, lengthMs: 500, levelDbm0: -12 } },
  })
  await eventually('the tone', () => peer.of('agent_response').length === 1)
  t.equal(peer.audio().length, 4000)
  t.ok(Math.abs(levelDbm0(peer.audio()) + 12) < 0.2)
})

t.test('echo mode sends back what it hears', async (t) => {
  const [vendor, peer] = await open(t, { mode: 'echo' })
  await eventually('metadata', () => peer.messages.length > 0)
  const said = loadSpeech('caller-hello')
  for (let at = 0; at < said.length; at += 160) peer.say(said.subarray(at, at + 160))
  await eventually('all of it', () => peer.audio().length === said.length)
  t.ok(peer.audio().equals(said))
  t.ok(vendor.sessions[0]!.callerAudio.equals(said))
  t.equal(vendor.sessions[0]!.callerFrames.length, Math.ceil(said.length / 160))
  t.equal(vendor.sessions[0]!.sentAudioBytes, said.length)
})

t.test('wrong frames close with 1008; unknown types as the script says', async (t) => {
  for (const frame of ['{', '[]', Buffer.from([1])]) {
    const [, peer] = await open(t)
    await eventually('metadata', () => peer.messages.length > 0)
    peer.socket.send(frame)
    t.match(await peer.closed, { code: 1008 })
    t.match(peer.of('error')[0], { error_event: { error_type: 'invalid_message', code: 1008 } })
  }
  const [, tolerant] = await open(t)
  await eventually('metadata', () => tolerant.messages.length > 0)
  tolerant.socket.send('{"type":"brand_new"}')
  await sleepFor(50)
  t.equal(tolerant.socket.readyState, WebSocket.OPEN)
  const [, strict] = await open(t, { unknownMessages: 'close' })
  await eventually('metadata', () => strict.messages.length > 0)
  strict.socket.send('{"type":"brand_new"}')
  t.match(await strict.closed, { code: 1008 })
})

t.test('maximum duration: the error event, then 1000', async (t) => {
  const [, peer] = await open(t, { maxDurationMs: 50 })
  t.match(await peer.closed, { code: 1000 })
  t.match(peer.of('error')[0], { error_event: { error_type: 'max_duration_exceeded' } })
})

t.test('the agent leaves after so many replies', async (t) => {
  const [vendor, peer] = await open(t, {
    firstMessage: null,
    turnEndSilenceMs: 100,
    replyDelayMs: 0,
    endAfterReplies: 2,
    replies: [{ sound: { toneHz: 440, lengthMs: 100 } }],
  })
  await eventually('metadata', () => peer.messages.length > 0)
  for (let turn = 0; turn < 2; turn += 1) {
    peer.say(toneUlaw(300, 300))
    peer.say(Buffer.alloc(1600, 0xff))
    await eventually('a reply', () => peer.of('agent_response').length === turn + 1)
  }
  t.match(await peer.closed, { code: 1000 })
  t.match(peer.of('agent_tool_response')[0], { agent_tool_response: { tool_name: 'end_call' } })
  t.match(vendor.sessions[0], { replies: 2, closedBy: 'agent', closeCode: 1000 })
})

t.test('the subprotocol convai is echoed, never demanded, and bearers are not', async (t) => {
  const [vendor, plain] = await open(t)
  const url = `${vendor.wsUrl}/v1/convai/conversation?agent_id=a`
  const offering = join(t, url, ['convai', 'bearer.secret'])
  await eventually('both', () => plain.messages.length > 0 && offering.messages.length > 0)
  t.equal(plain.socket.protocol, '')
  t.equal(offering.socket.protocol, 'convai')
})

t.test('private agents: a signature, the key on the upgrade, or nothing', async (t) => {
  const vendor = await startElevenLabs({ apiKey: 'k', onlyScripted: true })
  t.teardown(() => vendor.close())
  vendor.script('a', {})
  vendor.script('open', { requiresKey: false })
  const socketUrl = `${vendor.wsUrl}/v1/convai/conversation`
  const signing = `${vendor.restUrl}/v1/convai/conversation/get-signed-url`
  t.match(await get(`${signing}?agent_id=a`), [401, { detail: { status: 'invalid_api_key' } }])
  t.match(await get(`${signing}?agent_id=b`, { 'xi-api-key': 'k' }), [404])
  t.match(await get(signing, { 'xi-api-key': 'k' }), [422])
  const alias = `${vendor.restUrl}/v1/convai/conversation/get_signed_url?agent_id=a`
  const [status, body] = await get(alias, { 'xi-api-key': 'k' })
  t.equal(status, 200)
  const signed = join(t, (body as { signed_url: string }).signed_url)
  const free = join(t, `${socketUrl}?agent_id=open`)
  await eventually('both', () => signed.messages.length > 0 && free.messages.length > 0)
  for (const query of ['agent_id=a', 'conversation_signature=forged', 'agent_id=none', '']) {
    const refused = join(t, `${socketUrl}?${query}`)
    t.match(await refused.closed, { code: 1006 }, query)
  }
  t.strictSame(
    vendor.sessions.map(({ httpStatus }) => httpStatus),
    [101, 101, 401, 401, 404, 404],
  )
  t.strictSame(
    vendor.signedUrlRequests.map((request) => request.status),
    [401, 404, 422, 200],
  )
  t.match(
    await get(`${vendor.restUrl}/v1/convai/conversations/x/transcript`, { 'xi-api-key': 'k' }),
    [404],
  )
})

t.test('refusals may also come as accept, then close', async (t) => {
  const vendor = await startElevenLabs({ apiKey: 'k', onlyScripted: true, refusalStyle: 'close' })
  t.teardown(() => vendor.close())
  vendor.script('a', {})
  const url = `${vendor.wsUrl}/v1/convai/conversation?agent_id=`
  t.match(await join(t, `${url}a`).closed, { code: 1008, reason: /authorize/ })
  t.match(await join(t, `${url}none`).closed, { code: 3000, reason: /does not exist/ })
})

t.test('a signature expires', async (t) => {
  const urls = createSignedUrls(30)
  const signature = urls.issue({ agentId: 'a' })
  t.match(urls.claim(signature), { agentId: 'a' })
  t.match(urls.claim(signature), { agentId: 'a' }, 'more than once')
  await sleepFor(50)
  t.equal(urls.claim(signature), undefined)
})

t.test('a signature for one conversation is good for one use', async (t) => {
  const urls = createSignedUrls()
  const signature = urls.issue({ agentId: 'a', conversationId: 'conv_1' })
  t.match(urls.claim(signature), { agentId: 'a', conversationId: 'conv_1' })
  t.equal(urls.claim(signature), undefined)
})

t.test('connections are recorded, upgraded or not', async (t) => {
  const [vendor, peer] = await open(t)
  await eventually('metadata', () => peer.messages.length > 0)
  await get(`${vendor.restUrl}/v1/convai/agents/a`)
  await eventually('the REST connection to close', () => vendor.connections[1]?.closedAt !== null)
  t.match(vendor.connections, [
    { upgraded: true, requests: 0, closedAt: null },
    { upgraded: false, requests: 1 },
  ])
  const session = await vendor.waitForSession(({ agentId }) => agentId === 'a', 100)
  t.equal(session, vendor.sessions[0])
  await t.rejects(vendor.waitForSession(7, 20), { code: 'TIMED_OUT' })
})

t.test('close ends everything and is harmless twice', async (t) => {
  const [vendor, peer] = await open(t, { freezeAfterMs: 10 })
  await sleepFor(80)
  await Promise.all([vendor.close(), vendor.close()])
  t.match(await peer.closed, { code: /1001|1006/ })
})

t.test('the recordings are there, short of clipping, and end without silence', async (t) => {
  let total = 0
  for (const name of SPEECH_NAMES) {
    const speech = loadSpeech(name)
    total += speech.length
    t.ok(speech.length > 8000, name)
    t.ok(levelDbm0(speech) > -32 && levelDbm0(speech) < -10, `${name} ${levelDbm0(speech)}`)
    t.notOk(speech.includes(0x80) || speech.includes(0x00), `${name} does not clip`)
  }
  t.ok(total < 1_000_000)
})

t.test('the greeting comes even while the caller speaks, and is then interrupted', async (t) => {
  const [vendor, peer] = await open(t)
  await eventually('metadata', () => peer.messages.length > 0)
  peer.say(loadSpeech('caller-hello').subarray(0, 8000))
  await eventually('the interruption', () => peer.of('interruption').length === 1)
  t.ok(peer.of('audio').length > 0)
  const [interrupted] = vendor.sessions[0]!.interruptions
  t.ok(vendor.sessions[0]!.sentAudioAt[0]! < interrupted!.at, 'it had begun before')
})
