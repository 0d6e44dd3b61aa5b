// The vendor's own npm client as an independent judge: it must find the simulator to be the service it knows.
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js'
import {
  AudioInterface,
  Conversation,
} from '@elevenlabs/elevenlabs-js/api/resources/conversationalAi/conversation/index.js'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ms } from '#core/contracts'
import { waitUntil } from '#core/lifecycle'
import { startElevenLabs, type PostCall } from '../../../simulators/elevenlabs/index.ts'
import { hadTalk } from '../../support/vendor-talk.ts'
import { loadSpeech, toneUlaw } from '../../../simulators/speech/index.ts'

const API_KEY = 'key-for-the-vendor-client'
const AGENT_ID = 'agent_vendor'

class TestAudio extends AudioInterface {
  readonly heard: Buffer[] = []
  interruptions = 0
  speak: (audio: Buffer) => void = () => undefined
  override start(inputCallback: (audio: Buffer) => void): void {
    this.speak = inputCallback
  }
  override stop(): void {
    this.speak = () => undefined
  }
  override output(audio: Buffer): void {
    this.heard.push(audio)
  }
  override interrupt(): void {
    this.interruptions += 1
  }
}

async function eventually(what: string, condition: () => boolean): Promise<void> {
  if (!(await waitUntil(condition, ms(4000), 5))) throw new Error(`did not happen: ${what}`)
}

const refusal = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => undefined,
    (error: unknown) => error,
  )

t.test('its REST client gets signed URLs, conversations and our error bodies', async (t) => {
  const vendor = await startElevenLabs({ apiKey: API_KEY, onlyScripted: true })
  t.teardown(() => vendor.close())
  vendor.script(AGENT_ID, {})
  const client = new ElevenLabsClient({ apiKey: API_KEY, baseUrl: vendor.restUrl, maxRetries: 0 })
  const { conversations } = client.conversationalAi
  const { signedUrl } = await conversations.getSignedUrl({ agentId: AGENT_ID })
  t.match(signedUrl, RegExp(`^${vendor.wsUrl}/v1/convai/conversation\\?.*conversation_signature=`))
  t.match(await refusal(conversations.getSignedUrl({ agentId: 'agent_other' })), {
    statusCode: 404,
  })
  const stranger = new ElevenLabsClient({ apiKey: 'no', baseUrl: vendor.restUrl, maxRetries: 0 })
  const unknown = stranger.conversationalAi.conversations.getSignedUrl({ agentId: AGENT_ID })
  t.match(await refusal(unknown), { statusCode: 401 })
  t.match(await refusal(conversations.get('conv_none')), { statusCode: 404 })
})

