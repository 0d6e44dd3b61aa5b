// SpeechSource by ElevenLabs: text to speech as µ-law 8000, asked for once and then kept on disk.
import type { SpeechRequest, SpeechSource } from '#core/contracts'
import { type Logger, type Metrics, vendorRequestBegun, type VendorResult } from '#core/telemetry'
import { openSpeechCache, type SpeechCache } from './speech-cache.ts'
import { createSpeechThread, speechUnavailable, type SpeechThread } from './speech-thread.ts'

/** Low latency, 32 languages. */
const DEFAULT_MODEL = 'eleven_flash_v2_5'
const MAX_CACHED_FILES = 500
const MAX_TEXT = 2000

export interface SpeechSourceOptions {
  readonly apiKey: string
  /** Of the REST interface: `https://api.elevenlabs.io`. */
  readonly baseUrl: string
  readonly voiceId: string
  /** Made when it is not there. */
  readonly cacheDir: string
  readonly modelId?: string
  /** Files kept; default 500. */
  readonly maxCachedFiles?: number
}

export interface SpeechSourceDeps {
  readonly logger: Logger
  readonly metrics?: Metrics
}

export interface VendorSpeechSource extends SpeechSource {
  /** What is being asked ends in `SPEECH_UNAVAILABLE`. Idempotent. */
  close(): Promise<void>
}

export function createSpeechSource(
  deps: SpeechSourceDeps,
  options: SpeechSourceOptions,
): VendorSpeechSource {
  const { apiKey, baseUrl, voiceId, cacheDir, modelId = DEFAULT_MODEL } = options
  const cache = openSpeechCache(cacheDir, options.maxCachedFiles ?? MAX_CACHED_FILES)
  const thread = createSpeechThread(deps.logger, { apiKey, baseUrl, voiceId, modelId })
  const asking = new Map<string, Promise<Uint8Array>>()
  let isFailing = false
  /** A line when it begins to fail, not one a prompt: a menu has a hundred. */
  const keep = async (name: string, audio: Uint8Array): Promise<void> => {
    try {
      await cache.write(name, audio)
      isFailing = false
    } catch (error) {
      if (!isFailing) deps.logger.warn({ err: error }, 'spoken prompts cannot be kept on disk')
      isFailing = true
    }
  }
  return {
    async speak(request) {
      const { text, language } = request
      if (text.trim() === '') throw speechUnavailable('there are none')
      if (text.length > MAX_TEXT)
        throw speechUnavailable(`there are more than ${MAX_TEXT} characters of them`)
      const name = cache.nameOf({ text, voiceId, modelId, language })
      const begun = asking.get(name)
      if (begun !== undefined) return begun
      const asked = fetchOnce({ ...deps, cache, thread, keep }, name, request)
      asking.set(name, asked)
      try {
        return await asked
      } finally {
        asking.delete(name)
      }
    },
    close: () => thread.close(),
  }
}

interface Fetching extends SpeechSourceDeps {
  readonly cache: SpeechCache
  readonly thread: SpeechThread
  /** Never rejects. */
  readonly keep: (name: string, audio: Uint8Array) => Promise<void>
}

/** A cache that cannot be read or written costs money, not the prompt. */
async function fetchOnce(
  { cache, thread, keep, logger, metrics }: Fetching,
  name: string,
  { text, language }: SpeechRequest,
): Promise<Uint8Array> {
  const kept = await cache.read(name).catch((error: unknown) => {
    logger.warn({ err: error }, 'a spoken prompt on disk cannot be read')
    return undefined
  })
  if (kept !== undefined) return kept
  const ended = vendorRequestBegun(metrics, 'elevenlabs', 'text_to_speech')
  let result: VendorResult = 'failed'
  try {
    const audio = await thread.speak(text, language)
    result = 'ok'
    await keep(name, audio)
    return audio
  } finally {
    ended(result)
  }
}
