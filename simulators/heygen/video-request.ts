// The body of POST /v3/videos with `type: image`, read as strictly as HeyGen does.
import { isWebhookUrl } from '#simulators/animation-studio'
import { invalid } from './words.ts'

export type ImageSource =
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'asset_id'; readonly assetId: string }
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: Buffer }

export type SpeechSource =
  | { readonly type: 'script'; readonly script: string; readonly voiceId: string }
  | { readonly type: 'audio_url'; readonly url: string }
  | { readonly type: 'audio_asset_id'; readonly assetId: string }

export interface VideoRequest {
  readonly image: ImageSource
  readonly speech: SpeechSource
  readonly title: string | null
  readonly aspectRatio: string
  readonly outputFormat: string
  readonly callbackUrl: string | null
  readonly callbackId: string | null
}

type Fields = Readonly<Record<string, unknown>>

const KNOWN = new Set([
  ...['type', 'image', 'script', 'voice_id', 'voice_settings', 'audio_url', 'audio_asset_id'],
  ...['title', 'resolution', 'aspect_ratio', 'fit', 'background', 'remove_background'],
  ...['output_format', 'motion_prompt', 'expressiveness', 'caption', 'watermark'],
  ...['callback_url', 'callback_id'],
])
const CHOICES = {
  resolution: ['720p', '1080p', '4k'],
  aspect_ratio: ['16:9', '9:16', '4:5', '5:4', '1:1', 'auto'],
  fit: ['contain', 'cover'],
  output_format: ['mp4', 'webm'],
  expressiveness: ['low', 'medium', 'high'],
} as const
const MOST_SCRIPT = 5000

/** @throws Refusal */
export function readVideoRequest(
  body: Fields | undefined,
  options: { readonly allowHttpLoopback: boolean },
): VideoRequest {
  if (body === undefined) throw invalid('body', 'is no JSON object')
  if (body['type'] !== 'image') throw invalid('type', 'only image is rendered here')
  const unknown = Object.keys(body).find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw invalid(unknown, 'is unknown')
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = body[name]
    if (value !== undefined && !choices.some((choice) => choice === value))
      throw invalid(name, `must be one of ${choices.join(', ')}`)
  }
  const callbackUrl = textOf(body, 'callback_url')
  if (callbackUrl !== null && !isWebhookUrl(callbackUrl, options.allowHttpLoopback))
    throw invalid('callback_url', 'must be https')
  return {
    image: imageOf(body['image']),
    speech: speechOf(body),
    title: textOf(body, 'title'),
    aspectRatio: textOf(body, 'aspect_ratio') ?? '16:9',
    outputFormat: textOf(body, 'output_format') ?? 'mp4',
    callbackUrl,
    callbackId: textOf(body, 'callback_id'),
  }
}

function textOf(fields: Fields, name: string): string | null {
  const value = fields[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'string' || value === '') throw invalid(name, 'must be a text')
  return value
}

function imageOf(value: unknown): ImageSource {
  const image = typeof value === 'object' && value !== null ? (value as Fields) : {}
  const { type, url, asset_id: assetId, media_type: mediaType, data } = image
  if (type === 'url' && typeof url === 'string' && /^https:\/\/\S+$/.test(url)) return { type, url }
  if (type === 'asset_id' && typeof assetId === 'string') return { type, assetId }
  if (type === 'base64' && typeof mediaType === 'string' && typeof data === 'string')
    return { type, mediaType, data: Buffer.from(data, 'base64') }
  throw invalid('image', 'must be {type: url | asset_id | base64, …}')
}

function speechOf(body: Fields): SpeechSource {
  const [script, url, assetId] = ['script', 'audio_url', 'audio_asset_id'].map((name) =>
    textOf(body, name),
  )
  const given = [script, url, assetId].filter((value) => value !== null).length
  if (given !== 1) throw invalid('script', 'exactly one of script, audio_url, audio_asset_id')
  if (typeof url === 'string') {
    if (!/^https:\/\/\S+$/.test(url)) throw invalid('audio_url', 'must be https')
    return { type: 'audio_url', url }
  }
  if (typeof assetId === 'string') return { type: 'audio_asset_id', assetId }
  const voiceId = textOf(body, 'voice_id')
  if (voiceId === null) throw invalid('voice_id', 'is required with script')
  if (typeof script !== 'string' || script.trim() === '' || script.length > MOST_SCRIPT)
    throw invalid('script', `must have 1 to ${MOST_SCRIPT} characters`)
  return { type: 'script', script, voiceId }
}
