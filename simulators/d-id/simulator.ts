// The simulated D-ID: uploads, talks, credits and voices, on loopback.
import {
  DAY_MS,
  Refusal,
  Routes,
  StudioPlatform,
  type Answer,
  type StudioRequest,
} from '#simulators/animation-studio'
import { isKey } from './key-check.ts'
import type { DIdOptions, DIdSimulator } from './options.ts'
import { Talks } from './talks.ts'
import { Uploads } from './uploads.ts'
import { VOICES } from './voices.ts'
import { notFound, PAYLOAD_TOO_LARGE, rateLimited, unauthorized } from './words.ts'

/** The user of a key is the base64 of an e-mail address. */
const API_KEY = 'c2ltdWxhdGVkQGV4YW1wbGUuY29t:a-key-of-the-simulator'
const MOST_BYTES = 12 * 1024 * 1024
const CONCURRENCY = 4

const ROUTES = new Routes([
  'POST /images',
  'POST /audios',
  'POST /talks',
  'GET /talks',
  'GET /talks/{id}',
  'DELETE /talks/{id}',
  'GET /credits',
  'GET /tts/voices',
])

export async function startDId(options: DIdOptions = {}): Promise<DIdSimulator> {
  const { apiKey = API_KEY, concurrency: places = CONCURRENCY } = options
  const platform = new StudioPlatform({ options, apiKey, places, retryMs: [] })
  const keptMs = options.uploadsKeptMs ?? DAY_MS
  const uploads = new Uploads({ keptMs, now: platform.now })
  const talks = new Talks(platform, uploads, options)
  const desk = { platform, uploads, talks, options, apiKey }
  await platform.listen({
    words: {
      unauthorized: () => unauthorized(options),
      rateLimited: (seconds) => rateLimited(options, seconds),
    },
    mostBytes: MOST_BYTES,
    routeOf: (method, pathname) => ROUTES.of(method, pathname),
    carryOut: (route, request) => carryOut(desk, route, request),
    tell: (job, telling) => talks.tell(job, telling),
    uploads: () => uploads.size,
  })
  return platform
}

interface Desk {
  readonly platform: StudioPlatform
  readonly uploads: Uploads
  readonly talks: Talks
  readonly options: DIdOptions
  readonly apiKey: string
}

/** @throws Refusal */
function carryOut(desk: Desk, route: string, request: StudioRequest): Answer | Promise<Answer> {
  const { platform, uploads, talks, options, apiKey } = desk
  const { basicForm = 'both', takesBearer = true } = options
  if (!isKey(request.headers.authorization, { apiKey, basicForm, takesBearer }))
    throw new Refusal(unauthorized(options))
  if (request.isTooLarge) throw new Refusal(PAYLOAD_TOO_LARGE)
  switch (route) {
    case 'POST /images':
      return uploads.takeImage(request)
    case 'POST /audios':
      return uploads.takeAudio(request)
    case 'POST /talks':
      return talks.submit(request)
    case 'GET /talks':
      return talks.list(request)
    case 'GET /talks/{id}':
      return talks.get(request)
    case 'DELETE /talks/{id}':
      return talks.remove(request)
    case 'GET /credits':
      return { status: 200, body: creditsOf(platform) }
    case 'GET /tts/voices':
      return { status: 200, body: VOICES }
    default:
      throw notFound()
  }
}

function creditsOf({ credits, billed, now }: StudioPlatform): object {
  const total = credits + billed.length
  const expireAt = new Date(now() + 30 * DAY_MS).toISOString()
  const pot = { owner_id: 'simulated', remaining: credits, total, expire_at: expireAt }
  return { credits: [pot], remaining: credits, total }
}
