// The body of POST /talks, read as strictly as D-ID does (docs.d-id.com/reference/createtalk).
import { isWebhookUrl } from '#simulators/animation-studio'
import { badRequest } from './words.ts'

export type TalkScript =
  | { readonly type: 'text'; readonly input: string; readonly provider: object }
  | { readonly type: 'audio'; readonly audioUrl: string }

export interface TalkRequest {
  readonly sourceUrl: string
  readonly script: TalkScript
  readonly userData: string | null
  readonly name: string | null
  readonly webhook: string | null
  readonly config: object
}

type Fields = Readonly<Record<string, unknown>>

const KNOWN = new Set([
  ...['source_url', 'script', 'config', 'user_data', 'name', 'webhook', 'result_url'],
  ...['driver_url', 'face'],
])
const IMAGE = /^(https|s3):\/\/\S+\.(jpg|jpeg|png)(\?\S*)?$/i
const AUDIO = /^(https|s3):\/\/\S+\.(m4a|flac|mp3|mp4|wav)(\?\S*)?$/i
const PROVIDERS = new Set(['microsoft', 'elevenlabs', 'amazon', 'google', 'azure-openai'])
const LEAST_INPUT = 3
const MOST_INPUT = 40_000
const MOST_WORDS = 10_000
const MOST_USER_DATA = 1000
const MOST_PAD_SECONDS = 60

/** @throws Refusal */
export function readTalkRequest(
  body: Fields | undefined,
  options: { readonly allowHttpLoopback: boolean },
): TalkRequest {
  if (body === undefined) throw badRequest('the body is no JSON object')
  const unknown = Object.keys(body).find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw badRequest(`"${unknown}" is not allowed`)
  const sourceUrl = textOf(body, 'source_url')
  if (sourceUrl === null || !IMAGE.test(sourceUrl))
    throw badRequest('"source_url" must be a valid image URL (https or s3; jpg, jpeg, png)')
  const userData = textOf(body, 'user_data')
  if (userData !== null && (userData.trim() === '' || userData.length > MOST_USER_DATA))
    throw badRequest(`"user_data" must have 1 to ${MOST_USER_DATA} characters`)
  return {
    sourceUrl,
    script: scriptOf(body['script']),
    userData,
    name: textOf(body, 'name'),
    webhook: webhookOf(textOf(body, 'webhook'), options.allowHttpLoopback),
    config: configOf(body['config']),
  }
}

/** Null: it is not there. */
function textOf(fields: Fields, name: string): string | null {
  const value = fields[name]
  if (value === undefined) return null
  if (typeof value !== 'string') throw badRequest(`"${name}" must be a string`)
  return value
}

function webhookOf(url: string | null, allowHttpLoopback: boolean): string | null {
  if (url === null || isWebhookUrl(url, allowHttpLoopback)) return url
  throw badRequest('"webhook" must match ^https://\\S+$')
}

function configOf(value: unknown): object {
  if (value === undefined) return {}
  const config = fieldsOf(value)
  if (config === undefined) throw badRequest('"config" must be an object')
  const { stitch, result_format: format, pad_audio: padding } = config
  if (stitch !== undefined && typeof stitch !== 'boolean')
    throw badRequest('"config.stitch" must be a boolean')
  if (format !== undefined && format !== 'mp4' && format !== 'mov')
    throw badRequest('"config.result_format" must be one of [mp4, mov]')
  const isPadding = typeof padding === 'number' && padding >= 0 && padding <= MOST_PAD_SECONDS
  if (padding !== undefined && !isPadding)
    throw badRequest(`"config.pad_audio" must be from 0 to ${MOST_PAD_SECONDS}`)
  return config
}

const invalidScript = (why: string): Error => badRequest(`Failed to validate script: ${why}`)

function scriptOf(value: unknown): TalkScript {
  const script = fieldsOf(value)
  if (script === undefined) throw badRequest('"script" is required')
  if (script['type'] === 'audio') {
    const audioUrl = script['audio_url']
    if (typeof audioUrl !== 'string' || !AUDIO.test(audioUrl))
      throw invalidScript('"audio_url" must be an https or s3 URL of m4a, flac, mp3, mp4 or wav')
    return { type: 'audio', audioUrl }
  }
  if (script['type'] !== 'text') throw invalidScript('"type" must be one of [text, audio]')
  const input = script['input']
  if (typeof input !== 'string') throw invalidScript('"input" is required')
  const words = script['ssml'] === true ? input.replace(/<[^>]*>/g, '') : input
  if (input.trim().length < LEAST_INPUT || input.length > MOST_INPUT || words.length > MOST_WORDS)
    throw invalidScript(`"input" must have ${LEAST_INPUT} to ${MOST_WORDS} characters`)
  return { type: 'text', input, provider: voiceOf(script['provider']) }
}

function voiceOf(value: unknown): object {
  if (value === undefined) return { type: 'microsoft', voice_id: 'en-US-JennyNeural' }
  const provider = fieldsOf(value)
  const type = provider?.['type']
  if (provider === undefined || typeof type !== 'string' || !PROVIDERS.has(type))
    throw invalidScript(`"provider.type" must be one of [${[...PROVIDERS].join(', ')}]`)
  const voice = provider['voice_id']
  const isGiven = typeof voice === 'string' && voice.trim() !== ''
  if (!isGiven && (voice !== undefined || type !== 'elevenlabs'))
    throw invalidScript('"provider.voice_id" is required')
  // As Microsoft names them: en-US-JennyNeural.
  if (type === 'microsoft' && !/^[a-z]{2,3}-\S+Neural$/.test(String(voice)))
    throw invalidScript('"provider.voice_id" is no voice of microsoft')
  return provider
}

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined
