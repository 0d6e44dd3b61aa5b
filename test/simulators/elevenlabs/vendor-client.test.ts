// The vendor's own npm client as an independent judge: it must find the simulator to be the service it knows.
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js'
import {
  AudioInterface,
  Conversation,
} from '@elevenlabs/elevenlabs-js/api/resources/conversationalAi/conversation/index.js'
import t from 'tap'
import { ms } from '#core/contracts'
import { waitUntil } from '#core/lifecycle'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
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
  const done = await conversations.get(vendor.sessions[0]!.conversationId)
  t.equal(done.status, 'done')
})
