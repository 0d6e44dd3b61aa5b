// Prompts ready to be played: files and spoken words as µ-law 8000, kept by what they are. In the main thread, in front
// of the workers.
import { readFile, stat } from 'node:fs/promises'
import {
  ms,
  TELEPHONE_RATE,
  type Milliseconds,
  type PromptSource,
  type SpeechSource,
} from '#core/contracts'
import { AppError, messageOf, systemCodeOf } from '#core/errors'
import { ByteCache } from './byte-cache.ts'
import { PROMPT_RATES, toTelephone } from './telephone-audio.ts'
import { decodeWav, frameBytesOf } from './wav-file.ts'

const MAX_FILE_BYTES = 16 * 1024 * 1024
/** Nobody listens to more, and a playout queue holds no more. */
const MAX_SECONDS = 300
/** Over an hour of speech. */
const MAX_CACHED_BYTES = 32 * 1024 * 1024
/** Of a text to be spoken (SpeechRequest). */
const MAX_TEXT = 2000

export interface PromptLibrary {
  /**
   * µ-law, 8000 bytes a second; shared, never to be written to or transferred.
   * @throws AppError `PROMPT_UNAVAILABLE` naming what is wrong.
   */
  load(source: PromptSource): Promise<Uint8Array>
  /** Fetches it before it is needed; how long it takes to play. @throws as `load`. */
  prepare(source: PromptSource): Promise<Milliseconds>
}

type SpokenPrompt = PromptSource & { readonly kind: 'speech' }

/** `speech` is absent when nobody can speak. */
export function createPromptLibrary(
  speech: SpeechSource | undefined,
  maxCachedBytes = MAX_CACHED_BYTES,
): PromptLibrary {
  const cache = new ByteCache(maxCachedBytes)
  const loading = new Map<string, Promise<Uint8Array>>()
  const once = (key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const cached = cache.get(key)
    if (cached !== undefined) return Promise.resolve(cached)
    const begun = loading.get(key)
    if (begun !== undefined) return begun
    const made = make()
      .then((ulaw) => {
        cache.set(key, ulaw)
        return ulaw
      })
      .finally(() => loading.delete(key))
    loading.set(key, made)
    return made
  }
  const load = (source: PromptSource): Promise<Uint8Array> => {
    switch (source.kind) {
      case 'file':
        return loadFile(source.path, once)
      case 'speech':
        return once(`speech:${source.language ?? ''}:${source.text}`, () => speak(source, speech))
      default:
        return source satisfies never
    }
  }
  return {
    load,
    prepare: async (source) => ms(((await load(source)).length * 1000) / TELEPHONE_RATE),
  }
}

type Once = (key: string, make: () => Promise<Uint8Array>) => Promise<Uint8Array>

/** A file that was replaced has another time or size, and is read again. */
async function loadFile(path: string, once: Once): Promise<Uint8Array> {
  const file = await stat(path).catch((error: unknown) => {
    throw fileUnavailable(path, ioFault(error), error)
  })
  if (!file.isFile()) throw fileUnavailable(path, 'is no file')
  if (file.size > MAX_FILE_BYTES) throw fileUnavailable(path, 'is larger than 16 MB')
  return once(`file:${path}:${file.mtimeMs}:${file.size}`, () => readWav(path))
}

async function readWav(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileUnavailable(path, ioFault(error), error)
  })
  const wav = decodeWav(bytes)
  if (wav.kind === 'unreadable') throw fileUnavailable(path, wav.fault)
  if (!PROMPT_RATES.includes(wav.rateHz))
    throw fileUnavailable(
      path,
      `has ${wav.rateHz} samples a second, not ${PROMPT_RATES.join(', ')}`,
    )
  const seconds = wav.data.length / frameBytesOf(wav) / wav.rateHz
  if (seconds === 0) throw fileUnavailable(path, 'has no audio in it')
  if (seconds > MAX_SECONDS) throw fileUnavailable(path, 'is longer than five minutes')
  return toTelephone(wav)
}

async function speak(
  { text, language }: SpokenPrompt,
  speech: SpeechSource | undefined,
): Promise<Uint8Array> {
  if (speech === undefined)
    throw unavailable('words cannot be spoken: ELEVENLABS_API_KEY is needed for that')
  if (text.trim() === '') throw unavailable('there are no words to be spoken')
  if (text.length > MAX_TEXT) throw unavailable(`the text is longer than ${MAX_TEXT} characters`)
  const request = { text, ...(language !== undefined && { language }) }
  const ulaw = await speech.speak(request).catch((error: unknown) => {
    throw unavailable(messageOf(error), error)
  })
  if (ulaw.length === 0) throw unavailable('the words were spoken as nothing')
  if (ulaw.length > MAX_SECONDS * TELEPHONE_RATE)
    throw unavailable('the words take longer than five minutes')
  return ulaw
}

const unavailable = (message: string, cause?: unknown): AppError =>
  new AppError('PROMPT_UNAVAILABLE', message, { cause })

const fileUnavailable = (path: string, fault: string, cause?: unknown): AppError =>
  unavailable(`the prompt file ${path} ${fault}`, cause)

function ioFault(error: unknown): string {
  const code = systemCodeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user'
  return `cannot be read (${code ?? messageOf(error)})`
}
