// POST /v1/text-to-speech/{voice_id}: words of our recordings come back as these, all others (and all as MP3) as a pattern
// of tones, one a word, about as long as speaking them takes. Error bodies as the vendor writes them.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '#core/errors'
import type { EpochMs } from '#core/contracts'
import { loadSpeech, SPEECH_NAMES, SPEECH_TEXTS, toneUlaw } from '#simulators/speech'
import { encodeSpeech } from './audio-format.ts'
import { mp3Tones } from './mp3-tones.ts'
import type { SpokenRequest } from './records.ts'

/** How speaking goes wrong; all of it optional. */
export interface SpeakingOptions {
  /** Statuses of the first requests, in order, before it works. */
  readonly failures?: readonly number[]
  /** The only voices there are; any by default. */
  readonly voices?: readonly string[]
  /** Before the first byte. Default 20. */
  readonly delayMs?: number
}

export interface SpeakingDeps {
  readonly apiKey: string | undefined
  readonly now: () => EpochMs
  readonly options: SpeakingOptions
  readonly nextFailure: () => number | undefined
  readonly requests: SpokenRequest[]
}

const PATH = /^\/v1\/text-to-speech\/([^/]+)(?:\/stream)?$/
const DELAY_MS = 20
/** What the vendor takes where no format is asked for; others of MP3 are not simulated. */
const MP3 = 'mp3_44100_128'
const MAX_BODY_BYTES = 64 * 1024
/** As the vendor's models have it. */
const MAX_TEXT = 40_000
const LETTER_MS = 65
const PAUSE_MS = 80
const LOWEST_HZ = 350
const HIGHEST_HZ = 900

export const isSpeaking = (request: IncomingMessage): boolean =>
  request.method === 'POST' && PATH.test(pathOf(request))

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?')[0] ?? ''

/** What any voice makes of these words: µ-law at 8 kHz. */
export function spokenText(text: string): Buffer {
  const name = SPEECH_NAMES.find((each) => SPEECH_TEXTS[each] === text)
  if (name !== undefined) return loadSpeech(name)
  const pause = Buffer.alloc(PAUSE_MS * 8, 0xff)
  return Buffer.concat(
    wordsOf(text).flatMap((word) => [toneUlaw(pitchOf(word), word.length * LETTER_MS, -20), pause]),
  )
}

/** The same as MP3 of 128 kbit/s. */
export const spokenMp3 = (text: string): Buffer =>
  mp3Tones(
    wordsOf(text).flatMap((word) => [
      { hz: pitchOf(word), lengthMs: word.length * LETTER_MS },
      { hz: 0, lengthMs: PAUSE_MS },
    ]),
  )

const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '')

function pitchOf(word: string): number {
  const sum = Array.from(word).reduce(
    (total, letter) => total * 31 + (letter.codePointAt(0) ?? 0),
    7,
  )
  return LOWEST_HZ + (sum % (HIGHEST_HZ - LOWEST_HZ))
}

/** Never rejects: what goes wrong is an answer, or a connection that the client left. */
export async function handleSpeaking(
  deps: SpeakingDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { text, language } = wantedIn(await bodyOf(request))
    await sleep(deps.options.delayMs ?? DELAY_MS)
    const outcome = judge(deps, request, text)
    const { status } = outcome
    deps.requests.push({ ...describe(request), at: deps.now(), text, language, status })
    answer(response, outcome)
  } catch (error) {
    response.destroy(error instanceof Error ? error : new Error(messageOf(error)))
  }
}

type Outcome =
  | { readonly status: 200; readonly sound: Buffer; readonly type: string }
  | { readonly status: number; readonly slug: string; readonly message: string }

function judge(deps: SpeakingDeps, request: IncomingMessage, text: string): Outcome {
  const { voiceId, outputFormat } = describe(request)
  const { voices } = deps.options
  if (deps.apiKey !== undefined && request.headers['xi-api-key'] !== deps.apiKey)
    return { status: 401, slug: 'invalid_api_key', message: 'Invalid API key' }
  const failure = deps.nextFailure()
  if (failure !== undefined)
    return { status: failure, slug: slugOf(failure), message: 'As the script says' }
  if (voices !== undefined && !voices.includes(voiceId))
    return { status: 404, slug: 'voice_not_found', message: 'A voice for that id was not found.' }
  if (text === '' || text.length > MAX_TEXT)
    return { status: 422, slug: 'invalid_text', message: 'text is missing or too long' }
  if (outputFormat === MP3) return { status: 200, sound: spokenMp3(text), type: 'audio/mpeg' }
  const sound = encodeSpeech(spokenText(text), outputFormat)
  if (sound === undefined)
    return { status: 422, slug: 'invalid_output_format', message: 'Unknown output format' }
  return { status: 200, sound, type: outputFormat.startsWith('pcm') ? 'audio/pcm' : 'audio/basic' }
}

function slugOf(status: number): string {
  if (status === 401) return 'quota_exceeded'
  return status === 429 ? 'too_many_concurrent_requests' : 'scripted_failure'
}

function describe(request: IncomingMessage): { voiceId: string; outputFormat: string } {
  const url = new URL(request.url ?? '/', 'http://simulator')
  return {
    voiceId: decodeURIComponent(PATH.exec(url.pathname)?.[1] ?? ''),
    outputFormat: url.searchParams.get('output_format') ?? MP3,
  }
}

function answer(response: ServerResponse, outcome: Outcome): void {
  if ('sound' in outcome) {
    response.writeHead(200, { 'content-type': outcome.type })
    response.end(outcome.sound)
    return
  }
  const { status, slug, message } = outcome
  const headers = { 'content-type': 'application/json' }
  response.writeHead(status, status === 429 ? { ...headers, 'retry-after': '1' } : headers)
  response.end(JSON.stringify({ detail: { status: slug, message } }))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request) {
    pieces.push(piece as Buffer)
    bytes += (piece as Buffer).length
    if (bytes > MAX_BODY_BYTES) throw new Error('the request is too long')
  }
  return Buffer.concat(pieces).toString()
}

interface Wanted {
  readonly text: string
  readonly language: string | null
}

function wantedIn(body: string): Wanted {
  const { text, language_code: language } = decoded(body)
  return {
    text: typeof text === 'string' ? text : '',
    language: typeof language === 'string' ? language : null,
  }
}

function decoded(body: string): { readonly text?: unknown; readonly language_code?: unknown } {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    // Not JSON is no text: the caller answers 422.
    return {}
  }
}