t.test('its Conversation talks with the simulated agent', async (t) => {
  const vendor = await startElevenLabs({ apiKey: API_KEY })
  t.teardown(() => vendor.close())
  vendor.script(AGENT_ID, {
    pingEveryMs: 100,
    burstSpeed: 4,
    turnEndSilenceMs: 300,
    interruptionId: 'interrupted',
    replies: [{ sound: { speech: 'agent-reply' }, text: 'the reply' }],
  })
  const client = new ElevenLabsClient({ apiKey: API_KEY, baseUrl: vendor.restUrl, maxRetries: 0 })
  const audio = new TestAudio()
  const responses: string[] = []
  const corrections: string[] = []
  const transcripts: string[] = []
  const conversation = new Conversation({
    conversationClient: client,
    agentId: AGENT_ID,
    requiresAuth: true,
    audioInterface: audio,
    config: { dynamicVariables: { caller: 'Ada' } },
    callbackAgentResponse: (text) => void responses.push(text),
    callbackAgentResponseCorrection: (_original, corrected) => void corrections.push(corrected),
    callbackUserTranscript: (text) => void transcripts.push(text),
  })
  conversation.on('error', (error) => t.fail('the vendor client reports an error', { error }))
  const started = new Promise((resolve) => conversation.once('conversation_started', resolve))
  await conversation.startSession()
  t.equal(await started, vendor.sessions[0]?.conversationId)

  await eventually('the greeting begins', () => audio.heard.length > 0)
  audio.speak(toneUlaw(300, 400))
  await eventually('its interruption', () => audio.interruptions === 1)
  t.equal(corrections.length, 1)
  const before = audio.heard.length
  for (let n = 0; n < 20; n += 1) audio.speak(Buffer.alloc(160, 0xff))
  await eventually('the reply', () => responses.includes('the reply'))
  t.ok(Buffer.concat(audio.heard.slice(before)).equals(loadSpeech('agent-reply')))
  t.equal(transcripts.length, 1)

  conversation.sendContextualUpdate('vip')
  conversation.registerUserActivity()
  conversation.sendUserMessage('and tomorrow?')
  await eventually(
    'the second reply',
    () => responses.filter((r) => r === 'the reply').length === 2,
  )
  t.strictSame(
    vendor.sessions[0]?.otherMessages.map(({ type }) => type),
    ['conversation_initiation_client_data', 'contextual_update', 'user_activity', 'user_message'],
  )
  t.match(vendor.sessions[0]?.initiation, { dynamic_variables: { caller: 'Ada' } })
  t.ok(vendor.sessions[0]!.pongs.length > 0)

  const { conversations } = client.conversationalAi
  const running = await conversations.get(vendor.sessions[0]!.conversationId)
  t.equal(running.status, 'in-progress')
  conversation.endSession()
  await eventually('the close', () => vendor.sessions[0]!.closedAt !== null)
  t.equal(vendor.sessions[0]?.closedBy, 'client')
  const { conversationId } = vendor.sessions[0]!
  t.equal((await conversations.get(conversationId)).status, 'processing')
  await sleep(320)
  const done = await conversations.get(conversationId)
  t.equal(done.status, 'done')
  t.match(
    done.transcript.map(({ role, interrupted }) => ({ role, interrupted })),
    [
      { role: 'agent', interrupted: true },
      { role: 'user', interrupted: false },
      { role: 'agent' },
      { role: 'user' },
      { role: 'agent' },
    ],
  )
})

t.test('it lists, reads, hears and deletes conversations, and knows their charge', async (t) => {
  const vendor = await startElevenLabs({ apiKey: API_KEY, onlyScripted: true })
  t.teardown(() => vendor.close())
  const postCall = { processingMs: 150, failures: [429, 500], usdPerMinute: 0.6 }
  vendor.script(AGENT_ID, { burstSpeed: 100, postCall, requiresKey: false })
  vendor.script('agent_second', { burstSpeed: 100, requiresKey: false })
  const client = new ElevenLabsClient({ apiKey: API_KEY, baseUrl: vendor.restUrl, maxRetries: 0 })
  const { conversations } = client.conversationalAi
  const id = await hadTalk(vendor, AGENT_ID, API_KEY)
  t.match(await refusal(conversations.get(id)), { statusCode: 429 })
  t.match(await refusal(conversations.get(id)), { statusCode: 500 })
  t.match(await conversations.get(id), { status: 'processing', hasAudio: false, transcript: [] })
  t.match(await refusal(conversations.audio.get(id)), { statusCode: 404 })
  await sleep(160)
  const done = await conversations.get(id)
  const seconds = done.metadata.callDurationSecs
  t.match(done, {
    agentId: AGENT_ID,
    status: 'done',
    hasAudio: true,
    analysis: { callSuccessful: 'success', transcriptSummary: /greeted/ },
    metadata: {
      costFiat: seconds / 100,
      terminationReason: 'Call ended by remote party',
      charging: { callCharge: Math.round((seconds / 60) * 800) },
    },
  })
  t.equal(done.metadata.cost, done.metadata.charging?.callCharge)
  const sound = await buffer(await conversations.audio.get(id))
  t.equal(sound.readUInt16BE(0), 0xfffb, 'MPEG-1 layer III')

  const second = await hadTalk(vendor, 'agent_second', API_KEY)
  const all = await conversations.list({ pageSize: 1 })
  t.match(all, { hasMore: true, conversations: [{ conversationId: second }] })
  const rest = await conversations.list({ pageSize: 1, cursor: all.nextCursor! })
  t.match(rest, {
    hasMore: false,
    conversations: [{ conversationId: id, callSuccessful: 'success' }],
  })
  t.match(await conversations.list({ agentId: 'agent_second' }), {
    conversations: [{ conversationId: second }],
  })
  t.match(await refusal(conversations.list({ pageSize: 1000 })), { statusCode: 422 })
  await conversations.delete(id)
  t.match(await refusal(conversations.get(id)), { statusCode: 404 })
  t.same([...vendor.deleted], [id])
})

