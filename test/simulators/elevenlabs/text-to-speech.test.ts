// Text to speech, asked for by the vendor's own npm client and by hand.
import { spawnSync } from 'node:child_process'
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js'
import t, { type Test } from 'tap'
import {
  spokenMp3,
  spokenText,
  startElevenLabs,
  type ElevenLabsOptions,
  type ElevenLabsSimulator,
} from '../../../simulators/elevenlabs/index.ts'
import { loadSpeech, SPEECH_TEXTS, ulawToAlaw } from '../../../simulators/speech/index.ts'

const KEY = 'key-for-speech'

async function start(t: Test, options: ElevenLabsOptions = {}): Promise<ElevenLabsSimulator> {
  const vendor = await startElevenLabs({ apiKey: KEY, ...options })
  t.teardown(() => vendor.close())
  return vendor
}

interface Asking {
  readonly key?: string
  readonly format?: string
  readonly body?: unknown
}

function ask({ restUrl }: ElevenLabsSimulator, asking: Asking = {}): Promise<Response> {
  const { key = KEY, format = 'ulaw_8000', body = { text: 'Hello there.' } } = asking
  return fetch(`${restUrl}/v1/text-to-speech/voice_1?output_format=${format}`, {
    method: 'POST',
    headers: { 'xi-api-key': key, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

const bytesOf = async (response: Response): Promise<Buffer> =>
  Buffer.from(await response.arrayBuffer())

t.test('the vendor’s client gets the recording of words we have', async (t) => {
  const vendor = await start(t)
  const client = new ElevenLabsClient({ apiKey: KEY, baseUrl: vendor.restUrl, maxRetries: 0 })
  const text = SPEECH_TEXTS['fallback-message']
  const stream = await client.textToSpeech.convert('voice_1', { text, outputFormat: 'ulaw_8000' })
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  t.ok(Buffer.concat(pieces).equals(loadSpeech('fallback-message')))
  t.match(vendor.spokenRequests, [
    { voiceId: 'voice_1', text, outputFormat: 'ulaw_8000', status: 200 },
  ])
})

t.test('other words are as long as speaking them takes, the same each time', async (t) => {
  const vendor = await start(t)
  const [short, long] = await Promise.all(
    ['Hi there.', 'This takes quite a bit longer to say.'].map(async (text) =>
      bytesOf(await ask(vendor, { body: { text } })),
    ),
  )
  t.ok(long!.length > 3 * short!.length)
  t.ok(short!.equals(spokenText('Hi there.')))
})

t.test('formats', async (t) => {
  const vendor = await start(t)
  const ulaw = spokenText('Hello there.')
  t.ok((await bytesOf(await ask(vendor, { format: 'alaw_8000' }))).equals(ulawToAlaw(ulaw)))
  const pcm = await bytesOf(await ask(vendor, { format: 'pcm_16000' }))
  t.ok(Math.abs(pcm.length - 4 * ulaw.length) <= 4)
  t.equal((await ask(vendor, { format: 'wav_8000' })).status, 422)
})

t.test('MP3 has a frame for every 26 ms, each where the last one ends', async (t) => {
  const vendor = await start(t)
  const answer = await ask(vendor, { format: 'mp3_44100_128' })
  t.equal(answer.headers.get('content-type'), 'audio/mpeg')
  const mp3 = await bytesOf(answer)
  const frames = mp3.length / 417
  t.equal(frames, Math.ceil((11 * 65 + 2 * 80) / (1152 / 44.1)))
  for (let at = 0; at < mp3.length; at += 417) t.equal(mp3.readUInt32BE(at), 0xfffb90c4)
})

t.test(
  'and whoever decodes it hears a tone of each word',
  { skip: spawnSync('ffmpeg', ['-version']).status === 0 ? false : 'no ffmpeg is installed' },
  (t) => {
    const decode = ['-nostdin', '-v', 'error', '-xerror', '-f', 'mp3', '-i', '-']
    const { status, stdout, stderr } = spawnSync(
      'ffmpeg',
      [...decode, '-f', 's16le', '-ac', '1', '-'],
      { input: spokenMp3('Hello there.') },
    )
    t.equal(status, 0)
    t.equal(stderr.toString(), '')
    const loudest = new Int16Array(new Uint8Array(stdout).buffer).reduce(
      (most, sample) => Math.max(most, Math.abs(sample)),
      0,
    )
    t.ok(loudest > 2000 && loudest < 16_000, 'speech would be about as loud', { loudest })
    t.end()
  },
)

t.test('what is refused, and how', async (t) => {
  const vendor = await start(t, { speaking: { failures: [429, 500], voices: ['voice_2'] } })
  const wrongKey = await ask(vendor, { key: 'other' })
  t.equal(wrongKey.status, 401)
  t.match(await wrongKey.json(), { detail: { status: 'invalid_api_key' } })
  const busy = await ask(vendor)
  t.equal(busy.status, 429)
  t.equal(busy.headers.get('retry-after'), '1')
  t.equal((await ask(vendor)).status, 500)
  t.equal((await ask(vendor)).status, 404)
  const open = await start(t)
  for (const body of [{}, { text: '' }, { text: 5 }, 'no JSON'])
    t.equal((await ask(open, { body })).status, 422)
  t.strictSame(
    vendor.spokenRequests.map(({ status }) => status),
    [401, 429, 500, 404],
  )
})
