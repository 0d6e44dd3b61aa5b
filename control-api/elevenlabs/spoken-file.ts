// Words as an MP3 file of this machine, by ElevenLabs: for animations, whose providers take sound as a file. By fetch, and not
// by the vendor's library in its thread: nobody waits on the line, and the file is written as it comes.
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { AppError } from '#core/errors'
import { type Metrics, vendorRequestBegun, type VendorResult } from '#core/telemetry'
import { describeAnswer, describeRefusal } from './speech-refusal.ts'
import { speechUnavailable } from './speech-thread.ts'

/** For the ear, where telephone prompts take the fastest one; it hears the language itself. */
const DEFAULT_MODEL = 'eleven_multilingual_v2'
/** All plans have it; six minutes of it are the 6 MB that D-ID takes. */
const OUTPUT_FORMAT = 'mp3_44100_128'
/** Ten minutes, which is the most that a provider animates, and some more. */
const MAX_BYTES = 12 * 1024 * 1024
/** As that model has it; its answer would be 422. */
const MAX_TEXT = 10_000
/** To the last byte: ten minutes of speech are made in about one. */
const TIMEOUT_MS = 120_000
const MAX_REFUSAL_BYTES = 64 * 1024
/** Longer is not waited for, whatever the vendor says. */
const MAX_RETRY_AFTER_SECONDS = 600
const FILE_MODE = 0o600

export interface SpokenFilesOptions {
  /** `https://api.elevenlabs.io` */
  readonly restUrl: string
  /** Absent where the vendor is simulated. */
  readonly apiKey?: string | undefined
  /** Where the words name none. */
  readonly voiceId?: string | undefined
  readonly modelId?: string | undefined
  /** Other than two minutes, in tests. */
  readonly timeoutMs?: number | undefined
}

export interface WordsToSpeak {
  readonly text: string
  /** Of ElevenLabs; null: the default one. */
  readonly voiceId: string | null
  readonly signal: AbortSignal
  /** What the file is for may take less than 12 MB. */
  readonly maxBytes?: number | undefined
}

export interface SpokenFile {
  readonly contentType: 'audio/mpeg'
  readonly bytes: number
}

export interface SpokenFiles {
  /**
   * Replaces a file that is there; afterwards it is whole, or gone.
   * @throws AppError `SPEECH_UNAVAILABLE`; `VOICE_REQUIRED`; the signal's reason when it is aborted.
   */
  speakTo(path: string, words: WordsToSpeak): Promise<SpokenFile>
}

export function createSpokenFiles(
  { metrics }: { readonly metrics: Pick<Metrics, 'add' | 'observe'> },
  options: SpokenFilesOptions,
): SpokenFiles {
  return {
    async speakTo(path, words) {
      const wanted = judge(words, options)
      const ended = vendorRequestBegun(metrics, 'elevenlabs', 'text_to_speech_file')
      let result: VendorResult = 'failed'
      try {
        const bytes = await speak(path, wanted, options)
        result = 'ok'
        return { contentType: 'audio/mpeg', bytes }
      } finally {
        if (result !== 'ok') await rm(path, { force: true })
        ended(result)
      }
    },
  }
}

type Wanted = Omit<Required<WordsToSpeak>, 'voiceId' | 'maxBytes'> & {
  readonly voiceId: string
  readonly maxBytes: number
}

function judge(words: WordsToSpeak, options: SpokenFilesOptions): Wanted {
  const { text, signal } = words
  if (text.trim() === '') throw speechUnavailable('there are none')
  if (text.length > MAX_TEXT)
    throw speechUnavailable(`there are more than ${MAX_TEXT} characters of them`)
  const voiceId = words.voiceId ?? options.voiceId
  if (voiceId === undefined)
    throw new AppError('VOICE_REQUIRED', 'neither the words nor ELEVENLABS_VOICE_ID name a voice')
  signal.throwIfAborted()
  return { text, signal, voiceId, maxBytes: Math.min(words.maxBytes ?? MAX_BYTES, MAX_BYTES) }
}