t.test('it lists agents and reads their settings', async (t) => {
  const vendor = await startElevenLabs({ apiKey: API_KEY, onlyScripted: true })
  t.teardown(() => vendor.close())
  for (const id of ['agent_1', 'agent_2', 'agent_3'])
    vendor.script(id, { outputFormat: 'pcm_16000' })
  const client = new ElevenLabsClient({ apiKey: API_KEY, baseUrl: vendor.restUrl, maxRetries: 0 })
  const { agents } = client.conversationalAi
  const page = await agents.list({ pageSize: 2 })
  t.match(page, { hasMore: true, agents: [{ agentId: 'agent_1' }, { agentId: 'agent_2' }] })
  const rest = await agents.list({ pageSize: 2, cursor: page.nextCursor! })
  t.match(rest, { hasMore: false, agents: [{ agentId: 'agent_3', name: 'agent_3' }] })
  const { conversationConfig, platformSettings } = await agents.get('agent_1')
  t.match(conversationConfig, {
    asr: { userInputAudioFormat: 'ulaw_8000' },
    tts: { agentOutputAudioFormat: 'pcm_16000' },
    turn: { silenceEndCallTimeout: -1 },
    conversation: { maxDurationSeconds: 600 },
  })
  t.equal(platformSettings?.overrides?.conversationConfigOverride?.agent?.firstMessage, true)
  t.match(await refusal(agents.get('agent_9')), { statusCode: 404 })
})

t.test('its verifier takes the webhooks that are right, and those alone', async (t) => {
  const secret = 'wsec_of_the_test'
  const got: { body: string; signature: string }[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      got.push({ body, signature: String(request.headers['elevenlabs-signature']) })
      response.writeHead(200).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const webhook = { url: `http://127.0.0.1:${port}/hook`, secret }
  const vendor = await startElevenLabs({ webhook })
  t.teardown(() => vendor.close())
  const { webhooks } = new ElevenLabsClient({ apiKey: API_KEY, baseUrl: vendor.restUrl })
  const verify = async ({ body, signature }: { body: string; signature: string }) =>
    webhooks.constructEvent(body, signature, secret) as Promise<unknown>
  const talk = async (postCall: PostCall, count: number) => {
    got.length = 0
    vendor.script(AGENT_ID, { burstSpeed: 100, postCall: { processingMs: 20, ...postCall } })
    const id = await hadTalk(vendor, AGENT_ID, API_KEY)
    await eventually('the webhooks', () => got.length === count)
    return id
  }
  const id = await talk({ audioWebhook: true }, 2)
  const [said, heard] = await Promise.all(got.map(verify))
  t.match([said, heard].map((one) => (one as { type: string }).type).sort(), [
    'post_call_audio',
    'post_call_transcription',
  ])
  for (const one of [said, heard]) t.match(one, { data: { conversation_id: id } })
  await talk({ webhook: 'twice' }, 2)
  t.match(await Promise.all(got.map(verify)), [{ type: 'post_call_transcription' }, {}])
  await talk({ webhook: 'forged' }, 1)
  t.match(await refusal(verify(got[0]!)), { message: /does not match/ })
  await talk({ webhook: 'stale' }, 1)
  t.match(await refusal(verify(got[0]!)), { message: /tolerance/ })
  await eventually('our answer to be noted there', () => vendor.webhooks.at(-1)?.status != null)
  t.match(vendor.webhooks.at(-1), { type: 'post_call_transcription', status: 200 })
})
