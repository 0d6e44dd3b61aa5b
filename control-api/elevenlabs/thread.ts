// The speech thread: the only import of the vendor's library. Loading it takes 0.6 s of one thread (several on a busy
// machine) and 165 MB, so it happens when words are first asked for, and here, where no call waits for it.
import { parentPort, workerData } from 'node:worker_threads'
import { describeRefusal } from './speech-refusal.ts'
import type { SpeechAnswer, SpeechAsked, SpeechThreadData } from './thread-messages.ts'

/** Of one attempt to an answer's head, and of its body. */
const TIMEOUT_SECONDS = 10
const MAX_RETRIES = 1
/** Five minutes of µ-law: more is no prompt. */
const MAX_AUDIO_BYTES = 300 * 8000

const port = parentPort
if (!port) throw new Error('this file runs as a worker thread')

const { apiKey, baseUrl, voiceId, modelId } = workerData as SpeechThreadData
const begunAt = performance.now()
const { ElevenLabsClient } = await import('@elevenlabs/elevenlabs-js')
let importMs = Math.round(performance.now() - begunAt)
const client = new ElevenLabsClient({
  apiKey,
  baseUrl,
  timeoutInSeconds: TIMEOUT_SECONDS,
  maxRetries: MAX_RETRIES,
})

async function speak({ id, text, language }: SpeechAsked): Promise<SpeechAnswer> {
  const refused = (why: string): SpeechAnswer => ({ id, kind: 'refused', why })
  const { data, rawResponse } = await client.textToSpeech
    .convert(voiceId, {
      text,
      modelId,
      outputFormat: 'ulaw_8000',
      ...(language !== undefined && { languageCode: language }),
    })
    .withRawResponse()
  const type = rawResponse.headers.get('content-type') ?? ''
  const audio = await collect(data)
  if (audio === 'too-much') return refused('the vendor sent more than five minutes of audio')
  // Half a sentence would be spoken, and kept for ever.
  if (audio === 'late') return refused('the vendor did not finish in time')
  // An error's body that is played is a burst of noise.
  if (/json|text|html|xml/i.test(type) || isJson(audio))
    return refused('the vendor sent no audio but text')
  if (/mpeg|mp3|wav|ogg|opus/i.test(type)) return refused(`the vendor sent ${type}, not µ-law`)
  if (audio.length === 0) return refused('the vendor sent no audio')
  return { id, kind: 'spoken', audio, importMs: takeImportMs() }
}

/** Told once. */
function takeImportMs(): number {
  const took = importMs
  importMs = 0
  return took
}

async function collect(
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer> | 'late' | 'too-much'> {
  const parts: Uint8Array[] = []
  const reader = stream.getReader()
  let bytes = 0
  const deadline = AbortSignal.timeout(TIMEOUT_SECONDS * 1000)
  // To its reader this looks like an end. A stream that fails while it is given up has failed its reader already.
  deadline.addEventListener('abort', () => void reader.cancel().catch(() => undefined))
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.length
    if (bytes > MAX_AUDIO_BYTES) {
      // Unread, it would hold its connection; how it ends is of no interest any more.
      void reader.cancel().catch(() => undefined)
      return 'too-much'
    }
    parts.push(read.value)
  }
  return deadline.aborted ? 'late' : new Uint8Array(Buffer.concat(parts))
}

function isJson(audio: Uint8Array): boolean {
  if (audio[0] !== 0x7b && audio[0] !== 0x5b) return false
  try {
    JSON.parse(Buffer.from(audio).toString('utf8'))
    return true
  } catch {
    return false // Audio that happens to begin with a brace.
  }
}

/** Never rejects. */
async function answer(asked: SpeechAsked): Promise<SpeechAnswer> {
  try {
    return await speak(asked)
  } catch (error) {
    return { id: asked.id, kind: 'refused', why: describeRefusal(error, voiceId) }
  }
}

port.on('message', (asked: SpeechAsked) => {
  void answer(asked).then((told) => {
    port.postMessage(told, told.kind === 'spoken' ? [told.audio.buffer] : [])
  })
})