async function speak(
  path: string,
  words: Wanted,
  { restUrl, apiKey, modelId = DEFAULT_MODEL, timeoutMs = TIMEOUT_MS }: SpokenFilesOptions,
): Promise<number> {
  const { text, voiceId } = words
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(addressOf(restUrl, voiceId), {
      method: 'POST',
      // No "Accept: audio/mpeg": it goes before the format that is asked for.
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { 'xi-api-key': apiKey }),
      },
      body: JSON.stringify({ text, model_id: modelId }),
      // The key is for this host alone.
      redirect: 'error',
      signal: AbortSignal.any([words.signal, timeout]),
    })
    if (!response.ok) throw await refusalOf(response, voiceId)
    return await write(response, path, words.maxBytes)
  } catch (error) {
    if (words.signal.aborted) throw words.signal.reason
    if (error instanceof AppError) throw error
    if (timeout.aborted) throw speechUnavailable('the vendor did not finish in time', error)
    throw speechUnavailable(
      isOfTheDisk(error) ? 'its file cannot be written' : describeRefusal(error, voiceId),
      error,
    )
  }
}

function addressOf(restUrl: string, voiceId: string): URL {
  const url = new URL(restUrl)
  const below = `v1/text-to-speech/${encodeURIComponent(voiceId)}`
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${below}`
  url.searchParams.set('output_format', OUTPUT_FORMAT)
  return url
}

async function write(response: Response, path: string, maxBytes: number): Promise<number> {
  const type = response.headers.get('content-type') ?? ''
  const { body } = response
  if (body === null) throw speechUnavailable('the vendor sent no audio')
  let bytes = 0
  const judged = async function* (source: AsyncIterable<Uint8Array>) {
    for await (const piece of source) {
      // An error's body that is spoken is a burst of noise, and is paid for.
      if (bytes === 0 && piece.length > 0 && !isMp3(piece, type))
        throw speechUnavailable('the vendor sent no MP3')
      bytes += piece.length
      if (bytes > maxBytes)
        throw speechUnavailable(`they are longer than fits into ${maxBytes} bytes`)
      yield piece
    }
  }
  // `body` is async iterable in Node; its type says so only without "dom".
  await pipeline(
    body as AsyncIterable<Uint8Array>,
    judged,
    createWriteStream(path, { mode: FILE_MODE }),
  )
  if (bytes === 0) throw speechUnavailable('the vendor sent no audio')
  return bytes
}

/** An ID3 tag, or the sync word of a frame (ISO/IEC 11172-3 §2.4.2.3). */
function isMp3(begin: Uint8Array, type: string): boolean {
  if (/json|text|html|xml/i.test(type)) return false
  const [first = 0, second = 0] = begin
  if (begin.length === 1) return first === 0xff || first === 0x49
  return (first === 0xff && (second & 0xe0) === 0xe0) || (first === 0x49 && second === 0x44)
}

async function refusalOf(response: Response, voiceId: string): Promise<AppError> {
  const { status, headers } = response
  const why = describeAnswer(status, await bodyOf(response), voiceId)
  const seconds = Number(headers.get('retry-after') ?? NaN)
  if (status !== 429 || !(seconds >= 0)) return speechUnavailable(why)
  const retryAfterSeconds = Math.min(seconds, MAX_RETRY_AFTER_SECONDS)
  return new AppError('SPEECH_UNAVAILABLE', speechUnavailable(why).message, { retryAfterSeconds })
}

/** Undefined when it is not JSON, or too much of it: it only adds a word to what the status says. */
async function bodyOf({ body }: Response): Promise<unknown> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += piece.length
      if (bytes > MAX_REFUSAL_BYTES) return undefined
      pieces.push(piece)
    }
    return JSON.parse(Buffer.concat(pieces).toString()) as unknown
  } catch {
    // Not JSON, or cut off: the status is enough.
    return undefined
  }
}

const isOfTheDisk = (error: unknown): boolean =>
  error instanceof Error &&
  'syscall' in error &&
  (error.syscall === 'open' || error.syscall === 'write')
